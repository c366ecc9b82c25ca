"""Pairs: made of any images by a recipe, cut from pictures side by side, and label maps given their colours back."""

import io
import json
import unicodedata

import numpy as np
import pytest
from PIL import Image

import helpers_data
from gan_core import data
from gan_core.config.import_knobs import ImportKnobs
from gan_core.data import PAIRS, choices, keeping, palettes, recipes
from gan_core.data.pixels import decode
from gan_core.data.recipes import small
from gan_core.data.recipes.edges import edges
from gan_core.errors import BadInput
from gan_core.evaluation import label_reading
from gan_core.modalities.base import modality
from gan_core.models import cards
from helpers_data import encoded, noise, write_folder
from helpers_runs import cli, is_a_sentence

workspace = helpers_data.workspace  # the fixture
COLOURS = np.array([[0, 48, 255], [255, 80, 0], [174, 0, 1], [32, 255, 224]], np.uint8)


def images(n=6, side=16, channels=3, seed=0):
    """Smooth pictures, uint8 (n, side, side, channels)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (n, 4, 4, channels)).astype(np.uint8)
    large = [np.asarray(Image.fromarray(one.squeeze()).resize((side, side), Image.BICUBIC)) for one in coarse]
    return np.stack(large).reshape(n, side, side, channels)


def label_map(seed, side=64):
    """A map of squares of :data:`COLOURS`, (side, side, 3)."""
    patches = np.random.default_rng(seed).integers(0, len(COLOURS), (4, 4))
    return COLOURS[patches.repeat(side // 4, 0).repeat(side // 4, 1)]


# Recipes


def test_the_recipes_of_the_command_line_are_there():
    assert {"edges", "grey", "masked", "noisy", "small", "small2"} <= set(recipes.recipes()) and recipes.broken() == {}


@pytest.mark.parametrize("name", list(recipes.recipes()))
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_recipe_makes_sources_of_every_image_or_says_why_not(name, channels):
    recipe, x = recipes.recipes()[name], images(channels=channels)
    if channels == 1 and recipe.coloured:
        with pytest.raises(BadInput, match="in colour") as refused:
            recipe.sources(x, 0)
        assert is_a_sentence(str(refused.value))
        return
    sources = recipe.sources(x, 0)
    assert sources.dtype == np.uint8 and sources.shape[:3] == (6, 16 // recipe.smaller, 16 // recipe.smaller)
    assert sources.shape[-1] == (recipe.channels or channels) and not np.array_equal(sources, x)
    assert np.array_equal(sources, recipe.sources(x, 0)), "the same for everyone"


@pytest.mark.parametrize("name", list(recipes.recipes()))
def test_a_source_depends_on_no_other_image(name, monkeypatch):
    recipe, x = recipes.recipes()[name], images(40)
    alone = recipe.sources(x[:1], 3)
    assert np.array_equal(recipe.sources(x, 3)[:1], alone)
    monkeypatch.setattr(recipes.base, "AT_ONCE", 7)
    if name != "noisy":  # whose levels are drawn for some at a time
        assert np.array_equal(recipe.sources(x, 3)[:1], alone)


def test_lines_are_where_brightness_changes_and_nowhere_else():
    square = np.zeros((2, 32, 32, 1), np.uint8)
    square[0, 8:24, 8:24] = 255
    lines = edges(square)[..., 0]
    assert (lines[1] == 255).all(), "of one colour there are none"
    drawn = lines[0] == 0
    assert 40 <= drawn.sum() <= 90, "lines of one pixel around 64 pixels"
    rows, columns = np.nonzero(drawn)
    away = [np.minimum(abs(places - 7.5), abs(places - 23.5)) for places in (rows, columns)]
    assert np.minimum(*away).max() <= 1, "of the square's edges"


def test_small_is_the_mean_of_squares():
    x = images(3, 16)
    assert np.abs(recipes.recipes()["small"].sources(x, 0)[0, 1, 2] - x[0, 4:8, 8:12].mean((0, 1))).max() <= 0.5
    assert small.recipe(2).sources(x, 0).shape == (3, 8, 8, 3)
    with pytest.raises(BadInput, match="multiple of 4") as refused:
        recipes.recipes()["small"].sources(images(3, 18), 0)
    assert is_a_sentence(str(refused.value))


def test_a_hole_is_a_rectangle_and_all_else_is_as_it_was():
    x = images(8, 32)
    for before, after in zip(x, recipes.recipes()["masked"].sources(x, 1)):
        changed = (before != after).any(-1)
        rows, columns = np.nonzero(changed)
        hole = after[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
        assert (hole == 127).all() and 8 <= hole.shape[0] <= 16 and 8 <= hole.shape[1] <= 16


# Datasets of them


@pytest.mark.parametrize("name, source", [("digits+edges", (8, 8, 1)), ("digits+small", (2, 2, 1)),
                                          ("digits+noisy", (8, 8, 1))])
def test_pairs_are_made_of_a_dataset_by_its_name(name, source):
    dataset, plain = data.load(name), data.load("digits")
    assert dataset.kind == PAIRS and dataset.name == name and np.array_equal(dataset.x, plain.x)
    assert dataset.more["source"].shape[1:] == source and dataset.y is None and not dataset.classes
    info = data.described(name)
    assert info.spec() == dataset.spec and info.made_of == "digits" and info.kind == PAIRS
    assert name not in [line.name for line in data.catalogue()], "the catalogue is of what they are made of"
    assert data.load(name, size=16).spec == info.spec(16)
    if plain.x_test is not None:
        assert len(dataset.more_test["source"]) == len(plain.x_test)


def test_pairs_of_ones_own_images_keep_some_apart(tmp_path, workspace):
    write_folder(tmp_path / "mine", {f"{number}.png": noise(number, 8) for number in range(400)})
    own = data.load(str(tmp_path / "mine"), size=8, workspace=workspace)
    pairs = data.load(f"{own.name}+edges", size=8, workspace=workspace, held_out=0.25)
    assert pairs.apart and (len(pairs), len(pairs.x_test), len(pairs.more_test["source"])) == (300, 100, 100)
    assert data.is_own(pairs.name, workspace) and not data.is_own("digits+edges", workspace)
    assert data.load("mine+edges", size=8, workspace=workspace).name == f"{own.name}+edges", "by the name that a person gave"


@pytest.mark.parametrize("name, says", [("digits+sketch", "no dataset 'digits\\+sketch'"), ("digits+grey", "in colour"),
                                        ("ring+edges", "made of images, and ring is none"),
                                        ("wine+edges", "wine is none"), ("digits+edges+noisy", "has pairs already"),
                                        ("digits+3,8+edges", "is none"), ("nothing+edges", "no dataset")])
def test_what_cannot_be_made_is_a_sentence(name, says):
    with pytest.raises(BadInput, match=says) as refused:
        data.load(name)
    assert is_a_sentence(str(refused.value))


# Side by side


def side_by_side(left, right):
    return encoded(Image.fromarray(np.concatenate([left, right], axis=1)))


@pytest.mark.parametrize("pairs", ["left-right", "right-left"])
def test_pictures_side_by_side_become_pairs(tmp_path, workspace, pairs):
    left, right = images(5, 32), images(5, 32, seed=1)
    write_folder(tmp_path / "both", {f"{number}.png": side_by_side(*two) for number, two in enumerate(zip(left, right))})
    chosen = ImportKnobs.parse({"pairs": pairs}).choices
    dataset = data.load(str(tmp_path / "both"), size=32, workspace=workspace, choices=chosen)
    source, target = (left, right) if pairs == "left-right" else (right, left)
    assert np.array_equal(dataset.more["source"], source) and np.array_equal(dataset.x, target)
    assert data.load(dataset.name, workspace=workspace).identity == dataset.identity


@pytest.mark.parametrize("layout, pairs", [
    ("{split}/{number}.png", "left-right"), ("{split}/source/{number}.png {split}/target/{number}.png", "auto"),
    ("{split}/A/{number}.png {split}/B/{number}.png", "folders"), ("A/{split}/{number}.png B/{split}/{number}.png", "auto"),
    ("Source/{split}/{number}.png Target/{split}/{number}.png", "auto")])
def test_pairs_for_tests_are_not_trained_on(tmp_path, workspace, layout, pairs):
    pictures = images(3 * 6, 8)
    for place, split in enumerate(("train", "val", "test")):
        for number in range(6):
            for name in layout.split():
                path = tmp_path / "set" / name.format(split=split, number=number)
                path.parent.mkdir(parents=True, exist_ok=True)
                one = pictures[6 * place + number]
                Image.fromarray(np.hstack([255 - one, one]) if pairs == "left-right" else one).save(path)
    chosen = choices.Choices(pairs=pairs)
    dataset = data.load(str(tmp_path / "set"), size=8, workspace=workspace, choices=chosen)
    assert dataset.kind == PAIRS and np.array_equal(dataset.x, pictures[:6])
    assert np.array_equal(dataset.x_test, pictures[12:])
    assert len(dataset.more["source"]) == len(dataset.more_test["source"]) == 6
    assert "of the folder test are the test set" in dataset.note and "for validation" in dataset.note
    assert "6 pairs are few" in dataset.note
    again = data.load(dataset.name, workspace=workspace)
    assert np.array_equal(again.x_test, dataset.x_test) and again.identity == dataset.identity
    assert np.array_equal(again.more_test["source"], dataset.more_test["source"])


def test_domains_and_classes_of_equal_names_are_no_pairs(tmp_path, workspace):
    for number, one in enumerate(images(12, 8)):
        for folder in ("trainA", "trainB", "testA", "testB"):
            (tmp_path / "domains" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(one).save(tmp_path / "domains" / folder / f"{number}.png")
        for folder in ("train/A", "train/B", "test/A", "test/B"):
            (tmp_path / "classes" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(one).save(tmp_path / "classes" / folder / f"{number}.png")
    for name in ("domains", "classes"):
        dataset = data.load(str(tmp_path / name), size=8, workspace=workspace)
        assert dataset.kind == "images" and dataset.classes == ("A", "B") and len(dataset.x_test) == 24


def test_folders_that_are_asked_for_and_not_there_are_told(tmp_path):
    write_folder(tmp_path / "mine", {f"cat/{number}.png": noise(number) for number in range(3)})
    with pytest.raises(BadInput, match="no two folders of pairs") as refused:
        data.load(str(tmp_path / "mine"), choices=ImportKnobs.parse({"pairs": "folders"}).choices)
    assert is_a_sentence(str(refused.value))


def test_a_map_and_its_photograph_may_be_files_of_different_kinds(tmp_path):
    files = {f"A/{number}.png": noise(number) for number in range(3)}
    files |= {f"B/{number}.jpg": encoded(Image.open(io.BytesIO(noise(number))), "JPEG") for number in range(3)}
    write_folder(tmp_path / "mine", files)
    assert len(data.load(str(tmp_path / "mine"), choices=ImportKnobs.parse({"pairs": "folders"}).choices)) == 3


# Label maps


def blurred(pixels):
    """As JPEG leaves them."""
    return np.asarray(Image.open(io.BytesIO(encoded(Image.fromarray(pixels), "JPEG", quality=70))))


def test_the_colours_of_label_maps_are_found_though_jpeg_has_blurred_them():
    maps = np.stack([blurred(label_map(seed)) for seed in range(12)])
    assert len(np.unique(maps.reshape(-1, 3), axis=0)) > 100
    found = palettes.found(maps)
    assert len(found) == len(COLOURS) and all(np.abs(found.astype(int) - colour).max(1).min() <= 6 for colour in COLOURS)
    asked = np.stack([label_map(seed) for seed in range(12)])
    wrong = (palettes.numbers(maps, COLOURS) != palettes.numbers(asked, COLOURS)).mean()
    assert wrong < 0.02
    assert len(np.unique(palettes.snapped(maps, found).reshape(-1, 3), axis=0)) == len(COLOURS)


def test_photographs_are_no_label_maps():
    assert palettes.found(images(8, 64)) is None
    assert palettes.of(images(4, 32)) is None
    assert len(palettes.of(np.stack([label_map(seed) for seed in range(4)]))) == len(COLOURS)


@pytest.mark.parametrize("palette, kept", [("auto", True), ("4", True), ("none", False)])
def test_label_maps_keep_their_colours_on_the_way_in(tmp_path, workspace, palette, kept):
    write_folder(tmp_path / "maps", {f"{number}.jpg": encoded(Image.fromarray(np.concatenate(
        [label_map(number), images(1, 64, seed=number)[0]], axis=1)), "JPEG", quality=80) for number in range(12)})
    chosen = ImportKnobs.parse({"pairs": choices.LEFT_RIGHT, "palette": palette}).choices
    dataset = data.load(str(tmp_path / "maps"), size=32, workspace=workspace, choices=chosen)
    colours = np.unique(dataset.more["source"].reshape(-1, 3), axis=0)
    assert (len(colours) == len(COLOURS)) == kept and ("label maps of 4 colours" in dataset.note) == kept
    again = data.load(str(tmp_path / "maps"), size=32, workspace=workspace, choices=chosen)
    assert (again.name, again.identity) == (dataset.name, dataset.identity)


def test_a_palette_is_a_fact_where_the_import_found_or_was_told_one(tmp_path, workspace):
    for folder, few in (("maps", label_map), ("shades", lambda number: images(1, 64, seed=number)[0] // 64 * 64)):
        write_folder(tmp_path / folder, {f"{number}.png": side_by_side(few(number), images(1, 64, seed=number)[0])
                                         for number in range(24)})

    def palette(folder, asked):
        chosen = ImportKnobs.parse({"pairs": choices.LEFT_RIGHT, "palette": asked}).choices
        made = data.load(str(tmp_path / folder), size=64, workspace=workspace, choices=chosen)
        again = data.load(made.name, workspace=workspace)
        assert again.label_maps is made.label_maps
        assert (label_reading.colours_of(again) is None) == ("palette" not in modality(PAIRS).facts(again))
        return modality(PAIRS).facts(again).get("palette")

    assert len(palette("maps", "auto")) == len(COLOURS) and palette("maps", "none") is None
    assert palette("shades", "none") is None and len(palette("shades", "4")) == 4
    assert modality(PAIRS).facts(data.load("digits+edges"))["palette"], "of what no import has looked at it is told as ever"


def test_what_older_versions_kept_says_nothing_of_label_maps(tmp_path, workspace):
    write_folder(tmp_path / "maps", {f"{number}.png": side_by_side(label_map(number), images(1, 64, seed=number)[0])
                                     for number in range(4)})
    chosen = ImportKnobs.parse({"pairs": choices.LEFT_RIGHT, "palette": "none"}).choices
    made = data.load(str(tmp_path / "maps"), size=64, workspace=workspace, choices=chosen)
    file, = keeping.files(made.name, workspace)
    with np.load(file) as kept:
        arrays = dict(kept)
    told = json.loads(str(arrays.pop("meta")))
    assert told.pop("label_maps") is False
    np.savez(file, meta=json.dumps(told), **arrays)
    older = data.load(made.name, workspace=workspace)
    assert older.label_maps is None and older.identity == made.identity and modality(PAIRS).facts(older)["palette"]


# What is said of both sides


def test_halves_of_one_picture_differ_in_nothing(tmp_path):
    write_folder(tmp_path / "both", {f"{number}.jpg": encoded(Image.fromarray(np.concatenate(
        [label_map(number, 256), images(1, 256, seed=number)[0]], axis=1)), "JPEG") for number in range(4)})
    dataset = data.load(str(tmp_path / "both"), size=16, choices=ImportKnobs.parse({"pairs": "left-right"}).choices)
    assert dataset.label_maps and "differ in size" not in dataset.note


@pytest.mark.parametrize("orientation, shape", [(1, (400, 100)), (6, (100, 400))])
@pytest.mark.parametrize("crisp", [False, True])
def test_a_picture_has_the_shape_of_its_file(orientation, shape, crisp):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(Image.new("RGB", (400, 100)), "JPEG", exif=exif)
    assert decode(content, 8, crisp=crisp).shape == shape
    assert decode(content, 8, half="left", crisp=crisp).shape == (shape[0] // 2, shape[1])


def test_what_is_done_to_one_side_names_it(tmp_path):
    clear = encoded(Image.fromarray(np.dstack([images(1)[0], np.full((16, 16), 90, np.uint8)])))
    write_folder(tmp_path / "mine", {f"{side}/{number}.png": clear if side == "target" else noise(number)
                                     for side in ("source", "target") for number in range(3)})
    note = data.load(str(tmp_path / "mine"), choices=ImportKnobs.parse({"ground": "alpha"}).choices).note
    assert "Of the targets: 3 pictures are transparent" in note and "Of the sources: no picture has transparent" in note


def test_why_pairs_are_not_used_is_said_with_counts(tmp_path):
    write_folder(tmp_path / "mine", {f"{side}/{number:02}.png": noise(number, 1) for side in "AB" for number in range(12)}
                 | {"B/99.png": noise(), "A/99.png": b"no picture"})
    with pytest.raises(BadInput, match="0 usable of 13 pairs") as refused:
        data.load(str(tmp_path / "mine"))
    said = str(refused.value)
    assert "12 pairs of less than 4 pixels a side (A/00.png, A/01.png, A/02.png, ...)" in said and is_a_sentence(said)
    assert "1 pair that could not be decoded (A/99.png)" in said


def test_of_a_name_that_is_there_twice_that_is_said(tmp_path):
    files = {f"{side}/{number:02}.jpg": noise(number) for side in ("source", "target") for number in range(9)}
    write_folder(tmp_path / "mine", files | {"target/00.png": noise()})
    with pytest.raises(BadInput, match="has target/00.jpg and target/00.png, and which") as refused:
        data.load(str(tmp_path / "mine"))
    assert "lack" not in str(refused.value) and is_a_sentence(str(refused.value))
    write_folder(tmp_path / "mine", {"source/00.png": noise(1)})
    assert len(data.load(str(tmp_path / "mine"))) == 10, "each has a partner of its own ending"


def test_names_that_look_the_same_are_the_same(tmp_path):
    names = [unicodedata.normalize(form, "Bäume") for form in ("NFC", "NFD")]
    write_folder(tmp_path / "mine", {f"{side}/{name}{number}.png": noise(number) for side, name in zip("AB", names)
                                     for number in range(3)})
    assert data.load(str(tmp_path / "mine")).kind == PAIRS


# In a batch


def test_both_sides_are_shifted_alike():
    x = np.arange(2 * 16 * 16, dtype=np.uint8).reshape(2, 16, 16, 1)
    for source in (x, x[:, ::4, ::4]):
        dataset = data.Dataset("p", PAIRS, x, None, more={"source": source})
        plain = data.batches(dataset, 2, seed=0).batch_at(3)
        shifted = data.batches(dataset, 2, seed=0, jitter=0.25).batch_at(3)
        again = data.batches(dataset, 2, seed=0, jitter=0.25, start=3)
        assert all(np.array_equal(values, next(again)[name]) for name, values in [("real", shifted["real"])])
        by = 16 // source.shape[1]
        for number in range(2):
            places = {name: [(dy, dx) for dy in range(-4, 5) for dx in range(-4, 5) if np.array_equal(
                shifted[name][number], moved(plain[name][number], dy * scale, dx * scale))]
                for name, scale in (("real", by), ("source", 1))}
            assert set(places["real"]) & set(places["source"]), places


def moved(image, down, right):
    """An image moved, its edge repeated."""
    reach = 16
    padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    height, width = image.shape[:2]
    return padded[reach - down:reach - down + height, reach - right:reach - right + width]


# The command line


def test_an_unknown_recipe_is_a_sentence_with_those_there_are(tmp_path):
    answer = cli("train", "pix2pix", "--data", "digits", "--pairs", "sketch", "--steps", 1, workspace=tmp_path)
    assert answer.code == 2 and "edges, grey, masked" in answer.err and is_a_sentence(answer.err)
    assert "left-right, right-left, folders" in answer.err


@pytest.mark.parametrize("architecture, arguments, says", [
    ("pix2pix", ("--pairs", "left-right"), "digits is built in"),
    ("pix2pix", ("--pairs", "folders"), "edges, masked, noisy"),
    ("pix2pix", ("--import", "ground=white"), "leave them out"), ("pix2pix", (), "make pairs of these (`--pairs`)"),
    ("srgan", (), "make pairs of these (`--pairs`)"), ("cyclegan", (), "(`--domains`)")])
def test_what_is_built_in_says_how_pairs_are_made_of_it(tmp_path, architecture, arguments, says):
    answer = cli("train", architecture, "--data", "digits", *arguments, "--steps", 1, workspace=tmp_path)
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.err)


def test_labelled_images_may_become_two_domains():
    labelled, plain = (data.DataSpec("images", (32, 32, 3), classes) for classes in (("a", "b"), ()))
    card = cards.card("cyclegan")
    assert "two of their classes (`--domains`)" in card.refuses(labelled) and "--" not in card.refuses(plain)
    assert "--" not in cards.card("pix2pix").refuses(data.DataSpec("points", (2,)))


def test_arrays_cannot_be_halved(tmp_path):
    np.savez(tmp_path / "mine.npz", x=images(12))
    for pairs in ("left-right", "folders"):
        answer = cli("train", "pix2pix", "--data", tmp_path / "mine.npz", "--pairs", pairs, workspace=tmp_path)
        assert answer.code == 2 and "holds arrays, which cannot be halved" in answer.err and is_a_sentence(answer.err)


def test_a_run_is_trained_on_pairs_that_are_made(tmp_path):
    answer = cli("train", "pix2pix", "--data", "digits", "--pairs", "noisy", "--steps", 2, "--set", "filters=4", "--set",
                 "batch_size=4", "--set", "probe_seconds=0", workspace=tmp_path)
    assert answer.code == 0, answer.err
    run = answer.out.split()[-1]
    told = json.loads((tmp_path / "runs" / run / "samples" / "grid.json").read_text())
    assert told == {"rows": 6, "columns": 8}, "rows of sources and of true pictures above each row of samples"
    found = cli("sample", run, "--n", 4, "--npz", tmp_path / "x.npz", "--out", tmp_path / "x.png", workspace=tmp_path)
    assert found.code == 0, found.err
