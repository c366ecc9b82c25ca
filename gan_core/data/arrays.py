"""Samples given as arrays: in memory, or in an .npz file as ``sample --npz`` writes it.

Keys: ``samples``, images or points, or ``features`` (N, d) of them; and where there are ``labels`` (N,), whole numbers
from 0, and ``classes``, their names.  ``kind`` names samples that are neither images nor points, ``source`` are those of
pairs, ``columns`` a JSON text on those of a table.  Beside features also ``probabilities`` (N, K) of classes, and
``extractor``, the name of what made them.
"""

import hashlib
from pathlib import Path

import numpy as np

from gan_core.data.base import IMAGES, Dataset
from gan_core.data.batches import to_uint8
from gan_core.data.npz import DamagedNpz, ObjectArray, TooLarge, npz_arrays
from gan_core.data.pixels import MAX_SIZE, MIN_SIZE
from gan_core.errors import BadInput

KEYS = ("samples", "features", "labels", "classes", "probabilities", "extractor", "kind", "source", "columns")


def read(path) -> dict:
    """The arrays of a file under those of the keys that it has; BadInput when it has neither samples nor features."""
    if not Path(path).is_file():
        raise BadInput(f"There is no file {path}.")
    try:
        arrays = npz_arrays(path, (), optional=KEYS)
    except ObjectArray as error:
        how = ("the images differ in size: bring all to one height, width and number of channels, and save them as one "
               "array (N, H, W, C)" if error.name == "samples" else
               "save it as text, numpy.array(names, str)" if error.name in ("classes", "extractor") else
               "save it as one array of numbers")
        raise BadInput(f"{path} cannot be used: {error}; {how}.") from error
    except TooLarge as error:
        raise BadInput(f"{path} cannot be used: {error}; save fewer samples.") from error
    except DamagedNpz as error:
        raise BadInput(f"{path} cannot be used: {error}; save it with numpy.savez.") from error
    if not arrays.keys() & {"samples", "features"}:
        raise BadInput(f"{path} holds neither of the arrays `samples` and `features`; save one under that name.")
    return arrays


def dataset(path) -> Dataset:
    """The images of a file, labelled if it says so, under the name ``<file>-<hash of its content>``."""
    arrays = read(path)
    label = Path(path).name
    if "samples" not in arrays:
        raise BadInput(f"{label} holds features, from which no images can be made; save `samples` in it.")
    x = as_images(arrays["samples"], f"samples in {label}")
    height, width, channels = x.shape[1:]
    if height != width or not MIN_SIZE <= height <= MAX_SIZE or channels not in (1, 3):
        raise BadInput(f"The images in {label} are {height} x {width} x {channels}; a dataset needs squares of "
                       f"{MIN_SIZE} to {MAX_SIZE} pixels, grey or RGB.")
    if len(x) < 2:
        raise BadInput(f"{label} holds 1 image; a dataset needs at least two.")
    y = as_labels(arrays["labels"], len(x), f"labels in {label}") if "labels" in arrays else None
    classes = () if y is None else class_names(y, arrays.get("classes"))
    note = " ".join([f"Imported from {label}.", *doubts(arrays["samples"], f"samples in {label}")])
    return Dataset(fingerprint(x, y, classes), IMAGES, x, y, classes, note=note)


def fingerprint(x, y, classes):
    """12 hexadecimal digits of the content of a dataset."""
    digest = hashlib.sha256(x.tobytes() + (b"" if y is None else y.tobytes()) + repr((x.shape, tuple(classes))).encode())
    return digest.hexdigest()[:12]


def as_images(values, name):
    """uint8 (N, H, W, C) of uint8 images or of floats in [-1, 1]; (N, H, W) gets its one channel.

    Floats are rounded to 256 levels, as the real images are: a generator must not score by its finer greys.  ``name``
    completes "The ... are not images", e.g. "real samples".  Raises BadInput.
    """
    images = np.asarray(values)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or 0 in images.shape:
        raise BadInput(f"The {name} have shape {images.shape}: images of shape (count, height, width, channels) are "
                       "needed.")
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating):
        raise BadInput(f"The {name} are {images.dtype}: images must be uint8, or floats in [-1, 1].")
    if not np.isfinite(images).all():
        raise BadInput(f"The {name} hold NaN or infinite values: the network that made them has probably diverged.")
    # A little beyond 1 is a generator without a tanh; 255 is another convention, which would all become white.
    if np.abs(images).max() > 2:
        raise BadInput(f"The {name} reach from {images.min():g} to {images.max():g}: floats must lie in [-1, 1]; "
                       "save images of 0 to 255 as uint8.")
    return to_uint8(images)


def doubts(values, name):
    """Sentences on what images, as :func:`as_images` takes them, may have been meant to be instead."""
    images = np.asarray(values)
    if images.ndim > 2 and np.issubdtype(images.dtype, np.floating) and images.min() >= 0:
        return [f"The {name} are floats from {images.min():.3g} to {images.max():.3g} and were taken to lie in [-1, 1], "
                "where 0 is grey: if 0 is black, save 2 * samples - 1."]
    return []


def as_labels(values, count, name):
    """int32 (count,) of whole numbers from 0; BadInput when they are something else."""
    labels = np.asarray(values)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise BadInput(f"The {name} are {labels.dtype} of shape {labels.shape}: {count} whole numbers are needed, one "
                       "a sample.")
    if labels.min() < 0 or labels.max() >= 10_000:
        raise BadInput(f"The {name} reach from {labels.min()} to {labels.max()}: classes must be numbered from 0.")
    return labels.astype(np.int32)


def class_names(labels, names=None):
    """The names of the classes, their numbers where the file has no names for all of them."""
    count = int(labels.max()) + 1
    if names is not None and names.ndim == 1 and len(names) >= count:
        return tuple(map(str, names))
    return tuple(map(str, range(count)))
