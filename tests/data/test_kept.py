"""What the workspace keeps of imported images, and what is done when that is damaged or cannot be written."""

import os
import resource
import shutil

import numpy as np
import pytest

import helpers_data
from gan_core import data
from gan_core.data import IMAGES, Dataset, imported, pictures
from gan_core.errors import BadInput, StoreError
from helpers_data import (KERAS_SETS, MADE_SETS, MUSIC_SETS, POINT_SETS, SOUND_SETS, TABLE_SETS, TEXT_SETS,
                          labelled_files, noise, picture, write_folder)
from helpers_runs import is_a_sentence

bare, make, workspace = helpers_data.bare, helpers_data.make, helpers_data.workspace  # the fixtures


def equal(a: Dataset, b: Dataset) -> bool:
    labels = a.y is b.y is None or np.array_equal(a.y, b.y)
    same = all(getattr(a, key) == getattr(b, key) for key in ("name", "kind", "classes", "skipped", "note"))
    return labels and same and np.array_equal(a.x, b.x)


@pytest.fixture
def no_decoding(monkeypatch):
    """Call it, and any decoding from then on fails the test."""

    def forbid():
        monkeypatch.setattr(pictures, "decode", lambda *_: pytest.fail("decoded again"))

    return forbid


@pytest.mark.parametrize("files", [labelled_files(), {"1.png": noise(1), "2.png": noise(2), "3.png": b"-"}])
def test_decoded_once_and_found_by_name_when_the_source_is_gone(files, make, workspace, no_decoding):
    path = make(files)
    first = data.load(path, size=16, workspace=workspace)
    assert equal(first, data.load(path, size=16))  # with no workspace: the same, and nothing kept
    assert [file.name for file in (workspace / "datasets").iterdir()] == [f"{first.name}-16.npz"]
    no_decoding()
    assert equal(data.load(path, size=16, workspace=workspace), first)
    moved = path.with_name("moved" + path.suffix)
    shutil.move(path, moved)
    assert equal(data.load(moved, size=16, workspace=workspace), first)
    shutil.rmtree(moved) if moved.is_dir() else moved.unlink()
    assert equal(data.load(first.name, size=16, workspace=workspace), first)
    assert equal(data.load(first.name, workspace=workspace), first)  # the only size there is
    with pytest.raises(BadInput, match=f"{first.name} is kept at 16 pixels only"):
        data.load(first.name, size=32, workspace=workspace)
    with pytest.raises(BadInput, match="There is no dataset"):
        data.load(first.name, size=16)


def test_other_content_gets_another_name(make, workspace):
    files = labelled_files()
    first = data.load(make(files), workspace=workspace)
    changed = data.load(make({**files, "a/0.png": picture()}), workspace=workspace)
    assert first.name != changed.name and not np.array_equal(first.x, changed.x)
    assert len(imported.names(workspace)) == 2


def test_a_name_that_a_person_gave_needs_no_hash_where_only_one_is_called_so(tmp_path, workspace):
    images = np.zeros((4, 8, 8, 1), np.uint8)
    kept = imported.keep("My Cats", images, None, (), workspace, "Drawn.")
    assert data.load("my-cats", workspace=workspace).name == data.load("My Cats", workspace=workspace).name == kept.name
    with pytest.raises(BadInput, match="There is no dataset"):
        data.load("cats", workspace=workspace)
    with pytest.raises(BadInput, match="There is no file or folder"):
        data.load("./my-cats", workspace=workspace)
    other = data.load(write_folder(tmp_path / "my cats", labelled_files()), workspace=workspace)
    with pytest.raises(BadInput, match="Several datasets are called 'my-cats'") as refused:
        data.load("my-cats", workspace=workspace)
    assert kept.name in str(refused.value) and other.name in str(refused.value) and is_a_sentence(str(refused.value))


def test_imported_sets_are_in_the_catalogue(make, workspace, bare):
    path = make({**labelled_files(), "a/9.png": b"no image"})
    for size in (64, 16):
        name = data.load(path, size=size, workspace=workspace).name
    (info,) = [info for info in data.catalogue(workspace) if info.name == name]
    assert info.shape == (64, 64, 3) == data.load(name, workspace=workspace).spec.shape
    assert info.kind == IMAGES and info.classes == ("a", "b") and info.count == 6 and info.available
    assert info.title == "my-cats-2"
    assert info.note == (f"Imported from {path.name}. Not used: 1 that could not be decoded (a/9.png); kept at 16 and 64 "
                         "pixels.")
    data.load(path, workspace=workspace)
    (info,) = [info for info in data.catalogue(workspace) if info.name == name]
    assert info.shape == (32, 32, 3) == data.load(name, workspace=workspace).spec.shape
    assert [info.name for info in data.catalogue()] == ["digits", *KERAS_SETS, "stacked_mnist", *MADE_SETS, *POINT_SETS,
                                                        *TABLE_SETS, *MUSIC_SETS, *SOUND_SETS, *TEXT_SETS]
    with pytest.raises(BadInput, match=name):
        data.load("nothing", workspace=workspace)


@pytest.mark.parametrize("content", [b"", b"damaged", None])
def test_damaged_kept_files_are_made_again(content, tmp_path, workspace):
    path = write_folder(tmp_path / "set", labelled_files())
    first = data.load(path, workspace=workspace)
    (file,) = (workspace / "datasets").iterdir()
    file.write_bytes(file.read_bytes()[:3000] if content is None else content)
    with pytest.raises(StoreError, match=f"{file.name} is damaged; delete it"):
        data.load(first.name, workspace=workspace)
    (info,) = [info for info in data.catalogue(workspace) if info.name == first.name]
    assert not info.available and "damaged" in info.note
    assert equal(data.load(path, workspace=workspace), first)
    assert equal(data.load(first.name, workspace=workspace), first)


def test_foreign_kept_files_are_damaged_ones(tmp_path, workspace):
    path = write_folder(tmp_path / "set", labelled_files())
    first = data.load(path, workspace=workspace)
    (file,) = (workspace / "datasets").iterdir()
    np.savez(file, x=first.x, meta="[1, 2]")
    with pytest.raises(StoreError, match="damaged"):
        data.load(first.name, workspace=workspace)
    (workspace / "datasets" / "notes.npz").write_bytes(b"something else")
    assert imported.names(workspace) == [first.name]


def test_a_workspace_that_cannot_be_made(tmp_path, workspace):
    workspace.write_text("a file in the place of the folder")
    with pytest.raises(StoreError, match="cannot be kept"):
        data.load(write_folder(tmp_path / "set", labelled_files()), workspace=workspace)


def test_a_full_disk_leaves_nothing_behind(tmp_path, workspace):
    path = write_folder(tmp_path / "set", labelled_files(30))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # a file that grows beyond fails as on a full disk
    try:
        with pytest.raises(StoreError, match="cannot be kept in .*datasets: "):
            data.load(path, workspace=workspace)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((workspace / "datasets").iterdir()) == []
    assert len(data.load(path, workspace=workspace)) == 60


def test_a_failing_rename_leaves_nothing_behind(tmp_path, workspace, monkeypatch):
    def read_only(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "replace", read_only)
    with pytest.raises(StoreError, match="Read-only file system"):
        data.load(write_folder(tmp_path / "set", labelled_files()), workspace=workspace)
    assert list((workspace / "datasets").iterdir()) == []


@pytest.mark.parametrize("stem, slug", [("Ünïcode  Set!", "unicode-set"), ("Фото", "images"), ("x" * 99, "x" * 40)])
def test_names_are_safe_as_file_names(stem, slug, tmp_path):
    assert data.load(write_folder(tmp_path / stem, labelled_files())).name.rpartition("-")[0] == slug
