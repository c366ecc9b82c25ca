"""Pairs from a folder or a zip: two folders of equal names."""

import io

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.data import PAIRS
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from helpers_data import noise as picture, write_folder, write_zip
from helpers_runs import is_a_sentence


def pair_files(first="source", second="target", n=4):
    return {f"{side}/{number}.png": picture(seed=number + 10 * (side == second)) for side in (first, second)
            for number in range(n)}


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("folders", [("source", "target"), ("A", "B")])
def test_pairs_come_from_two_folders_of_equal_names(tmp_path, write, folders):
    path = tmp_path / ("pairs" if write is write_folder else "pairs.zip")
    write(path, pair_files(*folders))
    dataset = data.load(str(path), size=16, workspace=tmp_path / "workspace")
    assert dataset.kind == PAIRS and dataset.x.shape == dataset.more["source"].shape == (4, 16, 16, 3)
    assert dataset.spec.beside == (("source", (16, 16, 3)),)
    again = data.load(dataset.name, workspace=tmp_path / "workspace")
    assert np.array_equal(again.x, dataset.x) and np.array_equal(again.more["source"], dataset.more["source"])
    info = next(info for info in data.catalogue(tmp_path / "workspace") if info.name == dataset.name)
    assert info.spec() == dataset.spec and info.kind == PAIRS


@pytest.mark.parametrize("write", [write_folder, write_zip])
@pytest.mark.parametrize("folders", [("source", "target"), ("A", "B")])
@pytest.mark.parametrize("within, strays", [
    ("p9", {}), ("deep/within", {}), ("", {"note.txt": b"text"}), ("p9", {"note.txt": b"text", ".DS_Store": b"x"})])
def test_pairs_may_be_enclosed_and_what_is_no_image_does_not_count(tmp_path, write, folders, within, strays):
    path = tmp_path / ("pairs" if write is write_folder else "pairs.zip")
    files = pair_files(*folders) | {f"{folders[1]}/{name}": content for name, content in strays.items()} | strays
    write(path, {f"{within}/{name}".lstrip("/"): content for name, content in files.items()})
    dataset = data.load(str(path), size=16)
    assert dataset.kind == PAIRS and len(dataset) == 4


@pytest.mark.parametrize("folders", [("source", "target"), ("A", "B")])
def test_a_pair_that_lacks_one_side_is_named(tmp_path, folders):
    write_folder(tmp_path / "pairs", pair_files(*folders) | {f"{folders[0]}/lonely.png": picture()})
    with pytest.raises(BadInput, match=f"{folders[0]}/lonely.png and no such image in {folders[1]}") as refused:
        data.load(str(tmp_path / "pairs"))
    assert is_a_sentence(str(refused.value))


def test_images_beside_the_folders_of_pairs_are_counted_and_empty_folders_are_none(tmp_path):
    write_folder(tmp_path / "pairs", pair_files() | {"cover.png": picture(), "more/0.png": picture()})
    assert "Not used: 2 images beside source and target." in data.load(str(tmp_path / "pairs")).note
    write_folder(tmp_path / "pets", {f"cats/{n}.png": picture() for n in range(3)})
    for name in ("source", "target"):
        (tmp_path / "pets" / name).mkdir()
    assert data.load(str(tmp_path / "pets")).kind == "images"


@pytest.mark.parametrize("packed", [False, True])
def test_sources_beside_no_targets_are_refused(tmp_path, packed):
    files, path = {"source/0.png": picture(), "source/1.png": picture()}, tmp_path / "pairs"
    if packed:
        path = write_zip(tmp_path / "pairs.zip", files | {"target/": b""})
    else:
        write_folder(path, files)
        (path / "target").mkdir()
    with pytest.raises(BadInput, match="source/0.png and no such image in target"):
        data.load(str(path))


def test_folders_a_and_b_of_other_names_are_classes_as_ever(tmp_path):
    files = pair_files("A", "B")
    write_folder(tmp_path / "pets", files | {f"A/more {n}.png": picture() for n in range(5)})
    dataset = data.load(str(tmp_path / "pets"))
    assert dataset.kind == "images" and dataset.classes == ("A", "B")
    write_folder(tmp_path / "three", files | {"C/0.png": picture(), "C/1.png": picture()})
    assert data.load(str(tmp_path / "three")).classes == ("A", "B", "C")


def test_a_pair_of_which_one_image_is_damaged_is_skipped_and_counted(tmp_path):
    write_folder(tmp_path / "pairs", pair_files() | {"target/2.png": b"no image"})
    dataset = data.load(str(tmp_path / "pairs"))
    assert len(dataset) == len(dataset.more["source"]) == 3 and dataset.skipped == 1
    assert "Not used: 1 pair that could not be decoded (target/2.png)." in dataset.note


def test_a_sheet_of_pairs_has_rows_of_sources_and_targets():
    spec = data.DataSpec(PAIRS, (8, 8, 1), beside=(("source", (8, 8, 1)),))
    sheet = modality(PAIRS).draw(np.ones((3, 8, 8, 1), np.float32), spec, beside={
        "source": -np.ones((3, 8, 8, 1), np.float32), "real": np.zeros((3, 8, 8, 1), np.float32)})
    pixels = np.asarray(Image.open(io.BytesIO(sheet.data)))
    middle = [pixels[pixels.shape[0] * place // 6, pixels.shape[1] // 2] for place in (1, 3, 5)]
    assert middle == [0, 128, 255]
