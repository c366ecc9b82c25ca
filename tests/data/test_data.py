"""Datasets: the catalogue, and those that are built in: digits and the sets of Keras."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import helpers_data
from gan_core import data
from gan_core.data import CAPTIONS, IMAGES, MUSIC, POINTS, SOUND, TABLE, TEXT, DataSpec, pixels
from gan_core.errors import BadInput
from helpers_data import (KERAS_SETS, MADE_SETS, MUSIC_SETS, POINT_SETS, SOUND_SETS, TABLE_SETS, TEXT_SETS,
                          write_folder)
from helpers_runs import is_a_sentence

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
bare = helpers_data.bare  # the fixture


# The package and its catalogue


def test_importing_the_package_stays_small():
    code = "import sys, gan_core.data; gan_core.data.catalogue(); print([m for m in sys.modules])"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "gan_core.data" in names
    for heavy in ("keras", "tensorflow", "jax", "sklearn", "scipy", "streamlit"):
        assert f"'{heavy}'" not in names


def test_catalogue_lists_the_built_in_ones(bare):
    ours = ["digits", *KERAS_SETS, "stacked_mnist", *MADE_SETS, *POINT_SETS, *TABLE_SETS, *MUSIC_SETS, *SOUND_SETS,
            *TEXT_SETS]
    infos = {info.name: info for info in data.catalogue()}
    assert [name for name in infos if name in ours] == ours
    for info in (infos[name] for name in ours):
        kinds = {POINTS: POINT_SETS, TABLE: TABLE_SETS, MUSIC: MUSIC_SETS, SOUND: SOUND_SETS, TEXT: TEXT_SETS,
                 CAPTIONS: ("captions",)}
        assert info.kind == next((kind for kind, names in kinds.items() if info.name in names), IMAGES)
        assert info.note.endswith(".") and info.title
        assert info.available == (info.name not in (*KERAS_SETS, "stacked_mnist", *MUSIC_SETS))
        assert info.name in MUSIC_SETS and info.count is None or info.count > 0
    assert infos["mnist"].as_dict() == {
        "name": "mnist",
        "title": infos["mnist"].title,
        "kind": "images",
        "shape": [28, 28, 1],
        "classes": 10,
        "class_names": list("0123456789"),
        "count": 60_000,
        "available": False,
        "note": infos["mnist"].note,
        "licence": "CC BY-SA 3.0 (Yann LeCun and Corinna Cortes)",
    }
    assert all(info.licence for info in infos.values()), "whoever shares a model needs to know"
    assert "mnist.npz" in infos["mnist"].note and "GAN_DATA" in infos["mnist"].note


@pytest.mark.parametrize("name", ["digits", *POINT_SETS, *TABLE_SETS, *TEXT_SETS])
def test_loading_gives_what_the_catalogue_says(name):
    info = next(info for info in data.catalogue() if info.name == name)
    dataset = data.load(name)
    assert dataset.name == name and dataset.kind == info.kind
    assert dataset.spec == info.spec() == DataSpec(info.kind, info.shape, info.classes, info.columns, traits=info.traits)
    assert dataset.spec.labelled == dataset.labelled == (dataset.y is not None) == (dataset.y_test is not None)
    assert dataset.spec.n_classes == len(info.classes)
    assert len(dataset) == len(dataset.x) == info.count
    assert dataset.x_test.shape[1:] == info.shape and len(dataset.x_test) > 0
    if dataset.labelled:
        assert dataset.y.dtype == dataset.y_test.dtype == np.int32
        assert len(dataset.y) == len(dataset.x) and len(dataset.y_test) == len(dataset.x_test)
        assert set(dataset.y) == set(dataset.y_test) == set(range(info.n_classes))
    again = data.load(name)
    assert np.array_equal(again.x, dataset.x) and np.array_equal(again.x_test, dataset.x_test)


@pytest.mark.parametrize("name", ["nothing", "", "a\0b", "x" * 5000])
def test_unknown_names_are_answered_with_the_known_ones(name, bare):
    with pytest.raises(BadInput, match="digits, mnist, .*folder or a zip"):
        data.load(name)


@pytest.mark.parametrize("path", ["no/such/folder", "nofile.csv", "~/nowhere", Path("cats.zip")])
def test_a_path_where_nothing_lies_is_answered_as_a_path(path, bare):
    with pytest.raises(BadInput, match="There is no file or folder") as caught:
        data.load(path)
    assert is_a_sentence(str(caught.value)) and "dataset" in caught.value.fields


@pytest.mark.parametrize("size", [3, 257, 0, -8, 8.0, "8"])
@pytest.mark.parametrize("name", ["digits", "ring"])
def test_sizes_out_of_range_are_refused(name, size):
    with pytest.raises(BadInput, match="4 to 256") as caught:
        data.load(name, size=size)
    assert "size" in caught.value.fields


@pytest.mark.parametrize("name", POINT_SETS)
def test_points_have_no_size(name):
    with pytest.raises(BadInput, match="set of points"):
        data.load(name, size=32)


# Digits


def test_digits_are_scaled_and_split():
    from sklearn.datasets import load_digits

    dataset = data.load("digits")
    assert dataset.x.dtype == np.uint8 and dataset.x.shape == (1498, 8, 8, 1) and dataset.x_test.shape == (299, 8, 8, 1)
    assert dataset.x.min() == 0 and dataset.x.max() == 255
    scans = load_digits()
    assert np.array_equal(np.rint(dataset.x[:5, ..., 0] / 255 * 16), scans.images[:5])
    assert np.array_equal(dataset.x_test[0, ..., 0], np.rint(scans.images[5] * 255 / 16))
    assert dataset.y_test[0] == scans.target[5]


@pytest.mark.parametrize("size", [4, 8, 32])
def test_digits_are_resized(size):
    dataset = data.load("digits", size=size)
    assert dataset.x.shape[1:] == dataset.x_test.shape[1:] == dataset.spec.shape == (size, size, 1)
    assert bool(dataset.note) == (size != 8)
    native = data.load("digits")
    assert abs(dataset.x.mean() - native.x.mean()) < 5 and np.array_equal(dataset.y, native.y)


def test_resizing_beyond_the_memory_limit_is_refused(monkeypatch):
    monkeypatch.setattr(pixels, "TOTAL_LIMIT", 10**6)
    with pytest.raises(BadInput, match="smaller size"):
        data.load("digits", size=32)


# The sets of keras.datasets


def small_set(name, n=20):
    shape = KERAS_SETS[name]
    rng = np.random.default_rng(1)
    shape = shape[:-1] if shape[-1] == 1 else shape
    x, x_test = (rng.integers(0, 256, (count, *shape), dtype=np.uint8) for count in (n, 5))
    y, y_test = np.arange(n, dtype=np.uint8) % 10, np.arange(5, dtype=np.uint8)
    return dict(zip(ARRAYS, (x, y, x_test, y_test)))


@pytest.mark.parametrize("name", KERAS_SETS)
def test_own_file_comes_first(name, bare, monkeypatch, tmp_path):
    arrays = small_set(name)
    np.savez(tmp_path / f"{name}.npz", **arrays)
    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    info = next(info for info in data.catalogue() if info.name == name)
    assert info.available and info.count == 20 and f"{name}.npz" in info.note
    dataset = data.load(name)
    assert dataset.x.shape == (20, *KERAS_SETS[name]) and dataset.x_test.shape == (5, *KERAS_SETS[name])
    assert np.array_equal(dataset.x.ravel(), arrays["x_train"].ravel())
    assert np.array_equal(dataset.y, arrays["y_train"]) and dataset.y.dtype == np.int32
    assert np.array_equal(dataset.y_test, arrays["y_test"])
    assert data.load(name, size=16).x.shape == (20, 16, 16, KERAS_SETS[name][-1])


def wrong_shape(arrays):
    arrays["x_train"] = arrays["x_train"][:, :20]


def wrong_dtype(arrays):
    arrays["x_test"] = arrays["x_test"] / 255


def lacking(arrays):
    del arrays["y_test"]


def too_few_labels(arrays):
    arrays["y_train"] = arrays["y_train"][:-1]


def foreign_labels(arrays):
    arrays["y_train"] = arrays["y_train"] + 1


def empty(arrays):
    arrays["x_test"], arrays["y_test"] = arrays["x_test"][:0], arrays["y_test"][:0]


def pickled(arrays):
    arrays["x_train"] = np.array([{}], dtype=object)


@pytest.mark.parametrize(
    "spoil",
    [wrong_shape, wrong_dtype, lacking, too_few_labels, foreign_labels, empty, pickled],
    ids=lambda spoil: spoil.__name__,
)
def test_wrong_arrays_are_refused_by_file(spoil, bare, monkeypatch, tmp_path):
    arrays = small_set("mnist")
    spoil(arrays)
    np.savez(tmp_path / "mnist.npz", **arrays)
    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    with pytest.raises(BadInput, match="mnist.npz cannot be used: "):
        data.load("mnist")


@pytest.mark.parametrize("damage", ["text", "empty", "short", "flipped", "npy"])
def test_damaged_files_are_refused_by_file(damage, bare, monkeypatch, tmp_path):
    file = tmp_path / "mnist.npz"
    np.savez(file, **small_set("mnist"))
    whole = bytearray(file.read_bytes())
    whole[2000] ^= 255  # in the pixels of x_train
    npy = io.BytesIO()
    np.save(npy, np.zeros(3))
    content = {"text": b"not data", "empty": b"", "short": whole[:5000], "flipped": whole, "npy": npy.getvalue()}
    file.write_bytes(content[damage])
    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    with pytest.raises(BadInput, match="mnist.npz cannot be used: "):
        data.load("mnist")
    if damage != "flipped":  # which only reading all of it can tell
        info = next(info for info in data.catalogue() if info.name == "mnist")
        assert not info.available and "mnist.npz cannot be used" in info.note
        assert data.default_dataset() == "digits"


@pytest.mark.parametrize("folder", [None, "elsewhere"])
@pytest.mark.parametrize("name", KERAS_SETS)
def test_failing_download_says_which_file_to_place(name, folder, bare, monkeypatch, tmp_path):
    import keras

    def offline():
        raise Exception("URL fetch failure on https://example.org: None -- no route")

    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", offline)
    if folder:
        monkeypatch.setenv("GAN_DATA", str(tmp_path / folder))
    with pytest.raises(BadInput) as caught:
        data.load(name)
    sentence = str(caught.value)
    assert f"{name}.npz" in sentence and "x_train, y_train, x_test, y_test" in sentence and "GAN_DATA" in sentence
    assert (str(tmp_path / folder / name) in sentence) if folder else ("set GAN_DATA" in sentence)
    assert "\n" not in sentence and "no route" in sentence


@pytest.mark.parametrize("name", KERAS_SETS)
def test_keras_loads_without_a_word_on_stdout(name, bare, monkeypatch, capsys):
    import keras

    arrays = small_set(name)

    def loader():
        print("Downloading data")
        labels = [arrays["y_train"], arrays["y_test"]]
        if name == "cifar10":  # whose labels are (N, 1), and whose images are a transposed view
            labels = [y[:, None] for y in labels]
            arrays["x_train"] = arrays["x_train"].transpose(0, 2, 1, 3)
        return (arrays["x_train"], labels[0]), (arrays["x_test"], labels[1])

    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", loader)
    dataset = data.load(name)
    out, err = capsys.readouterr()
    assert out == "" and "Downloading" in err
    assert dataset.x.shape == (20, *KERAS_SETS[name]) and dataset.x.flags.c_contiguous
    assert np.array_equal(dataset.y, arrays["y_train"]) and dataset.y.dtype == np.int32


@pytest.mark.parametrize(
    "name, files",
    [
        ("mnist", ["mnist.npz"]),
        ("cifar10", ["cifar-10-batches-py-target_archive"]),
        (
            "fashion_mnist",
            [f"fashion-mnist/{a}-{b}-ubyte.gz" for a in ("train", "t10k") for b in ("labels-idx1", "images-idx3")],
        ),
    ],
)
def test_keras_cache_makes_a_set_available(name, files, bare):
    def available():
        return next(info for info in data.catalogue() if info.name == name).available

    assert not available()
    write_folder(bare / "datasets", dict.fromkeys(files, b"-"))
    assert available()
    assert data.default_dataset() == ("mnist" if name == "mnist" else "digits")


def test_default_dataset(bare, monkeypatch, tmp_path):
    assert data.default_dataset() == "digits"
    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    assert data.default_dataset() == "digits"
    np.savez(tmp_path / "mnist.npz", **small_set("mnist"))
    assert data.default_dataset() == "mnist"


def test_real_mnist():
    folder = os.environ.get("GAN_DATA")
    if not folder or not Path(folder, "mnist.npz").is_file():
        pytest.skip("GAN_DATA names no folder with mnist.npz")
    dataset = data.load("mnist")
    assert dataset.x.shape == (60_000, 28, 28, 1) and dataset.x_test.shape == (10_000, 28, 28, 1)
    assert dataset.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert dataset.x.mean() == pytest.approx(33.318, abs=1e-3) and dataset.x.std() == pytest.approx(78.567, abs=1e-3)
