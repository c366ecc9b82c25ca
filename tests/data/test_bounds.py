"""Files that are small and become large: what they would take is told before it is taken."""

import io
import re
import struct
import time
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.data import csv_table, pixel_bounds
from gan_core.errors import BadInput
from helpers_data import encoded, noise, picture, write_folder, write_zip
from helpers_runs import is_a_sentence


def blank(width, height):
    """A PNG of one bit a pixel, whose bytes are made without its pixels."""
    packed = zlib.compressobj(9)
    rows = b"".join([packed.compress(bytes(1 + (width + 7) // 8)) for _ in range(min(height, 9000))] + [packed.flush()])

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return b"\x89PNG\r\n\x1a\n" + b"".join([chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
                                            chunk(b"IDAT", rows), chunk(b"IEND", b"")])


BOMB = blank(9000, 9000)
SIDES = struct.pack("<HH", 60_000, 60_000)
GIF = b"GIF89a" + SIDES + bytes(3) + b"\x2c" + bytes(4) + SIDES + b"\0\2\0;"
PPM = b"P6 60000 60000 255\n" + bytes(100)
TIFF = (b"II*\0\x08\0\0\0" + struct.pack("<H", 8) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in (
    (256, 60_000), (257, 60_000), (258, 8), (259, 1), (262, 1), (273, 200), (278, 60_000), (279, 100))) + bytes(104))


@pytest.mark.parametrize("pack", [write_folder, write_zip])
@pytest.mark.parametrize("beside", [{}, {f"cat/{number}.png": noise(number) for number in range(4)}], ids=["", "honest"])
def test_many_large_pictures_of_few_bytes_are_refused_before_they_are_decoded(tmp_path, decoded, pack, beside):
    path = pack(tmp_path / "set.zip", {f"dog/{number}.png": BOMB for number in range(120)} | beside)
    began = time.monotonic()
    with pytest.raises(BadInput, match="9,720 megapixels in all") as refused:
        data.load(str(path))
    assert is_a_sentence(str(refused.value)) and "set.zip" in str(refused.value)
    assert time.monotonic() - began < 10 and all(size == (24, 24) for size in decoded)


@pytest.fixture
def decoded(monkeypatch):
    """The sizes of pictures that are decoded."""
    seen, load = [], Image.Image.load
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda image: seen.append(image.size) or load(image))
    return seen


@pytest.mark.parametrize("name, content", [("a.png", blank(60_000, 60_000)), ("a.png", blank(10_000, 9_000)), ("a.gif", GIF),
                                           ("a.ppm", PPM), ("a.tif", TIFF)],
                         ids=["png", "a little too large", "gif", "ppm", "tiff"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_picture_of_too_many_pixels_is_left_out_and_counted_as_such(tmp_path, name, content, alone):
    path = write_folder(tmp_path / "set", {name: content} | ({} if alone else {f"{k}.png": noise(k) for k in range(3)}))
    said = "1 of more than 89 megapixels (" + name
    if alone:
        with pytest.raises(BadInput, match=re.escape(said)):
            data.load(str(path))
    else:
        dataset = data.load(str(path))
        assert len(dataset) == 3 and said in dataset.note


def test_honest_sets_are_taken_whatever_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(pixel_bounds, "FREE", 0)
    monkeypatch.setattr(pixel_bounds, "PLAIN", 1000)
    photographs = {f"{k}.jpg": picture(size=(64, 64), form="JPEG") for k in range(3)}
    drawings = {f"{k}.png": noise(k) for k in range(3)}
    assert len(data.load(str(write_zip(tmp_path / "set.zip", photographs | drawings)))) == 6


@pytest.mark.parametrize("form, frames", [("GIF", 1000), ("TIFF", 150)])
def test_of_many_frames_one_is_read(tmp_path, form, frames):
    images = [Image.new("L", (16, 16), number % 256) for number in range(frames)]
    content = encoded(images[0], form, save_all=True, append_images=images[1:])
    path = write_folder(tmp_path / "set", {f"{k}.{form.lower()}": content for k in range(20)})
    began = time.monotonic()
    assert len(data.load(str(path))) == 20
    assert time.monotonic() - began < 5


def test_a_zip_whose_members_share_their_bytes_is_not_unpacked_again_and_again(tmp_path):
    """Overlapping members: a thousand entries of the directory point to one place."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.png", BOMB)
    packed = inner.getvalue()
    start = packed.index(b"PK\1\2")
    end = packed.index(b"PK\5\6")
    entry = packed[start:end]
    names = [b"%05d.png" % number for number in range(1000)]
    directory = b"".join(entry[:28] + struct.pack("<H", len(name)) + entry[30:46] + name for name in names)
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(names), len(names), len(directory), start, 0)
    (tmp_path / "set.zip").write_bytes(packed[:start] + directory + tail)
    with pytest.raises(BadInput) as refused:
        data.load(str(tmp_path / "set.zip"))
    assert "set.zip" in str(refused.value)


def test_a_zip_in_a_zip_is_no_image(tmp_path):
    inner = write_zip(tmp_path / "inner.zip", {"0.png": BOMB}).read_bytes()
    with pytest.raises(BadInput, match="holds no images.*archives.*inner.zip"):
        data.load(str(write_zip(tmp_path / "set.zip", {"inner.zip": inner})))


# Tables


@pytest.mark.parametrize("text, said", [
    ("a,b\n" + "1,2\n" * 40, "more than 20 rows"), ("a\n" + "1\n" * 40, "more than 20 rows"),
    ("a,b,c,d,e,f\n" + "1,2,3,4,5,6\n" * 19, "more than 100 values"),
    (",".join(f"c{number}" for number in range(400)) + "\n" + "1,2\n" * 5, "Line 1 of x.csv has"),
    ("a,b\n1,2\n" + "1," * 700 + "\n", "Line 3 of x.csv has"), ("a,b\n1,2\n" + "1" * 2000, "Line 3 of x.csv has")])
def test_a_table_that_is_too_large_is_told_as_it_is_read(monkeypatch, text, said):
    for name, value in (("MOST_ROWS", 20), ("MOST_VALUES", 100), ("LONGEST_LINE", 1000)):
        monkeypatch.setattr(csv_table, name, value)
    with pytest.raises(BadInput, match=said) as refused:
        csv_table.read(text.encode(), "x.csv")
    assert is_a_sentence(str(refused.value))


def test_the_longest_row_that_can_be_had_is_short_enough():
    assert csv_table.MOST_WIDTH * 20 < csv_table.LONGEST_LINE and csv_table.MOST_ROWS < csv_table.MOST_VALUES


def test_what_a_header_promises_is_read_without_the_pixels():
    assert pixel_bounds.pixels_of(BOMB) == pixel_bounds.pixels_in(io.BytesIO(BOMB[:100])) == 81_000_000
    for form in ("JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        content = encoded(Image.fromarray(np.zeros((30, 50), np.uint8)), form)
        assert pixel_bounds.pixels_of(content) == pixel_bounds.pixels_in(io.BytesIO(content)) == 1500
    assert pixel_bounds.pixels_of(b"") == pixel_bounds.pixels_of(b"\x89PNG\r\n\x1a\n") == pixel_bounds.pixels_of(b"{}") == 0
