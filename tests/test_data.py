"""Datasets: the catalogue, built-in data, imported folders and zips with all that can be wrong with them, batches."""

import io
import itertools
import os
import resource
import shutil
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.data import IMAGES, POINTS, Dataset, DataSpec, imported, pixels, points
from gan_core.data.sources import classes_of
from gan_core.errors import BadInput, StoreError

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
KERAS_SETS = {"mnist": (28, 28, 1), "fashion_mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
POINT_SETS = ("ring", "grid", "swiss_roll", "two_moons", "checkerboard")


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with neither GAN_DATA nor anything in Keras's cache."""
    monkeypatch.delenv("GAN_DATA", raising=False)
    home = tmp_path / "keras-home"
    home.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(home))
    return home


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


def picture(colour=(200, 30, 90), size=(20, 16), mode="RGB", form="PNG", **options) -> bytes:
    return encoded(Image.new("RGB", size, colour).convert(mode), form, **options)


def encoded(image, form="PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def noise(seed=0, side=24) -> bytes:
    """A picture that does not compress: cut short, it lacks pixels."""
    return encoded(Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)))


def write_folder(top: Path, files: dict) -> Path:
    for name, content in files.items():
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return top


def write_zip(path: Path, files: dict, method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


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


def labelled_files(n=3):
    return {f"{name}/{k}.png": noise(seed) for seed, (name, k) in enumerate(itertools.product("ab", range(n)))}


# The package and its catalogue


def test_importing_the_package_stays_small():
    code = "import sys, gan_core.data; gan_core.data.catalogue(); print([m for m in sys.modules])"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "gan_core.data" in names
    for heavy in ("keras", "tensorflow", "jax", "sklearn", "scipy", "streamlit"):
        assert f"'{heavy}'" not in names


def test_catalogue_lists_the_built_in_ones(bare):
    infos = {info.name: info for info in data.catalogue()}
    assert list(infos) == ["digits", *KERAS_SETS, "stacked_mnist", *POINT_SETS]
    for info in infos.values():
        assert info.kind == (POINTS if info.name in POINT_SETS else IMAGES)
        assert info.note.endswith(".") and info.title and info.count > 0
        assert info.available == (info.name not in (*KERAS_SETS, "stacked_mnist"))
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
    }
    assert "mnist.npz" in infos["mnist"].note and "GAN_DATA" in infos["mnist"].note


@pytest.mark.parametrize("name", ["digits", *POINT_SETS])
def test_loading_gives_what_the_catalogue_says(name):
    info = next(info for info in data.catalogue() if info.name == name)
    dataset = data.load(name)
    assert dataset.name == name and dataset.kind == info.kind
    assert dataset.spec == DataSpec(info.kind, info.shape, info.classes)
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


@pytest.mark.parametrize("name", ["nothing", "", "no/such/folder", "a\0b", "x" * 5000])
def test_unknown_names_are_answered_with_the_known_ones(name, bare):
    with pytest.raises(BadInput, match="digits, mnist, .*folder or a zip"):
        data.load(name)


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


# Points


@pytest.mark.parametrize("name, modes, sigma", [("ring", 8, 0.01), ("grid", 25, 0.05)])
def test_mixtures_lie_around_their_modes(name, modes, sigma):
    centres = points.MODES[name].centres
    assert centres.shape == (modes, 2) and points.MODES[name].sigma == sigma
    dataset = data.load(name)
    distance = np.linalg.norm(dataset.x[:, None] - centres, axis=-1)
    assert np.array_equal(distance.argmin(axis=1), dataset.y)
    assert (dataset.x - centres[dataset.y]).std() == pytest.approx(sigma, rel=0.02)
    assert np.bincount(dataset.y) == pytest.approx(len(dataset) / modes, rel=0.1)


def test_mode_centres():
    assert np.linalg.norm(points.MODES["ring"].centres, axis=1) == pytest.approx(1)
    ticks = {-4, -2, 0, 2, 4}
    assert {tuple(centre) for centre in points.MODES["grid"].centres.tolist()} == set(itertools.product(ticks, ticks))


def test_points_are_many_and_float32():
    for name in POINT_SETS:
        dataset = data.load(name)
        assert dataset.x.shape == (100_000, 2) and dataset.x.dtype == dataset.x_test.dtype == np.float32
        assert not {tuple(p) for p in dataset.x[:1000].tolist()} & {tuple(p) for p in dataset.x_test[:1000].tolist()}


def test_shapes_without_modes():
    board = data.load("checkerboard").x
    square = np.floor((board + 1) * 2).astype(int)
    assert (square.sum(axis=1) % 2 == 0).all() and len(np.unique(square, axis=0)) == 8
    radius = np.linalg.norm(data.load("swiss_roll").x, axis=1)
    assert 0.25 < radius.min() < 0.35 and 0.95 < radius.max() < 1.1
    moons = data.load("two_moons")
    assert moons.x[moons.y == 0].mean(axis=0)[1] > 0.2 > -0.2 > moons.x[moons.y == 1].mean(axis=0)[1]


# Decoding


def stripes(width=40, height=20) -> Image.Image:
    """Three vertical stripes, red, green and blue, the green one a centred square."""
    image = Image.new("RGB", (width, height), "green")
    image.paste("red", (0, 0, (width - height) // 2, height))
    image.paste("blue", ((width + height) // 2, 0, width, height))
    return image


@pytest.mark.parametrize("turn", [False, True])
def test_the_long_side_is_cropped_around_the_centre(turn):
    image = stripes().rotate(90, expand=True) if turn else stripes()
    pixel = pixels.decode(encoded(image), 10)
    assert pixel.shape == (10, 10, 3)
    assert (pixel[2:-2, 2:-2] == (0, 128, 0)).all()  # the filter reaches across the crop's edge
    assert (np.argmax(pixel, axis=-1) == 1).all()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
@pytest.mark.parametrize("size", [4, 32])
def test_formats(form, size):
    options = {"lossless": True} if form == "WEBP" else {}
    pixel = pixels.decode(picture((200, 30, 90), form=form, **options), size)
    assert pixel.shape == (size, size, 3) and pixel.dtype == np.uint8
    assert np.abs(pixel.astype(int) - (200, 30, 90)).max() <= 3


def sixteen_bit():
    return Image.fromarray(np.full((9, 9), 0x8080, np.uint16))


def palette():
    return Image.new("RGB", (9, 9), (255, 0, 0)).quantize(4)


def transparent_palette():
    image = Image.new("P", (9, 9), 1)
    image.putpalette([0, 0, 255, 255, 0, 0])
    image.info["transparency"] = 1
    return image


def floats(dtype):
    ramp = np.zeros((10, 10), dtype)
    ramp[:, 5:] = 1000
    return Image.fromarray(ramp)


@pytest.mark.parametrize(
    "content, expected",
    [
        (encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0))), [255]),
        (encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 51))), [255, 204, 204]),
        (encoded(Image.new("LA", (9, 9), (0, 51))), [204]),
        (encoded(Image.new("L", (9, 9), 77)), [77]),
        (encoded(Image.new("1", (9, 9), 1)), [255]),
        (encoded(palette()), [255, 0, 0]),
        (encoded(transparent_palette(), transparency=1), [255]),
        (encoded(sixteen_bit()), [128]),
        (encoded(sixteen_bit(), "TIFF"), [128]),
        (encoded(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "TIFF"), [255, 0, 0]),
        (encoded(Image.new("CMYK", (16, 16), (0, 0, 0, 255)), "JPEG"), [0]),
        (encoded(Image.new("RGB", (9, 9), (50, 50, 50))), [50]),
    ],
    ids="clear RGBA,RGBA,LA,L,1,P,clear P,I;16 png,I;16 tiff,CMYK tiff,CMYK jpeg,grey RGB".split(","),
)
def test_modes(content, expected):
    pixel = pixels.decode(content, 4)
    assert pixel.shape == (4, 4, len(expected))
    assert np.abs(pixel.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_32_bit_samples_are_stretched(dtype):
    pixel = pixels.decode(encoded(floats(dtype), "TIFF"), 10)
    assert pixel.shape == (10, 10, 1) and (pixel[:, :5] == 0).all() and (pixel[:, 5:] == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation):
    upright = Image.new("L", (16, 16), 0)
    upright.paste(255, (0, 0, 8, 4))  # a mark that no turn or flip leaves in place
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # orientation -> the Transpose that stores it so
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(pixels.decode(encoded(stored, exif=exif), 16)[..., 0], np.asarray(upright))


def test_broken_exif_does_not_cost_the_image():
    assert pixels.decode(encoded(Image.new("L", (9, 9), 8), "JPEG", exif=b"Exif\0\0garbage"), 4).shape == (4, 4, 1)


def test_first_frame_of_a_gif():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (pixels.decode(content, 4) == (255, 0, 0)).all()


def test_large_jpegs_are_decoded_as_others():
    ramp = np.linspace(0, 255, 1024).astype(np.uint8)
    across = np.tile(ramp, (1024, 1))
    image = Image.fromarray(np.stack([across, across.T, np.zeros_like(across)], axis=-1))
    jpeg, png = (pixels.decode(encoded(image, form), 16).astype(int) for form in ("JPEG", "PNG"))
    assert np.abs(jpeg - png).max() <= 4


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF"])
@pytest.mark.parametrize("keep", [0, 10, 0.5])
def test_truncated_files_are_unreadable(form, keep):
    content = encoded(Image.open(io.BytesIO(noise(side=64))), form)
    with pixels.decoding(), pytest.raises(pixels.Unreadable):
        pixels.decode(content[: int(len(content) * keep) if keep < 1 else keep], 8)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"<svg/>", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_other_files_are_unreadable(content):
    with pytest.raises(pixels.Unreadable):
        pixels.decode(content, 8)


# Folders and zips


@pytest.fixture(params=["folder", "zip", "stored zip"])
def make(request, tmp_path):
    """Writes {name: bytes} as a folder or as a zip, and gives its path."""

    def write(files, name="My Cats (2)"):
        if request.param == "folder":
            return write_folder(tmp_path / name, files)
        method = zipfile.ZIP_STORED if request.param == "stored zip" else zipfile.ZIP_DEFLATED
        return write_zip(tmp_path / f"{name}.zip", files, method)

    return write


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
        (["a/1.png", "b/2.png", "3.png"], (), None),
        (["ab/1.png", "abc/2.png"], ("ab", "abc"), [0, 1]),
    ],
)
def test_class_folders_become_labels(names, classes, labels, make):
    assert classes_of(names) == (classes, labels)
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
    assert len(dataset) == 2 and dataset.skipped == 2 and "2 files could not be decoded" in dataset.note
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
    assert len(dataset) == 7 and dataset.classes == ("a", "b", "caf\N{REPLACEMENT CHARACTER}")
    monkeypatch.setattr("gan_core.data.sources._FILE_LIMIT", 100)
    with pytest.raises(BadInput, match="0 usable of 7"):
        data.load(top)


def test_home_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_folder(tmp_path / "set", labelled_files())
    assert len(data.load("~/set")) == 6


# Zips that mean no good


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


# What the workspace keeps


def equal(a: Dataset, b: Dataset) -> bool:
    labels = a.y is b.y is None or np.array_equal(a.y, b.y)
    same = all(getattr(a, key) == getattr(b, key) for key in ("name", "kind", "classes", "skipped", "note"))
    return labels and same and np.array_equal(a.x, b.x)


@pytest.fixture
def no_decoding(monkeypatch):
    """Call it, and any decoding from then on fails the test."""

    def forbid():
        monkeypatch.setattr(imported, "decode", lambda *_: pytest.fail("decoded again"))

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


def test_imported_sets_are_in_the_catalogue(make, workspace, bare):
    path = make({**labelled_files(), "a/9.png": b"no image"})
    for size in (64, 16):
        name = data.load(path, size=size, workspace=workspace).name
    (info,) = [info for info in data.catalogue(workspace) if info.name == name]
    assert info.shape == (64, 64, 3) == data.load(name, workspace=workspace).spec.shape
    assert info.kind == IMAGES and info.classes == ("a", "b") and info.count == 6 and info.available
    assert info.title == "my-cats-2"
    assert info.note == f"Imported from {path.name}; 1 file could not be decoded; kept at 16 and 64 pixels."
    data.load(path, workspace=workspace)
    (info,) = [info for info in data.catalogue(workspace) if info.name == name]
    assert info.shape == (32, 32, 3) == data.load(name, workspace=workspace).spec.shape
    assert [info.name for info in data.catalogue()] == ["digits", *KERAS_SETS, "stacked_mnist", *POINT_SETS]
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


# Batches


def image_set(n=10, labelled=True):
    x = np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1) * np.ones((1, 4, 4, 3), np.uint8)
    y = np.arange(n, dtype=np.int32) * 10 if labelled else None
    return Dataset("counted", IMAGES, x, y, tuple(map(str, range(n * 10))) if labelled else ())


def point_set(n=10):
    return Dataset("counted", POINTS, np.repeat(np.arange(n, dtype=np.float32)[:, None], 2, axis=1), None)


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)


def rows(batch):
    return np.rint((batch["real"][:, 0, 0, 0] + 1) * 127.5).astype(int)


@pytest.mark.parametrize("batch_size, draws", [(4, 1), (4, 3), (10, 1), (7, 1), (32, 1), (1, 2)])
def test_batches_have_the_promised_arrays(batch_size, draws):
    total = batch_size * draws
    batch = next(data.batches(image_set(), batch_size, seed=0, draws=draws))
    assert list(batch) == ["real", "label"]
    assert batch["real"].shape == (total, 4, 4, 3) and batch["real"].dtype == np.float32
    assert batch["label"].shape == (total,) and batch["label"].dtype == np.int32
    assert np.array_equal(batch["label"], rows(batch) * 10)  # each sample with its own label
    assert list(next(data.batches(image_set(labelled=False), batch_size, seed=0))) == ["real"]
    batch = next(data.batches(point_set(), batch_size, seed=0, draws=draws))
    assert batch["real"].shape == (total, 2) and batch["real"].dtype == np.float32
    assert set(batch["real"].ravel()) <= set(range(10))


@pytest.mark.parametrize("make_set", [image_set, point_set])
@pytest.mark.parametrize("batch_size, draws", [(4, 1), (3, 2), (10, 1), (25, 1)])
@pytest.mark.parametrize("start", [0, 1, 3, 17])
def test_a_resumed_iteration_goes_on_where_it_was(make_set, batch_size, draws, start):
    dataset = make_set()
    whole = list(data.batches(dataset, batch_size, seed=5, stop=25, draws=draws))
    resumed = list(data.batches(dataset, batch_size, seed=5, start=start, stop=25, draws=draws))
    assert len(whole) == 25 and len(resumed) == 25 - start
    assert all(map(same, whole[start:], resumed))
    at = data.batches(dataset, batch_size, seed=5, draws=draws).batch_at
    assert all(same(at(step), whole[step]) for step in (24, 0, 13, 2, 13))


@pytest.mark.parametrize("batch_size, draws", [(4, 1), (3, 2), (10, 1), (25, 1)])
def test_every_epoch_is_a_fresh_permutation(batch_size, draws):
    drawn = np.concatenate([rows(b) for b in data.batches(image_set(), batch_size, seed=1, stop=50, draws=draws)])
    epochs = drawn[: len(drawn) // 10 * 10].reshape(-1, 10)
    assert (np.sort(epochs, axis=1) == np.arange(10)).all()
    assert len({tuple(epoch) for epoch in epochs.tolist()}) == len(epochs)


def test_seeds_give_different_orders_and_draws_the_same():
    def order(**how):
        return np.concatenate([rows(batch) for batch in data.batches(image_set(200), 20, stop=5, **how)])

    assert not np.array_equal(order(seed=0), order(seed=1))
    assert np.array_equal(order(seed=0, draws=2)[:100], order(seed=0))


def test_iteration_ends_at_stop_or_never():
    assert list(data.batches(image_set(), 4, seed=0, start=3, stop=3)) == []
    assert len(list(itertools.islice(data.batches(image_set(), 4, seed=0), 100))) == 100


def test_a_batch_is_the_callers_own():
    dataset = point_set()
    at = data.batches(dataset, 4, seed=0).batch_at
    first = at(0)["real"].copy()
    at(0)["real"][...] = -1
    assert np.array_equal(at(0)["real"], first) and dataset.x.min() == 0


@pytest.mark.parametrize(
    "field, value", [("batch_size", 0), ("batch_size", 2.5), ("draws", 0), ("seed", -1), ("start", -1), ("stop", -2)]
)
def test_numbers_out_of_range_are_refused(field, value):
    with pytest.raises(BadInput, match=field) as caught:
        data.batches(image_set(), **{"batch_size": 4, "seed": 0, field: value})
    assert field in caught.value.fields


def test_an_empty_dataset_has_no_batches():
    with pytest.raises(BadInput, match="empty"):
        data.batches(image_set(0), 4, seed=0)


# Casting


def test_casting_round_trips_exactly():
    values = np.arange(256, dtype=np.uint8)
    cast = data.to_float(values)
    assert cast.dtype == np.float32 and cast[0] == -1 and cast[-1] == 1
    assert np.array_equal(cast, values.astype(np.float32) / np.float32(127.5) - np.float32(1))
    back = data.to_uint8(cast)
    assert back.dtype == np.uint8 and np.array_equal(back, values)
    assert np.array_equal(data.to_uint8(cast.astype(np.float64)), values)


def test_to_uint8_rounds_and_clips():
    step = 1 / 127.5
    images = np.array([-3, -1 + 0.4 * step, -1 + 0.6 * step, 0.999, 7, np.inf, -np.inf, np.nan])
    assert data.to_uint8(images).tolist() == [0, 0, 1, 255, 255, 255, 0, 0]


def test_to_float_takes_uint8_only():
    with pytest.raises(TypeError, match="float64"):
        data.to_float(np.zeros(3))


def test_casting_keeps_shapes():
    assert data.to_float(np.zeros((2, 3, 4, 1), np.uint8)).shape == data.to_uint8(np.zeros((2, 3, 4, 1))).shape
