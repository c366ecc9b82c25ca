"""Imported folders and zips, with all that can be wrong with them."""

import os
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import helpers_data
from gan_core import data
from gan_core.data import IMAGES, DataSpec, layout, pixels
from gan_core.errors import BadInput
from helpers_data import labelled_files, noise, picture, write_folder, write_zip

make, workspace = helpers_data.make, helpers_data.workspace  # the fixtures


# Folders and zips


@pytest.mark.parametrize("kind", ["folder", "zip", "pairs", "npz", "npy", "csv"])
def test_a_name_that_is_no_utf_8_is_shown_as_text(tmp_path, kind):
    """As old archives and other systems leave them: its note goes into logs, databases and files."""
    path, pictures = tmp_path / "caf\udce9", {f"{k}.png": noise(k) for k in range(4)}
    if kind == "folder":
        write_folder(path, {"b\udcff/x.png": noise(9), **{f"t\udce9te/{name}": png for name, png in pictures.items()}})
    elif kind == "pairs":
        write_folder(path, {f"{side}/{name}": png for side in ("source", "target") for name, png in pictures.items()})
    elif kind == "zip":
        write_zip(path := path.with_suffix(".zip"), pictures)
    elif kind == "csv":
        (path := path.with_suffix(".csv")).write_text("a,b\n" + "".join(f"{k},{k * k}\n" for k in range(9)))
    else:
        images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), dtype=np.uint8)
        path = path.with_suffix(f".{kind}")
        with open(path, "wb") as file:
            np.save(file, images) if kind == "npy" else np.savez(file, samples=images)
    dataset = data.load(path, workspace=tmp_path / "workspace")
    assert dataset.note.encode().startswith("Imported from caf\N{REPLACEMENT CHARACTER}".encode())
    "".join((dataset.name, *dataset.classes)).encode()


def test_images_of_a_folder_or_a_zip(make):
    path = make({f"{k}.png": picture((k, 100, 0)) for k in (7, 3, 5)})
    dataset = data.load(path)
    assert dataset.kind == IMAGES and dataset.x.shape == (3, 32, 32, 3) and dataset.x.dtype == np.uint8
    assert dataset.x[:, 0, 0, 0].tolist() == [3, 5, 7]  # in the order of the names
    assert dataset.y is None and dataset.classes == () and dataset.skipped == 0 and dataset.x_test is None
    assert dataset.name.startswith("my-cats-2-") and path.name in dataset.note
    assert np.array_equal(data.load(str(path), size=32).x, dataset.x)
    assert data.load(path, size=8).spec == DataSpec(IMAGES, (8, 8, 3))


@pytest.mark.parametrize(
    "names, classes, labels",
    [
        (["a/1.png", "b/2.png", "b/3.png"], ("a", "b"), [0, 1, 1]),
        (["top/a/1.png", "top/b/2.png"], ("a", "b"), [0, 1]),
        (["x/y/a/1.png", "x/y/b/2.png"], ("a", "b"), [0, 1]),
        (["a/deep/1.png", "a/deep/er/2.png", "b/3.png"], ("a", "b"), [0, 0, 1]),
        (["a/x/1.png", "b/x/2.png"], ("a", "b"), [0, 1]),
        (["1.png", "2.png"], (), None),
        (["top/1.png", "top/2.png"], (), None),
        (["a/1.png", "2.png", "3.png"], (), None),
        (["ab/1.png", "abc/2.png"], ("ab", "abc"), [0, 1]),
    ],
)
def test_class_folders_become_labels(names, classes, labels, make):
    assert layout.of(names).classes == classes
    dataset = data.load(make({name: noise(k) for k, name in enumerate(names)}))
    assert dataset.classes == dataset.spec.classes == classes
    if labels is None:
        assert dataset.y is None
    else:
        order = [name for _, name in sorted(zip(names, labels))]
        assert dataset.y.tolist() == order and dataset.y.dtype == np.int32


def test_what_is_not_an_image_is_ignored(make):
    files = {
        "set/a/1.JPG": picture(form="JPEG"),
        "set/b/2.tif": picture(form="TIFF"),
        "set/readme.txt": b"hello",
        "set/.DS_Store": b"\0",
        "set/.hidden.png": picture(),
        "set/.thumbs/3.png": picture(),
        "__MACOSX/set/a/._1.JPG": b"\0\5",
        "__MACOSX/set/a/1.JPG": picture(),
    }
    dataset = data.load(make(files))
    assert len(dataset) == 2 and dataset.skipped == 0 and dataset.classes == ("a", "b")


def test_a_leading_dot_folder_in_a_zip_is_no_hidden_folder(tmp_path):
    assert data.load(write_zip(tmp_path / "x.zip", {"./a/1.png": noise(), "./b/2.png": noise()})).classes == ("a", "b")


def test_corrupt_files_are_skipped_and_counted(make):
    whole = noise()
    files = {"a/1.png": noise(1), "b/2.png": noise(2), "b/3.png": whole[: len(whole) // 2], "4.png": b"no image"}
    dataset = data.load(make(files))
    assert len(dataset) == 2 and dataset.skipped == 2 and "2 that could not be decoded (4.png, b/3.png)" in dataset.note
    assert dataset.classes == ("a", "b")  # the stray 4.png is no image and takes no label away


def test_a_class_without_a_usable_image_is_no_class(make):
    dataset = data.load(make({"a/1.png": noise(1), "b/2.png": noise(2), "c/3.png": b"no image"}))
    assert dataset.classes == ("a", "b") and dataset.skipped == 1


def test_grey_only_when_all_are_grey(make):
    grey = {f"{k}.png": picture((k, k, k)) for k in (10, 20)}
    assert data.load(make(grey, "grey")).x.shape == (2, 32, 32, 1)
    mixed = data.load(make({**grey, "30.png": picture((30, 0, 0)), "40.png": picture((40, 40, 40))}, "mixed"))
    assert mixed.x.shape == (4, 32, 32, 3)
    assert mixed.x[:, 5, 5].tolist() == [[10, 10, 10], [20, 20, 20], [30, 0, 0], [40, 40, 40]]


@pytest.mark.parametrize(
    "files, sentence",
    [
        ({"readme.txt": b"hello"}, "holds no images"),
        ({"1.png": b"no image", "2.png": b""}, "holds 0 usable of 2 images; .* at least two"),
        ({"1.png": noise()}, "holds 1 usable of 1 image; .* at least two"),
    ],
)
def test_sets_without_enough_images_are_refused(files, sentence, make, workspace):
    with pytest.raises(BadInput, match=sentence):
        data.load(make(files), workspace=workspace)
    assert not workspace.exists()


def test_empty_sources_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no images"):
        data.load(tmp_path / "empty")
    with pytest.raises(BadInput, match="holds no images"):
        data.load(write_zip(tmp_path / "empty.zip", {}))


def test_too_many_images_are_refused(make, monkeypatch):
    path = make({f"{k}.png": noise(k) for k in range(4)})
    for limit in (4 * 32 * 32 - 1, 4 * 32 * 32):  # too much even in grey; too much once there is colour
        monkeypatch.setattr(pixels, "TOTAL_LIMIT", limit)
        with pytest.raises(BadInput, match="4 images of 32 x 32 x .*smaller size or fewer images"):
            data.load(path)
    monkeypatch.setattr(pixels, "TOTAL_LIMIT", 4 * 32 * 32 * 3)
    assert len(data.load(path)) == 4


def test_images_of_too_many_pixels_are_skipped(make, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 600)  # Pillow warns above it, and refuses above its double
    files = {"1.png": noise(1), "2.png": noise(2), "warned.png": noise(3, side=30), "refused.png": noise(4, side=60)}
    dataset = data.load(make(files))
    assert len(dataset) == 2 and dataset.skipped == 2


def test_folder_oddities(tmp_path, monkeypatch):
    top = write_folder(tmp_path / "set", labelled_files())
    (top / "a" / "loop").symlink_to(top, target_is_directory=True)
    (top / "a" / "dangling.png").symlink_to(top / "nowhere.png")
    os.mkfifo(top / "a" / "pipe.png")
    (top / os.fsdecode(b"caf\xe9")).mkdir()
    (top / os.fsdecode(b"caf\xe9") / "1.png").write_bytes(noise())
    dataset = data.load(top)
    assert len(dataset) == 7 and dataset.classes == ("a", "b", "café")
    monkeypatch.setattr("gan_core.data.sources._FILE_LIMIT", 100)
    with pytest.raises(BadInput, match="0 usable of 7"):
        data.load(top)


def test_home_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_folder(tmp_path / "set", labelled_files())
    assert len(data.load("~/set")) == 6


# Zips that mean no good


FLAGS, METHOD, PACKED, UNPACKED = (8, "<H"), (10, "<H"), (20, "<I"), (24, "<I")  # of a central directory's record


def forge(path: Path, *fields) -> Path:
    """Make a zip lie: overwrite fields in every record of its central directory."""
    content = bytearray(path.read_bytes())
    record = content.find(b"PK\x01\x02")
    while record >= 0:
        for (offset, form), value in fields:
            struct.pack_into(form, content, record + offset, value)
        record = content.find(b"PK\x01\x02", record + 1)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "name", ["../1.png", "a/../../1.png", "/etc/1.png", "..\\1.png", "C:\\1.png", "C:1.png", "__MACOSX/../1.txt"]
)
def test_zips_that_point_outside_are_refused(name, tmp_path):
    path = write_zip(tmp_path / "bad.zip", {**labelled_files(), name: noise()})
    with pytest.raises(BadInput, match="bad.zip is refused because .* outside the zip"):
        data.load(path)


def test_zips_with_symbolic_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = write_zip(tmp_path / "bad.zip", labelled_files())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BadInput, match="symbolic link"):
        data.load(path)


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ([(FLAGS, 1)], "encrypted"),
        ([(UNPACKED, 201 * 10**6), (PACKED, 10**8)], "more than 200 MB"),
        ([(UNPACKED, 3 * 10**6)], "more than 500 times"),
        ([(UNPACKED, 190 * 10**6), (PACKED, 10**8)], "more than 4,000 MB"),
    ],
    ids=["encrypted", "member", "ratio", "total"],
)
def test_zips_that_declare_too_much_are_refused(fields, sentence, tmp_path):
    path = write_zip(tmp_path / "bad.zip", {f"{k}.png": picture() for k in range(22)})
    with pytest.raises(BadInput, match=f"bad.zip is refused because .*{sentence}"):
        data.load(forge(path, *fields))


def test_highly_compressed_members_are_refused(tmp_path):
    path = write_zip(tmp_path / "bad.zip", {**labelled_files(), "zeros.bmp": bytes(3 * 10**6)})
    assert path.stat().st_size < 50_000
    with pytest.raises(BadInput, match="500 times"):
        data.load(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_that_unpack_to_more_than_they_declare_are_refused(method, tmp_path):
    content = noise() + bytes(30 * 10**6)
    path = forge(write_zip(tmp_path / "bad.zip", {"1.png": content}, method), (UNPACKED, len(noise())))
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="more than the .* bytes that it declares"):
            data.load(path)
        assert tracemalloc.get_traced_memory()[1] < 15 * 10**6  # other threads of the session allocate too
    finally:
        tracemalloc.stop()


def test_members_shorter_than_declared_are_skipped(tmp_path):
    path = write_zip(tmp_path / "short.zip", {f"{k}.png": noise(k) for k in range(3)})
    with pytest.raises(BadInput, match="0 usable of 3"):
        data.load(forge(path, (UNPACKED, 10**5)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_a_bound_are_refused(method, tmp_path):
    with pytest.raises(BadInput, match="unusual method"):
        data.load(write_zip(tmp_path / "bad.zip", labelled_files(), method))


@pytest.mark.parametrize("content", [b"", b"PK\3\4 not a zip", b"GIF89a", b"PK\5\6" + b"\xff" * 18])
def test_what_is_not_a_zip_is_refused(content, tmp_path):
    file = tmp_path / "file.zip"
    file.write_bytes(content)
    with pytest.raises(BadInput, match="file.zip is not a zip file|holds no images"):
        data.load(file)


def test_truncated_zips_are_refused(tmp_path):
    path = write_zip(tmp_path / "file.zip", labelled_files())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadInput, match="not a zip file, or a damaged one"):
        data.load(path)


def test_pipes_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="neither a folder nor a zip"):
        data.load(tmp_path / "pipe")


def test_damaged_members_are_skipped(tmp_path):
    path = write_zip(tmp_path / "file.zip", {f"{k}.png": noise(k) for k in range(3)}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[500] ^= 255  # in the first image: only its CRC can tell
    path.write_bytes(content)
    dataset = data.load(path)
    assert len(dataset) == 2 and dataset.skipped == 1
