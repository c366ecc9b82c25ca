"""The Doodle page: which runs can be drawn for, an example to begin with, names of colours, and what the canvas says."""

import base64

import numpy as np
import pytest

from gan_core.store import label_names
from gan_core.errors import BadInput
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import is_a_sentence
from helpers_visits import drawn, known, store, texts, visit  # noqa: F401 (fixtures among them)
from pages.components import doodle

PALETTE = [[255], [0]]


@pytest.fixture
def run(store, known):  # noqa: F811
    made = with_checkpoint(store, add_run(store, known, "Lines", architecture="pix2pix", data="digits+edges",
                                          values={"filters": 4, "batch_size": 4}))
    store.update(made.id, facts=made.facts | {"palette": PALETTE})
    return store.get(made.id)


def test_where_nothing_can_be_drawn_for_it_says_what_would(store, known):  # noqa: F811
    add_run(store, known, "Noise")
    with_checkpoint(store, add_run(store, known, "Grey", architecture="pix2pix", data="digits+noisy",
                                   values={"filters": 4, "batch_size": 4}))
    assert "No run here makes pictures of drawings yet" in texts(visit("doodle"))


def test_an_empty_canvas_asks_for_a_drawing_and_an_example_is_drawn(store, run):  # noqa: F811
    at = visit("doodle", run=run.id)
    assert not at.error and "Draw something" in texts(at), texts(at)
    assert not [question for question in store.asked if question.task == "translate"]
    at = drawn(next(button for button in at.button if button.label == "Start from an example").click().run())
    asked = [dict(question.knobs) for question in store.asked if question.task == "translate"]
    assert asked[0] == {"held_out": 1, "seed": 0} and not at.error


def test_what_the_browser_says_is_a_map_or_nothing():
    labels = np.random.default_rng(0).integers(0, 2, (4, 6)).astype(np.uint8)
    told = {"labels": base64.b64encode(labels.tobytes()).decode()}
    np.testing.assert_array_equal(doodle._labels(told, (4, 6), 2), labels)
    for bad in ({}, {"labels": 3}, {"labels": "%%"}, {"labels": base64.b64encode(b"123").decode()}):
        assert doodle._labels(bad, (4, 6), 2) is None
    assert doodle._labels(told, (4, 6), 1) is None, "a colour that there is not"


def test_names_are_kept_with_the_run(store, run):  # noqa: F811
    held = store.artifacts(run.id)
    assert label_names.of(held, 3) == ["1", "2", "3"]
    label_names.keep(held, ["wall", "", " door "])
    assert label_names.of(held, 3) == ["wall", "2", "door"] and label_names.of(held, 2) == ["1", "2"]
    for names, says in ((["a", "a"], "one name"), (["x" * 50, "b"], "at most")):
        with pytest.raises(BadInput, match=says) as refused:
            label_names.keep(held, names)
        assert is_a_sentence(str(refused.value))
    held.put(label_names.NAME, b"{broken")
    assert label_names.of(held, 2) == ["1", "2"]
    at = visit("doodle", run=run.id)
    at.text_input(key=f"doodle:{run.id}:name:0").set_value("ground")
    at = drawn(next(button for button in at.button if button.label == "Keep the names").click().run())
    assert not at.error and label_names.of(held, 2) == ["ground", "2"]
