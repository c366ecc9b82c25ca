"""Sheets of samples: geometry, the way back to samples, scatters of points, animations."""

import importlib.util

import numpy as np
import pytest
from PIL import Image, ImageFont

from gan_core.data import DataSpec, columns as described
from gan_core.modalities import drawing
from gan_core.modalities.base import modality
from gan_core.modalities.drawing import CELL, GAP, animation, cells, scatter, sheet, writable

ORANGE, GREY = (216, 103, 15), (152, 160, 172)


def noise(n, size, channels, seed=0):
    """Images in [-1, 1] on the grid of bytes, and their bytes."""
    pixels = np.random.default_rng(seed).integers(0, 256, (n, size, size, channels), dtype=np.uint8)
    return pixels / np.float32(127.5) - 1, pixels


@pytest.mark.parametrize("size, channels, enlarged", [(8, 1, 56), (28, 1, 56), (32, 3, 64), (64, 3, 64), (100, 1, 100)])
@pytest.mark.parametrize("grid", [(2, 3), (1, 1), (3, 2)])
def test_samples_stand_in_reading_order_and_can_be_cut_out_again(size, channels, enlarged, grid):
    rows, columns = grid
    samples, pixels = noise(rows * columns, size, channels)
    picture = sheet(samples, grid)
    assert picture.mode == ("L" if channels == 1 else "RGB")
    assert picture.size == (columns * (enlarged + GAP) + GAP, rows * (enlarged + GAP) + GAP)
    found = cells(picture, grid)
    assert found.shape == (rows * columns, enlarged, enlarged, channels) and found.dtype == np.uint8
    factor = enlarged // size
    for top in (0, factor - 1):  # enlarged without smoothing: every pixel of a block is the sample's
        np.testing.assert_array_equal(found[:, top::factor, top::factor], pixels)


def test_transparent_parts_show_a_board_and_opaque_ones_do_not():
    samples = np.ones((4, 16, 16, 4), np.float32)
    samples[1, ..., 3] = -1
    samples[2, ..., :3], samples[2, ..., 3] = -1, 0
    opaque, clear, half, _ = cells(sheet(samples, (2, 2)), (2, 2))
    assert opaque.shape[-1] == 3 and (opaque == 255).all()
    assert set(np.unique(clear)) == {153, 204} and set(np.unique(half)) == {76, 102}
    for picture in (drawing.one(samples[1]), drawing.heat(samples[1], np.zeros((16, 16)))):
        assert picture.mode == "RGB" and len(np.unique(np.asarray(picture))) == 2


def test_small_images_are_enlarged_by_a_whole_factor_until_they_can_be_seen():
    for size in range(8, 130):
        side = sheet(np.zeros((1, size, size, 1)), (1, 1)).width - 2 * GAP
        assert side % size == 0 and side >= min(CELL, size) and (side >= CELL or size >= CELL)
        assert side - size < CELL, "and no more than that"


def test_a_sheet_with_fewer_samples_than_cells_leaves_the_rest_grey():
    samples, pixels = noise(4, 56, 1)
    found = cells(sheet(samples, (2, 3)), (2, 3))
    np.testing.assert_array_equal(found[:4], pixels)
    assert (found[4:] == 127).all()


def test_gaps_are_grey():
    pixels = np.asarray(sheet(np.ones((4, 56, 56, 1)), (2, 2)))
    lines = [*range(GAP), *range(56 + GAP, 56 + 2 * GAP), *range(len(pixels) - GAP, len(pixels))]
    assert (pixels[lines] == 127).all() and (pixels[:, lines] == 127).all()
    assert (np.delete(np.delete(pixels, lines, 0), lines, 1) == 255).all()


def test_samples_beyond_the_range_and_no_numbers_make_a_picture_all_the_same():
    samples = np.zeros((4, 56, 56, 1), np.float32)
    samples[0], samples[1], samples[2] = 7.0, -7.0, np.nan
    found = cells(sheet(samples, (2, 2)), (2, 2))
    assert [int(cell.min()) for cell in found] == [255, 0, 0, 128] == [int(cell.max()) for cell in found]


# Points


def near(picture, x, y, colour, radius=3):
    """Whether a pixel within ``radius`` of (x, y) has about this colour."""
    patch = np.asarray(picture, int)[max(y - radius, 0):y + radius + 1, max(x - radius, 0):x + radius + 1]
    return (np.abs(patch - (*colour, 255)).max(axis=-1) < 40).any()


FRAME = np.array([[-1.0, -1.0], [1.0, 1.0]])  # drawn 0.65 of its extent to each side of the middle


def place(point, side):
    """Where a point comes to lie in a picture whose frame FRAME sets."""
    return round((point[0] / 2.6 + 0.5) * side), round((0.5 - point[1] / 2.6) * side)


def test_points_are_marked_where_they_lie_with_y_upwards():
    points = [(0.5, 0.9), (-0.8, 0.1), (0.0, -0.7)]
    picture = scatter(np.array(points), FRAME, side=300)
    assert picture.size == (300, 300) and picture.mode == "RGBA"
    for point in points:
        assert near(picture, *place(point, 300), ORANGE), point
        mirrored = (point[0], -point[1])
        assert not near(picture, *place(mirrored, 300), ORANGE), "y points up"
    assert near(picture, *place(FRAME[0], 300), GREY) and near(picture, *place(FRAME[1], 300), GREY)
    assert picture.getpixel((2, 2))[3] == 0, "the page shows through, light or dark"


def test_the_real_points_set_the_frame():
    """So that sheets of different steps can be compared, however far astray the first points are."""
    for points in (np.zeros((1, 2)), np.array([[0.0, 0.0], [50.0, 50.0]])):
        picture = scatter(points, FRAME, side=200)
        assert near(picture, 100, 100, ORANGE) and near(picture, *place(FRAME[1], 200), GREY)
    alone = scatter(FRAME, side=200)
    assert near(alone, *place(FRAME[0], 200), ORANGE) and near(alone, *place(FRAME[1], 200), ORANGE)


def test_points_that_are_no_numbers_are_left_out():
    points = np.array([[np.nan, 0.0], [np.inf, 0.0], [0.5, 0.5]])
    for picture in (scatter(points, FRAME, side=200), scatter(np.full((3, 2), np.nan), FRAME, side=200)):
        assert near(picture, *place(FRAME[1], 200), GREY)
    assert near(scatter(points, FRAME, side=200), *place((0.5, 0.5), 200), ORANGE)


def test_all_points_in_one_place_are_a_dot_in_the_middle():
    assert near(scatter(np.ones((5, 2)), side=200), 100, 100, ORANGE)


# Words in pictures


@pytest.fixture(params=["Source Sans", "Pillow's own"])
def font(request, monkeypatch):
    """Each font that there may be."""
    if request.param == "Pillow's own":
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    drawing._font.cache_clear()
    yield drawing._font()
    monkeypatch.undo()
    drawing._font.cache_clear()


NAMES = ("São Paulo", "Zürich", "Größe", "Łódź", "Año", "Çınar", "cafe\u0301",
         "two\nlines", "год", "日本", "عربي", "km²", "🙂")


def test_no_letter_is_an_empty_box(font):
    box = bytes(font.getmask("\U0010fffe"))
    for name in NAMES:
        assert all(bytes(font.getmask(letter)) != box for letter in writable(name)), name
    assert writable("two\nlines") == "two lines" and writable("plain ASCII, 100 %") == "plain ASCII, 100 %"
    assert writable("日本") == writable("🙂") == "", "and nothing is left out silently"


def test_what_a_font_lacks_is_written_in_plain_letters():
    assert [writable(name, ImageFont.load_default(22)) for name in NAMES[:7]] == [
        "Sao Paulo", "Zurich", "Grosse", "Lodz", "Ano", "Cinar", "cafe"]
    assert writable("год", ImageFont.load_default(22)) == ""


def test_streamlits_font_has_latin_greek_and_cyrillic():
    drawing._font.cache_clear()
    assert [writable(name) for name in ("São Paulo", "Größe", "год", "λ")] == ["São Paulo", "Größe", "год", "λ"]


def test_columns_that_cannot_be_written_are_numbers_and_are_named_beside_the_sheet(font, monkeypatch):
    columns = (described.number("São Paulo", [1.0, 2.0]), described.category("日本", ["北京", "東京"]))
    spec, drawn = DataSpec("table", (3,), columns=columns), []
    monkeypatch.setattr(drawing, "histograms", lambda panels: drawn.extend(panels) or Image.new("L", (1, 1)))
    sheet = modality("table").draw(np.zeros((4, 3), np.float32), spec)
    assert drawn[0].title in ("São Paulo", "Sao Paulo")
    assert (drawn[1].title, drawn[1].low, drawn[1].high) == ("column 2", "category 1", "category 2")
    assert "São Paulo, 日本" in sheet.alt
    legend = modality("table").legend(spec)
    assert "Column 2 is 日本." in legend and "from 北京 to 東京" in legend and "São" not in legend


# Animations


@pytest.fixture
def frames(tmp_path):
    paths = []
    for step in range(5):
        paths.append(tmp_path / f"{step:09d}.png")
        Image.new("L", (700, 350), 50 * step).save(paths[-1])
    return paths


def opened(path):
    """Size, number of frames and duration of each in milliseconds."""
    with Image.open(path) as picture:
        durations = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            durations.append(picture.info["duration"])
        return picture.format, picture.size, durations, picture.info.get("loop")


def test_an_animation_has_a_frame_a_sheet_and_dwells_on_the_last(frames, tmp_path):
    animation(frames, tmp_path / "a.gif", seconds=1.0)
    assert opened(tmp_path / "a.gif") == ("GIF", (480, 240), [200] * 4 + [1000], 0)


@pytest.mark.parametrize("seconds, pause", [(100.0, 400), (0.001, 40)])
def test_the_pace_of_an_animation_has_limits(frames, tmp_path, seconds, pause):
    animation(frames, tmp_path / "a.gif", seconds=seconds, side=64)
    assert opened(tmp_path / "a.gif")[2] == [pause] * 4 + [1000]


def test_an_animation_of_one_sheet_is_a_picture(frames, tmp_path):
    animation(frames[:1], tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames == 1
