"""My photos: what is dropped there is understood, said, and becomes a run that suits it."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from gan_core.launch import photos
from gan_core.models import cards
from gan_core.pretrained import lite
from helpers_runs import is_a_sentence
from helpers_visits import click, click_twice, drawn, known, links, store, texts, visit  # noqa: F401 (fixtures among them)
from pages.components.own_file import _told_apart


def picture(number, side=40, channels=3):
    shape = (side, side) if channels == 1 else (side, side, channels)
    pixels = np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def packed(names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for number, name in enumerate(names):
            pack.writestr(name, picture(number))
    return file.getvalue()


def drop(at, *files):
    """The page once files, ``(name, content)``, have been dropped on it."""
    for name, content in files:
        at.file_uploader[0].upload(name, content, "application/octet-stream")
    return drawn(at.run())


def pictures(n, **options):
    return [(f"{number}.png", picture(number, **options)) for number in range(n)]


def test_pictures_by_themselves_become_a_set_and_a_run(store, known):  # noqa: F811
    at = drop(visit("photos"), *pictures(6))
    assert "6 training samples of 32 x 32 x 3" in texts(at) and "6 pictures are too few to make others of" in texts(at)
    assert not at.error
    at = click(at, "Start training")
    run, = store.list()
    assert run.architecture == ("projected" if not lite.missing("lite0") else "fastgan")
    assert run.spec["size"] == 32 and run.data.startswith("my-photos-")
    assert run.knobs["convolutions"] == 1 and run.settings["stop_patience"] == 0 and not run.settings["mirror"]


def test_a_zip_of_folders_is_told_its_classes(store, known):  # noqa: F811
    names = [f"{kind}/{number}.png" for kind in ("cat", "dog") for number in range(35)]
    at = drop(visit("photos"), ("pets.zip", packed(names)))
    assert "It is told the 2 classes" in texts(at) and "cat, dog" in texts(at)
    few = [f"{kind}/{number}.png" for kind in ("cat", "dog") for number in range(5)]
    at = drop(visit("photos"), ("few.zip", packed(few)))
    assert "The classes are not told apart" in texts(at)
    click(at, "Start training")
    assert store.list()[0].knobs["class_conditional"] is False


def test_two_fast_clicks_start_one_run(store, known):  # noqa: F811
    at = drop(visit("photos"), *pictures(4))
    click_twice(at, "Start training", page="photos")
    assert len(store.list()) == 1


def test_settings_can_be_changed_first(store, known):  # noqa: F811
    at = drop(visit("photos"), *pictures(4))
    at = click(at, "Change settings first")
    state = at.session_state
    architecture = state["train:architecture"]
    assert at.title[0].value == "Train" and architecture in ("projected", "fastgan")
    assert state[f"knob:{architecture}:convolutions"] == 1 and state["data:name"].startswith("my-photos-")


@pytest.mark.parametrize("files, says", [
    ([("a.png", b"no picture"), ("b.png", b"nor this")], "0 usable"),
    ([("a.zip", b"no zip")], "a.zip"),
    ([("a.png", picture(0)), ("b.zip", packed(["c.png", "d.png"]))], "send it by itself"),
    ([("one.png", picture(0))], "at least two"),
])
def test_what_cannot_be_used_is_told(store, known, files, says):  # noqa: F811
    at = drop(visit("photos"), *files)
    assert says in "\n".join(each.value for each in at.error).replace("\\", ""), texts(at)
    assert not store.list() and not any("Start" in each.label for each in at.button)


def test_pictures_of_one_name_are_told_apart():
    assert list(_told_apart(["a.png", "b/a.png", "c\\a.png", "a.jpg"])) == ["a.png", "a (2).png", "a (3).png", "a.jpg"]


def test_the_way_in_stands_on_home_and_train(store, known):  # noqa: F811
    assert links(visit("home"), "Train on my own photos")
    at = visit("train")
    at = drawn(at.selectbox(key="data:name").set_value("__own__").run())
    assert any(page == "photos" for page, _ in links(at, "Photographs? Drop them on My photos, and settings that suit them "
                                                         "are chosen for you"))


# The plan


@pytest.mark.parametrize("count", [2, 5, 24, 300, 50_000])
@pytest.mark.parametrize("counts", [[], [1, 1], [200, 300]])
@pytest.mark.parametrize("there", [True, False])
def test_every_plan_can_be_launched_and_says_why(known, monkeypatch, count, counts, there):  # noqa: F811
    if not there:
        monkeypatch.setattr(lite, "_path", lambda variant: None)
    elif lite.missing("lite0"):
        pytest.skip(lite.missing("lite0"))
    plan = photos.plan(count, counts, mirror=count > 200, side=64)
    assert all(is_a_sentence(reason) for reason in plan.reasons), plan.reasons
    card = known[plan.architecture]
    names = {knob.name for knob in card.knobs}
    for knob in card.knobs:
        knob.check(plan.values.get(knob.name, knob.default))
    from gan_core.config.spec import RunSettings

    assert set(plan.values) <= names | {knob.name for knob in RunSettings.knobs()}
    assert 0 < plan.recognisable < plan.improving <= plan.values["steps"]
    assert (plan.values.get("convolutions") == 1) == (count < photos.MANY)
    # Where nothing measures, or nothing that ranks photographs, no measurement ends the run.
    assert ("stop_patience" in plan.values) == (there and count >= photos.ENOUGH)


@pytest.mark.parametrize("side, wanted", [(20, 32), (40, 32), (64, 64), (4000, 64)])
def test_small_pictures_stay_small(side, wanted):
    assert photos.side_for(side) == wanted


def test_24_pixels_are_refused_nowhere_and_26_in_a_sentence():
    from gan_core.data import IMAGES, DataSpec

    if not lite.missing("lite0"):
        assert not cards.card("projected").refuses(DataSpec(IMAGES, (24, 24, 3)))
    refusal = cards.card("fastgan").refuses(DataSpec(IMAGES, (26, 26, 3)))
    assert is_a_sentence(refusal) and "multiple of 4" in refusal
