"""Prompt: words in, a picture that grows, and what is missing or cannot be, said."""

import json

import numpy as np
import pytest

from gan_core.modalities import drawing
from gan_core.store import prompted
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import click, drawn, known, store, texts, visit  # noqa: F401 (fixtures among them)

TINY = {"filters": 4, "batch_size": 4}


@pytest.fixture
def run(store, known):  # noqa: F811
    return with_checkpoint(store, add_run(store, known, "Painter", architecture="vqgan", data="captions",
                                          values=TINY | {"codes": 16, "code_width": 6, "look": 0.0}))


def picture():
    return drawing.png(drawing.one(np.zeros((32, 32, 3), np.float32)))


def test_where_nothing_paints_by_words_it_says_what_would(store, known):  # noqa: F811
    assert "Train both on images with captions" in texts(visit("prompt"))
    add_run(store, known, "Mine")
    assert "Train both on images with captions" in texts(visit("prompt"))


def test_what_was_painted_is_shown_with_its_words_as_they_are(store, run):  # noqa: F811
    held = store.artifacts(run.id)
    for number, words in enumerate(("a **red** <b>seven</b>", "a blue one")):
        prompted.PICTURES.put(held, {"key": f"{number:016x}", "prompt": words, "begun": float(number), "done": 1.0,
                                     "seconds": 3.0, "likeness": 0.5}, picture())
    at = visit("prompt", run=run.id)
    assert not at.exception and not at.error, texts(at)
    assert "No run of CLIP has learned captions yet" in texts(at)
    assert len(at.get("image")) == 2 and "fits by 0.50 of 1" in texts(at)
    at = drawn(at.button(key="prompt:show:0000000000000000").click().run())
    assert not at.exception and "<b>seven</b>" in texts(at)


def test_words_that_cannot_be_painted_are_told_on_the_page_and_by_the_verb(store, run, known, tmp_path):  # noqa: F811
    clip = with_checkpoint(store, add_run(store, known, "Judge", architecture="clip", data="captions",
                                          values=TINY | {"width": 8, "hidden": 8, "embedding": 4}))
    at = visit("prompt", run=run.id)
    at.text_area(key=f"prompt:{run.id}:text").set_value("a red bird")
    at = click(at, "Paint")
    assert "never learned bird" in texts(at) and "seven" in texts(at)
    asked = ("prompt", run.id, "a red bird", "--out", str(tmp_path / "x.png"), "--clip", clip.id)
    refused = cli(*asked, workspace=store.workspace)
    assert refused.code == 2 and "never learned bird" in refused.err and is_a_sentence(refused.err.strip())
    assert not (tmp_path / "x.png").exists()
    done = cli(*asked[:2], "a red seven on blue", *asked[3:], "--steps", 2, "--starts", 1, "--cutouts", 2, "--json",
               workspace=store.workspace)
    assert done.code == 0 and (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(done.out)
    assert told["clip"] == clip.id and told["end"] and -1 <= told["likeness"] <= 1
    assert [kept["prompt"] for kept in prompted.PICTURES.kept(store.artifacts(run.id))] == ["a red seven on blue"]
