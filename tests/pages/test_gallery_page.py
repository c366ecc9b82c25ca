"""The Gallery page: the steps of a run, the newest samples of every run, and a GIF of it all."""

import pytest
from PIL import Image

import helpers_visits
from gan_core.store.artifacts import ANIMATION, NotWritten
from helpers_pages import add_run
from helpers_visits import captions, click, drawn, texts, visit

known, store = helpers_visits.known, helpers_visits.store  # the fixtures


def test_the_gallery_walks_through_the_steps_of_a_run(store, known):
    run = add_run(store, known, "Seen", sheets_at=(0, 1, 10, 100, 500, 1000))
    at = visit("gallery", run=run.id)
    slider = at.select_slider(key=f"gallery:{run.id}:step")
    assert list(slider.options) == ["0", "1", "10", "100", "500", "1,000"] and slider.value == 1000
    assert captions(at)[0] == "Step 1,000" and "6 sheets, from step 0 to 1,000" in texts(at)
    at = drawn(slider.set_value(10).run())
    assert captions(at)[0] == "Step 10"
    at = drawn(at.toggle(key="gallery:compare").set_value(True).run())
    assert captions(at)[:2] == ["Step 1", "Step 1,000"] or captions(at)[:2] == ["Step 10", "Step 1,000"]
    at = drawn(at.select_slider(key=f"gallery:{run.id}:Left").set_value(0).run())
    assert captions(at)[:2] == ["Step 0", "Step 1,000"]


def test_the_gallery_shows_the_newest_sheet_of_every_run_that_has_one(store, known):
    for name, of in (("A", {}), ("B", {"data": "ring"}), ("C", {"step": 0, "status": "failed"})):
        add_run(store, known, name, **of)
    at = visit("gallery")
    assert list(at.selectbox(key="gallery:run").options) == [
        f"{run.name}  ·  {run.id}" for run in store.list() if run.name != "C"]
    newest = at.tabs[1]
    assert len(newest.get("image")) == 2 and "C" not in [each.value.strip("*") for each in newest.markdown]


def test_the_gallery_of_a_run_with_one_sheet(store, known):
    run = add_run(store, known, sheets_at=(0,))
    at = visit("gallery", run=run.id)
    assert not at.select_slider and "Only step 0 so far" in texts(at)
    drawn(at.toggle(key="gallery:compare").set_value(True).run())


def test_labelled_samples_say_which_class_a_row_is(store, known):
    run = add_run(store, known, architecture="cgan", values={})
    assert "One class a row, from the top: **0**, **1**, **2**, **3**." in texts(visit("gallery", run=run.id))
    plain = add_run(store, known, architecture="dcgan")
    assert "keeps its noise over the whole run" in texts(visit("gallery", run=plain.id))


@pytest.mark.parametrize("data, rows", [("ring", "points"), ("wine", "rows")])
def test_sheets_without_places_promise_none_and_say_what_their_colours_mean(store, known, data, rows):
    run = add_run(store, known, architecture="gan", data=data)
    shown = visit("gallery", run=run.id)
    assert "Each place" not in texts(shown) and "Every sheet is drawn from the same noise." in texts(shown)
    for at in (shown, visit("monitor", run=run.id), visit("home")):
        assert any("Step 1,000 · " in caption and f"generated {rows}" in caption for caption in captions(at))
    other = add_run(store, known, architecture="gan", data=data)
    assert f"Orange: generated {rows}" in texts(visit("compare", runs=f"{run.id},{other.id}")).replace("\\", "")


def test_a_gif_of_the_whole_run(store, known):
    run = add_run(store, known, sheets_at=(0, 1, 10, 100, 500, 1000))
    at = click(visit("gallery", run=run.id), "Make a GIF of the whole run")
    assert len(at.get("image")) == 3 and "Download the GIF" in [each.label for each in at.get("download_button")]
    with Image.open(store.artifacts(run.id).open("samples.gif")) as picture:
        assert picture.format == "GIF" and picture.n_frames == 6


def test_a_gif_that_finds_no_room_is_shown_all_the_same(store, known, monkeypatch):
    run = add_run(store, known, sheets_at=(0, 1, 10))

    def full(self, name, data):
        raise NotWritten(f"{name} could not be written; make room.", "No space left on device")

    monkeypatch.setattr(type(store.artifacts(run.id)), "put", full)
    at = click(visit("gallery", run=run.id), "Make a GIF of the whole run")
    assert not at.error and len(at.get("image")) == 3 and ANIMATION not in store.artifacts(run.id)


def test_samples_that_go_while_one_looks(store, known):
    run = add_run(store, known, "Doomed")
    add_run(store, known, "Other")
    at = visit("gallery", run=run.id)
    store.delete(run.id)
    drawn(at.toggle(key="gallery:compare").set_value(True).run())
