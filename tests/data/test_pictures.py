"""What the pictures of a set become together, by what was chosen: ground, shape, scale, classes; and what is said."""

import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.data import Choices
from gan_core.data.choices import OPTIONS
from gan_core.errors import BadInput
from helpers_data import encoded, noise, picture, write_folder
from helpers_runs import is_a_sentence

CLEAR = (0, 0, 0, 0)


def loaded(folder, files, size=16, workspace=None, **choices):
    dataset = data.load(str(write_folder(folder, files)), size=size, workspace=workspace, choices=Choices(**choices))
    assert dataset.note == f"Imported from {folder.name}." or is_a_sentence(dataset.note)
    return dataset


def icons(*colours, ground=CLEAR):
    """Squares of each colour in turn, at different places, on a transparent ground."""
    made = {}
    for k in range(12):
        image = Image.new("RGBA", (20, 20), ground)
        image.paste((*colours[k % len(colours)], 255), (k % 5, k // 2, k % 5 + 9, k // 2 + 9))
        made[f"{k:02d}.png"] = encoded(image)
    return made


def deep(values, form="PNG"):
    return encoded(Image.fromarray(values), form)


WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (200, 30, 30)


# The ground


@pytest.mark.parametrize("colours, ground, hidden", [
    ([WHITE], "black", 12), ([BLACK], "white", 0), ([RED], "white", 0), ([WHITE, BLACK], "grey", 6),
    ([(252, 252, 252)], "black", 12)])
def test_a_ground_is_found_on_which_something_is_seen(tmp_path, colours, ground, hidden):
    dataset = loaded(tmp_path / "a", icons(*colours))
    assert f"12 pictures are transparent in parts, and stand on {ground}" in dataset.note
    assert (f"on white {hidden} would be plain" in dataset.note) == bool(hidden)
    assert (dataset.x[0].max(axis=(0, 1)) > dataset.x[0].min(axis=(0, 1))).all() and "seldom" not in dataset.note


@pytest.mark.parametrize("ground, value", [("white", 255), ("black", 0), ("grey", 127)])
def test_a_ground_may_be_chosen(tmp_path, ground, value):
    dataset = loaded(tmp_path / "a", icons(RED), ground=ground)
    assert (dataset.x[:, -1, -1] == value).all() and f"stand on {ground}" in dataset.note


def test_alpha_is_learned_where_it_is_chosen(tmp_path):
    dataset = loaded(tmp_path / "a", icons(WHITE) | {"opaque.png": noise()}, ground="alpha")
    assert dataset.x.shape == (13, 16, 16, 4) and (dataset.x[-1, ..., 3] == 255).all()
    assert (dataset.x[0, -1, -1] == 0).all() and (dataset.x[0, 1, 1] == 255).all()
    opaque = loaded(tmp_path / "b", {f"{k}.png": noise(k) for k in range(2)}, ground="alpha")
    assert opaque.x.shape[-1] == 3 and "No picture has transparent parts" in opaque.note


@pytest.mark.parametrize("ground, says", [("white", "All 12 images are the same one"), ("black", None)])
def test_a_set_without_a_difference_is_doubted(tmp_path, ground, says):
    note = loaded(tmp_path / "a", icons(WHITE), ground=ground).note
    assert says in note if says else "seldom" not in note


@pytest.mark.parametrize("plain, doubted", [(1, False), (2, True), (4, True)])
def test_many_pictures_of_one_colour_are_doubted(tmp_path, plain, doubted):
    files = {f"{k}.png": picture((60 * k, 9, 9)) if k < plain else noise(k) for k in range(4)}
    note = loaded(tmp_path / "a", files).note
    assert (f"{plain} of 4 images are of one colour" in note) == doubted


# What is not square


def stripes(width, height):
    """Pictures whose left and upper end is black and whose right and lower end is white."""
    along = np.linspace(0, 255, max(width, height)).astype(np.uint8)
    pixels = np.tile(along, (height, 1)) if width > height else np.tile(along[:, None], (1, width))
    return encoded(Image.fromarray(pixels))


@pytest.mark.parametrize("width, height, said", [(80, 20, "wide as high"), (20, 80, "high as wide"), (25, 20, ""),
                                                 (30, 30, "")])
def test_more_than_a_little_is_not_cut_off_in_silence(tmp_path, width, height, said):
    note = loaded(tmp_path / "a", {"1.png": stripes(width, height), "2.png": noise(), "3.png": noise(3)}).note
    assert ("middle is used" in note) == bool(said) and said in note
    assert not said or f"1 picture is more than twice as {said}" in note


def test_pictures_that_lose_a_good_part_are_counted(tmp_path):
    note = loaded(tmp_path / "a", {"1.png": stripes(32, 18), "2.png": stripes(18, 24), "3.png": stripes(22, 20)}).note
    assert "2 of 3 pictures lose up to 44 % at their ends" in note


def test_pairs_side_by_side_are_pointed_out_and_may_be_tiles(tmp_path):
    files = {f"{k}.png": stripes(40, 20) for k in range(3)}
    assert "as pairs side by side are" in loaded(tmp_path / "a", files).note
    assert len(loaded(tmp_path / "a", files, fit="tiles")) == 6


@pytest.mark.parametrize("wide", [True, False])
def test_pictures_may_be_padded_or_cut_into_tiles(tmp_path, wide):
    files = {f"{'ab'[k]}/{k}.png": stripes(*((80, 20) if wide else (20, 80))) for k in range(2)}
    padded = loaded(tmp_path / "a", files, fit="pad", ground="grey").x[0, ..., 0]
    padded = padded if wide else padded.T
    assert (padded[:6] == 127).all() and (padded[-6:] == 127).all() and padded[8, 0] < 30 and padded[8, -1] > 225
    tiles = loaded(tmp_path / "a", files, fit="tiles")
    assert tiles.y.tolist() == [0] * 4 + [1] * 4 and "2 pictures were cut into 8 squares" in tiles.note
    assert tiles.x[0].mean() < 60 < 190 < tiles.x[3].mean()


def test_what_is_beside_a_padded_picture_is_transparent_where_alpha_is_learned(tmp_path):
    files = {"1.png": noise(), "2.png": stripes(40, 10), "3.png": deep(np.arange(400, dtype=np.uint16).reshape(10, 40) * 99)}
    x = loaded(tmp_path / "a", files, fit="pad", ground="alpha").x
    assert x.shape[-1] == 4 and (x[0, ..., 3] == 255).all()
    assert all((image[[0, -1], :, 3] == 0).all() and (image[8, :, 3] == 255).all() for image in x[1:])


def test_tiles_of_a_test_set_are_test_samples(tmp_path):
    dataset = loaded(tmp_path / "a", {f"{part}/{k}.png": stripes(60, 20) for part in ("train", "test") for k in range(2)},
                     fit="tiles")
    assert len(dataset) == len(dataset.x_test) == 6


# Bits


def ramp(low, high, dtype):
    return np.linspace(low, high, 256).reshape(16, 16).astype(dtype)


@pytest.mark.parametrize("form, dtype, highest, white", [
    ("PNG", np.uint16, 4095, 4095), ("PNG", np.uint16, 65535, 65535), ("PNG", np.uint16, 40000, 65535),
    ("TIFF", np.uint16, 255, 255), ("TIFF", np.float32, 1.0, 1.0), ("TIFF", np.float32, 0.3, 0.3),
    ("TIFF", np.float32, 9e5, 9e5), ("TIFF", np.float32, 250, 255), ("TIFF", np.int32, 800, 800)])
def test_one_scale_is_for_the_whole_set(tmp_path, form, dtype, highest, white):
    files = {f"{k}.{form.lower()}": deep(ramp(0, highest / 2**k, dtype), form) for k in range(2)}
    dataset = loaded(tmp_path / "a", files)
    assert f"one scale: 0 is black and {white:,.6g} white" in dataset.note
    first, second = (int(image.max()) for image in dataset.x)
    assert abs(first - round(255 * highest / white)) <= 1 and abs(second - first / 2) <= 1


def test_a_set_far_from_0_and_one_of_either_sign_begin_at_their_darkest(tmp_path):
    for low, high, dtype in ((33000, 34000, np.uint16), (-1000, 3000, np.int32), (-1, 1, np.float32)):
        x = loaded(tmp_path / f"{low}", {f"{k}.tif": deep(ramp(low, high - k, dtype), "TIFF") for k in range(2)}).x
        assert x.min() == 0 and x.max() == 255


def test_a_scale_may_be_chosen(tmp_path):
    files = {f"{k}.png": deep(ramp(1000, 4095 - k, np.uint16)) for k in range(2)}
    assert loaded(tmp_path / "a", files, scale="depth").x.max() == 16
    whole = loaded(tmp_path / "a", files, scale="set").x
    assert (whole.min(), whole.max()) == (0, 255)


def test_numbers_that_are_none_are_as_the_darkest(tmp_path):
    values = ramp(0, 1, np.float32)
    values[0, 1], values[0, 2], values[15, 15] = np.nan, -np.inf, np.inf
    x = loaded(tmp_path / "a", {f"{k}.tif": deep(values, "TIFF") for k in range(2)}).x
    assert (x[0, 0, :3] == 0).all() and x[0, 15, 15] > 250


def test_pictures_of_8_bits_among_deep_ones_stay_as_they_are(tmp_path):
    x = loaded(tmp_path / "a", {"1.png": deep(ramp(0, 4095, np.uint16)), "2.png": noise(2, side=16)}).x
    assert np.array_equal(x[1], loaded(tmp_path / "b", {"2.png": noise(2, side=16), "3.png": noise(3)}).x[0])


def test_arrays_come_to_one_scale_where_it_is_chosen(tmp_path):
    images = np.stack([ramp(0, 4095, np.uint16), ramp(0, 2000, np.uint16)])
    np.save(tmp_path / "a.npy", images)
    with pytest.raises(BadInput, match="scale=set"):
        data.load(str(tmp_path / "a.npy"))
    dataset = data.load(str(tmp_path / "a.npy"), choices=Choices(scale="set"))
    assert dataset.x[0].max() == 255 and 120 < dataset.x[1].max() < 130 and "4,095 white" in dataset.note
    for highest in (1, 255):
        np.save(tmp_path / "b.npy", np.stack([ramp(0, highest, np.float32), ramp(0, highest / 2, np.float32)]))
        x = data.load(str(tmp_path / "b.npy"), choices=Choices(scale="depth")).x
        assert (x.min(), x.max(), x[1].max()) == (0, 255, 128)


def colours_of_16_bits(pixels):
    """A PNG file of colours, whole numbers (H, W, 2, 3 or 4), which Pillow reads and cannot write."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("highest", [4095, 65535])
def test_colours_of_16_bits_have_the_scale_of_the_set(tmp_path, channels, highest):
    pixels = np.repeat(ramp(0, highest, int)[..., None], channels, axis=-1)
    if channels != 3:
        pixels[..., -1] = 65535
        pixels[0, 0, -1] = 0
    dataset = loaded(tmp_path / "a", {f"{k}.png": colours_of_16_bits(pixels // (k + 1)) for k in range(2)}, ground="black")
    assert dataset.x[0].max() == 255 and "the upper eight bits are used" in dataset.note


# Classes, choices and what is kept


@pytest.mark.parametrize("rename, classes, counts", [
    ("cat=chat", ("chat", "dog", "perro"), [2, 2, 2]), ("perro=dog", ("cat", "dog"), [2, 4]),
    ("cat=a, dog=b,perro = b", ("a", "b"), [2, 4]), ('dog="x, y"', ("cat", '"x', "y"), None),
    ('"dog=x, y"', ("cat", "x, y", "perro"), [2] * 3)])
def test_classes_are_renamed_and_twins_merged(tmp_path, rename, classes, counts):
    files = {f"{name}/{k}.png": noise(k) for name in ("cat", "dog", "perro") for k in range(2)}
    if counts is None:
        with pytest.raises(BadInput, match="OLD=NEW"):
            loaded(tmp_path / "a", files, rename=rename)
        return
    dataset = loaded(tmp_path / "a", files, rename=rename)
    assert dataset.classes == classes and np.bincount(dataset.y).tolist() == counts
    assert f"Classes were renamed: {rename}." in dataset.note


def test_a_class_may_have_an_equals_sign_in_its_name(tmp_path):
    files = {f"{name}/{k}.png": noise(k) for name in ("a=b", "c") for k in range(2)}
    assert loaded(tmp_path / "a", files, rename="a=b=d").classes == ("d", "c")
    control = loaded(tmp_path / "a", files, rename="c=\x1b[31m\u202ered\na=b=d")
    assert control.classes == ("d", "\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}red")
    assert control.note.isprintable()


@pytest.mark.parametrize("choices", [*({name: "nothing"} for name in OPTIONS), {"rename": "x"}, {"rename": "=y"},
                                     {"rename": "x="}])
def test_choices_that_there_are_not_are_refused(choices):
    with pytest.raises(BadInput) as refused:
        Choices(**choices)
    assert is_a_sentence(str(refused.value)) and [*refused.value.fields] == [*choices]


def test_other_choices_are_other_data_under_other_names(tmp_path):
    files, workspace = icons(RED) | {"wide.png": stripes(60, 20)}, tmp_path / "workspace"
    made = [loaded(tmp_path / "a", files, workspace=workspace, **choices) for choices in (
        {}, {"ground": "black"}, {"ground": "alpha"}, {"fit": "pad"}, {"fit": "tiles"})]
    assert len({dataset.name for dataset in made}) == len({dataset.identity.hash for dataset in made}) == 5
    for dataset in made:
        again = data.load(dataset.name, workspace=workspace)
        assert again.identity == dataset.identity and again.note == dataset.note
    with pytest.raises(BadInput, match="imported already; import its folder"):
        data.load(made[0].name, workspace=workspace, choices=Choices(fit="pad"))
    with pytest.raises(BadInput, match="digits is built in"):
        data.load("digits", choices=Choices(fit="pad"))


def as_before(workspace, name, spoil):
    """Make what is kept a file of an older version, of other pixels if ``spoil``."""
    file, = (workspace / "datasets").glob(f"{name}*.npz")
    with np.load(file) as kept:
        arrays = {key: kept[key] for key in kept.files}
    meta = {key: value for key, value in json.loads(str(arrays.pop("meta"))).items() if key != "how"}
    np.savez(file, meta=json.dumps(meta), **arrays | ({"x": arrays["x"] // 2} if spoil else {}))


@pytest.mark.parametrize("spoil", [False, True])
def test_what_an_older_version_kept_stays_and_other_pixels_have_another_name(tmp_path, spoil):
    workspace, files = tmp_path / "workspace", {f"{k}.png": noise(k) for k in range(3)}
    first = loaded(tmp_path / "a", files, workspace=workspace)
    as_before(workspace, first.name, spoil)
    older = data.load(first.name, workspace=workspace)
    again = data.load(str(tmp_path / "a"), size=16, workspace=workspace)
    assert (again.name == first.name) != spoil and again.identity == first.identity
    assert data.load(first.name, workspace=workspace).identity == older.identity
    assert data.load(str(tmp_path / "a"), size=16, workspace=workspace).name == again.name


# Pairs


def test_pairs_are_imported_by_the_same_choices(tmp_path):
    files = {f"source/{k}.png": deep(ramp(0, 4095 / (k + 1), np.uint16)) for k in range(3)}
    files |= {f"target/{k}.png": icons(WHITE)[f"{k:02d}.png"] for k in range(3)}
    dataset = loaded(tmp_path / "a", files)
    assert dataset.more["source"].max(axis=(1, 2, 3)).tolist() == pytest.approx([255, 127, 85], abs=1)
    assert "stand on black" in dataset.note and "4,095 white" in dataset.note
    other = loaded(tmp_path / "a", files, ground="alpha")
    assert other.x.shape[-1] == 4 and other.name != dataset.name
    with pytest.raises(BadInput, match="no classes"):
        loaded(tmp_path / "a", files, rename="a=b")
