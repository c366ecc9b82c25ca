"""The gallery's other pictures: the levels of a pyramid, the canvas after each step, rows of classes and codes."""

import dataclasses

import numpy as np

from gan_core.store import artifacts
from helpers_pages import add_run, recording
from helpers_visits import captions, drawn, known, store, texts, visit  # noqa: F401 (fixtures)
from pages.components import shell

LEVELS = ("coarse", "detail", "sum")


def add_views(store, run, title="Levels", rows=LEVELS, steps=(0, 100, 1000)):
    with recording(store, run) as recorder:
        for step in steps:
            recorder.view(step, title, [(name, np.full((8, 32, 32, 1), step / 1000, np.float32)) for name in rows])


def alts(at):
    return [picture.alt for each in at.get("image") for picture in each.proto.imgs]


def test_a_run_without_views_offers_no_choice(store, known):
    run = add_run(store, known, architecture="dcgan")
    assert not visit("gallery", run=run.id).get("button_group")


def test_a_view_has_its_own_steps_and_says_what_its_rows_are(store, known):
    run = add_run(store, known, "In levels", architecture="lapgan")
    add_views(store, run)
    at = visit("gallery", run=run.id)
    choice = at.get("button_group")[0]
    assert [each.content for each in choice.proto.options] == ["Samples", "Levels"]
    assert captions(at)[0] == "Step 1,000" and "Rows from the top" not in texts(at), "samples first"
    at = drawn(choice.set_value("Levels").run())
    assert "Rows from the top: **coarse**, **detail**, **sum**." in texts(at)
    assert alts(at)[0] == "Levels of In levels after 1,000 steps; rows: coarse, detail, sum"
    slider = at.select_slider(key=f"gallery:{run.id}:Levels:step")
    assert list(slider.options) == ["0", "100", "1,000"]
    assert captions(drawn(slider.set_value(100).run()))[0] == "Step 100"


def test_two_views_and_one_step(store, known):
    run = add_run(store, known, architecture="gran")
    add_views(store, run, "Canvas", ("step 1", "step 2"), steps=(0,))
    add_views(store, run, "Levels", steps=(0,))
    assert [view.title for view in artifacts.views(store.artifacts(run.id))] == ["Canvas", "Levels"]
    at = drawn(visit("gallery", run=run.id).get("button_group")[0].set_value("Canvas").run())
    assert "Only step 0 so far" in texts(at) and "**step 1**, **step 2**" in texts(at)


def test_rows_are_those_of_the_step_that_is_shown(store, known):
    """A network that grows has a row more in each stage; a run that was resumed goes on with what it has."""
    run = add_run(store, known, "Growing", architecture="progan")
    add_views(store, run, "Resolutions", ("4 x 4",), steps=(0, 100))
    add_views(store, run, "Resolutions", ("4 x 4", "8 x 8"), steps=(600, 1000))
    at = drawn(visit("gallery", run=run.id).get("button_group")[0].set_value("Resolutions").run())
    assert "**4 x 4**, **8 x 8**." in texts(at)
    at = drawn(at.select_slider(key=f"gallery:{run.id}:Resolutions:step").set_value(100).run())
    assert "**4 x 4**." in texts(at) and "8 x 8" not in texts(at)
    [view] = artifacts.views(store.artifacts(run.id))
    assert [len(view.rows_at(step)) for step in (0, 599, 600, 5000)] == [1, 1, 2, 2]
    store.artifacts(run.id).put(view.prefix + "rows.json", b'{"title": "Resolutions", "rows": ["of", "before"]}')
    assert artifacts.views(store.artifacts(run.id))[0].rows_at(7) == ("of", "before")


def test_rows_of_codes_are_told_from_rows_of_classes(store, known, monkeypatch):
    told = add_run(store, known, architecture="acgan")
    assert "One class a row, from the top: **0**, **1**, **2**, **3**." in texts(visit("gallery", run=told.id))
    coded = known["dcgan"].inputs + ({"kind": "code", "size": 10, "name": "code"},)
    finding = known | {"dcgan": dataclasses.replace(known["dcgan"], inputs=coded)}
    monkeypatch.setattr(shell, "known_cards", lambda: finding)
    run = add_run(store, known, architecture="dcgan")
    assert "One code a row, from 0 at the top" in texts(visit("gallery", run=run.id))
