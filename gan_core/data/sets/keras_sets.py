"""MNIST, Fashion-MNIST and CIFAR-10: from a file of the user's, or from Keras's cache, or by Keras's download."""

import contextlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

import gan_core
from gan_core.data.base import IMAGES, Dataset, DatasetInfo
from gan_core.data.npz import DamagedNpz, npz_arrays, npz_headers
from gan_core.data.pixels import resized
from gan_core.errors import BadInput

ORDER = 20

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


class _KerasSet(NamedTuple):
    title: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    count: int
    licence: str
    cached: tuple[str, ...]  # files below Keras's datasets folder that spare the download


_SETS = {
    "mnist": _KerasSet("MNIST digits, 28 x 28", (28, 28, 1), tuple("0123456789"), 60_000,
                       "CC BY-SA 3.0 (Yann LeCun and Corinna Cortes)", ("mnist.npz",)),
    "fashion_mnist": _KerasSet(
        "Fashion-MNIST, 28 x 28",
        (28, 28, 1),
        ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
        60_000,
        "MIT (Zalando SE)",
        tuple(
            f"fashion-mnist/{part}-ubyte.gz"
            for part in ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3")
        ),
    ),
    "cifar10": _KerasSet(
        "CIFAR-10 photographs, 32 x 32",
        (32, 32, 3),
        ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        50_000,
        "none stated by its makers (Alex Krizhevsky, Vinod Nair, Geoffrey Hinton)",
        ("cifar-10-batches-py-target_archive",),
    ),
}


def infos(workspace=None) -> list[DatasetInfo]:
    return [_info(name) for name in _SETS]


def _info(name):
    known = _SETS[name]
    count, available = known.count, True
    file = _own_file(name)
    if file is not None:
        try:
            count, note = _count_in(file, known), f"Read from {file}."
        except BadInput as error:
            available, note = False, str(error)
    elif all((_keras_cache() / part).is_file() for part in known.cached):
        note = "Read from the cache of keras.datasets."
    else:
        available, note = False, f"Keras downloads it when it is first used; without a network, {_how_to_place(name)}."
    return DatasetInfo(name, known.title, IMAGES, known.shape, known.classes, count, available, note,
                       licence=known.licence)


def load(name, size=None, workspace=None) -> Dataset:
    """Training and test images, uint8, at their native size or resized to ``size`` pixels a side.

    Raises BadInput when the user's file is damaged or holds something else, and when the download fails.
    """
    known = _SETS[name]
    file = _own_file(name)
    if file is not None:
        _count_in(file, known)
        try:
            arrays = npz_arrays(file, _ARRAYS)
        except DamagedNpz as error:
            raise _wrong(file, error) from error
        for key in ("y_train", "y_test"):
            if not 0 <= arrays[key].min() <= arrays[key].max() < len(known.classes):
                raise _wrong(file, f"the labels in {key} are not all from 0 to {len(known.classes) - 1}")
    else:
        arrays = _from_keras(name)
    x, x_test = (np.ascontiguousarray(arrays[key]).reshape(-1, *known.shape) for key in ("x_train", "x_test"))
    y, y_test = (arrays[key].reshape(-1).astype(np.int32) for key in ("y_train", "y_test"))
    x, note = resized(x, size)
    return Dataset(name, IMAGES, x, y, known.classes, resized(x_test, size)[0], y_test, note=note)


def _from_keras(name):
    try:
        # Progress goes to stdout otherwise, where the command line prints results.
        with contextlib.redirect_stdout(sys.stderr):
            import keras  # here, because Keras takes seconds and a backend with it
            from keras.src.backend import config

            config._KERAS_DIR = str(_keras_cache().parent)  # its settings are ours, and what it downloads is the person's
            (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:  # Keras raises bare Exception when a download fails
        raise BadInput(f"{name} could not be downloaded ({error}); {_how_to_place(name)}.") from error
    return dict(zip(_ARRAYS, (x, y, x_test, y_test)))


def _own_file(name):
    """$GAN_DATA/<name>.npz when there is one, else None."""
    folder = os.environ.get("GAN_DATA")
    file = Path(os.path.expanduser(folder)) / f"{name}.npz" if folder else None
    return file if file is not None and file.is_file() else None


def _how_to_place(name):
    folder, arrays = os.environ.get("GAN_DATA"), ", ".join(_ARRAYS)
    if folder:
        return f"place {Path(folder, name)}.npz, with the arrays {arrays}, in the folder that GAN_DATA names"
    return f"place {name}.npz, with the arrays {arrays}, in a folder of your own and set GAN_DATA to that folder"


def _keras_cache() -> Path:
    """The folder in which Keras looks before it downloads, found without the cost of importing it."""
    home, ours = os.environ.get("KERAS_HOME"), os.environ.get("KERAS_HOME") == gan_core.KERAS_HOME
    try:
        home = Path((os.environ.get("GAN_KERAS_HOME") if ours else home) or "~/.keras").expanduser()
    except RuntimeError:  # nobody's home
        home = Path("/tmp/.keras")
    if not os.access(home if os.path.exists(home) else home.parent, os.W_OK):
        home = Path("/tmp/.keras")
    return home / "datasets"


def _count_in(file, known) -> int:
    """The number of training images that the headers promise; BadInput when they are not of this dataset."""
    try:
        headers = npz_headers(file, _ARRAYS)
    except DamagedNpz as error:
        raise _wrong(file, error) from error
    for part in ("train", "test"):
        (shape, dtype), (label_shape, label_dtype) = headers[f"x_{part}"], headers[f"y_{part}"]
        if dtype != np.uint8 or shape[1:] not in (known.shape, known.shape[:-1] if known.shape[-1] == 1 else None):
            wanted = " x ".join(map(str, known.shape))
            raise _wrong(file, f"x_{part} is {dtype} of shape {shape} instead of uint8 images of {wanted}")
        if label_dtype.kind not in "iu" or label_shape not in (shape[:1], (shape[0], 1)):
            raise _wrong(file, f"y_{part} is {label_dtype} of shape {label_shape} instead of one whole number an image")
        if shape[0] == 0:
            raise _wrong(file, f"x_{part} is empty")
    return headers["x_train"][0][0]


def _wrong(file, reason):
    return BadInput(
        f"{file} cannot be used: {reason}; replace it by a file with the arrays {', '.join(_ARRAYS)}, or remove it."
    )
