"""My photos: what is dropped there is understood, said, and becomes a run that suits it."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_core.config.spec import RunSettings
from gan_core.data import IMAGES, DataSpec, uploads
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
    ([("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(900)), ("IMG_2.HEIC", b"\0\0\0\x18ftypheic" + bytes(900))],
     "converted to PNG or JPEG (IMG_1.HEIC"),
    ([("a.wav", b"RIFF....WAVE" + bytes(900)), ("b.wav", b"RIFF....WAVE" + bytes(900))], "and no pictures"),
])
def test_what_cannot_be_used_is_told(store, known, files, says):  # noqa: F811
    at = drop(visit("photos"), *files)
    assert says in "\n".join(each.value for each in at.error).replace("\\", ""), texts(at)
    assert not store.list() and not any("Start" in each.label for each in at.button)


def test_what_is_of_no_use_beside_pictures_is_counted_and_not_kept(store, known):  # noqa: F811
    others = [(name, start + bytes(10**6)) for name, start in (("IMG_7.HEIC", b"\0\0\0\x18ftypheic"), ("film.mov", b""),
                                                               ("notes.docx", b"PK"))]
    at = drop(visit("photos"), *pictures(4), *others)
    said = texts(at).replace("\\", "")
    assert "4 training samples" in said and "IMG_7.HEIC" in said and "film.mov" in said and "notes.docx" in said, said
    (sent,) = uploads.kept(store.workspace)
    assert sent.stat().st_size < 10**5


def test_a_list_beside_pictures_names_their_classes(store, known):  # noqa: F811
    rows = "".join(f"{number}.png,{'cat' if number % 2 else 'dog'}\n" for number in range(8))
    at = drop(visit("photos"), *pictures(8), ("metadata.csv", f"file_name,label\n{rows}".encode()))
    assert "2 classes (cat, dog)" in texts(at)


def test_copies_count_once(store, known):  # noqa: F811
    at = drop(visit("photos"), *[(f"{number}.png", picture(number % 5)) for number in range(40)])
    said = texts(at)
    assert "5 different pictures are too few to make others of" in said and not at.error
    assert "Only 5 of 40 images differ" in said and "too few to tell" in said
    at = drop(visit("photos"), *[(f"{number}.png", picture(0)) for number in range(40)])
    assert "1 different picture is too few" in texts(at) and not at.error
    assert "All 40 images are the same one" in texts(at)


def test_other_pictures_are_asked_anew_how_large_they_are(store, known):  # noqa: F811
    at = drop(visit("photos"), *pictures(3, side=24))
    assert "of 32 x 32 x 3" in texts(at)
    at.text_input(key="photos:name").set_value("small ones")
    at = drop(at, *pictures(4, side=100))
    assert "4 training samples of 64 x 64 x 3" in texts(at) and not at.text_input(key="photos:name").value


def test_pictures_are_made_of_one_size_alone_and_arrays_keep_theirs(store, known):  # noqa: F811
    drop(visit("photos"), *pictures(3, side=24))
    assert [file.name.rpartition("-")[2] for file in (store.workspace / "datasets").glob("*.npz")] == ["32.npz"]
    file = io.BytesIO()
    np.save(file, np.random.default_rng(0).integers(0, 256, (6, 28, 28, 1), dtype=np.uint8))
    at = drop(visit("photos"), ("small.npy", file.getvalue()))
    assert "6 training samples of 32 x 32 x 1" in texts(at)


def test_what_does_not_suit_says_so_alone(store, known):  # noqa: F811
    names = [f"{side}/{number}.png" for side in ("source", "target") for number in range(4)]
    at = drop(visit("photos"), ("pairs.zip", packed(names)))
    assert "learns images, not pairs of images" in "\n".join(error.value for error in at.error)
    assert "looks at the pictures for it" not in texts(at)


def test_pictures_of_one_name_are_told_apart():
    assert list(_told_apart(["a.png", "b/a.png", "c\\a.png", "a.jpg"])) == ["a.png", "a (2).png", "a (3).png", "a.jpg"]


def test_the_way_in_stands_on_home_and_train(store, known):  # noqa: F811
    assert links(visit("home"), "Train on my own photos")
    at = visit("train")
    at = drawn(at.selectbox(key="data:name").set_value("__own__").run())
    assert any(page == "photos" for page, _ in links(at, "Photographs? Drop them on My photos, and settings that suit them "
                                                         "are chosen for you"))


def test_sets_of_one_title_are_told_apart_in_the_list_of_data(store, known):  # noqa: F811
    at = drop(drop(visit("photos"), *pictures(4)), *pictures(5))
    options = visit("train").selectbox(key="data:name").options
    assert not at.error and sum("my-photos-" in each and " images" in each for each in options) == 2, options


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
    assert all(is_a_sentence(reason) for reason in (*plan.reasons, plan.seen)), plan
    assert ("with so few pictures" in plan.seen) == (count < photos.ENOUGH)
    assert ("with FastGAN" in plan.seen) == (plan.architecture == "fastgan")
    card = known[plan.architecture]
    names = {knob.name for knob in card.knobs}
    for knob in card.knobs:
        knob.check(plan.values.get(knob.name, knob.default))
    assert set(plan.values) <= names | {knob.name for knob in RunSettings.knobs()}
    assert 0 < plan.recognisable < plan.improving <= plan.values["steps"]
    assert (plan.values.get("convolutions") == 1) == (count < photos.MANY)
    # Where nothing measures, or nothing that ranks photographs, no measurement ends the run.
    assert ("stop_patience" in plan.values) == (there and count >= photos.ENOUGH)


def test_the_command_in_the_readme_is_what_the_page_chooses(known):  # noqa: F811
    if lite.missing("lite0") or lite.missing("lite1"):
        pytest.skip(lite.missing("lite0") or lite.missing("lite1"))
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    command = re.search(r"python -m gan_core (train projected .*?)\n```", readme, re.DOTALL)[1].replace("\\\n", " ")
    words = dict(re.findall(r"--set (\w+)=(\S+)", command)) | dict(re.findall(r"--(steps|size) (\S+)", command))
    plan = photos.plan(300, [], mirror=True, side=int(words.pop("size")))
    card = known[plan.architecture]
    usual = {knob.name: knob for knob in (*card.knobs, *RunSettings.knobs())}
    defaults = {name: knob.default for name, knob in usual.items()} | card.defaults(IMAGES) | card.settings(IMAGES)
    given = {name: usual[name].check(text) for name, text in words.items()}
    assert given == {name: value for name, value in plan.values.items() if value != defaults[name]}


@pytest.mark.parametrize("channels, architecture", [(1, "projected"), (3, "projected"), (4, "fastgan")])
def test_grey_pictures_and_those_with_alpha_are_no_colour_photographs(known, channels, architecture):  # noqa: F811
    if lite.missing("lite0") or lite.missing("lite1"):
        pytest.skip(lite.missing("lite0") or lite.missing("lite1"))
    plan = photos.plan(300, [], mirror=True, side=64, channels=channels)
    assert plan.architecture == architecture and all(is_a_sentence(reason) for reason in plan.reasons), plan.reasons
    assert not known[architecture].refuses(DataSpec(IMAGES, (64, 64, channels)))
    # What watches a run on them ranks photographs poorly: it must not end one.
    assert ("stop_patience" in plan.values) == (channels == 3)


@pytest.mark.parametrize("side, wanted", [(20, 32), (40, 32), (64, 64), (4000, 64)])
def test_small_pictures_stay_small(side, wanted):
    assert photos.side_for(side) == wanted


def test_24_pixels_are_refused_nowhere_and_26_in_a_sentence():
    if not lite.missing("lite0"):
        assert not cards.card("projected").refuses(DataSpec(IMAGES, (24, 24, 3)))
    refusal = cards.card("fastgan").refuses(DataSpec(IMAGES, (26, 26, 3)))
    assert is_a_sentence(refusal) and "multiple of 4" in refusal
