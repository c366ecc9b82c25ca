"""Samples given as arrays: checked, and made a dataset; the files that hold them are read by :mod:`array_files`.

Of such a file ``samples`` are images or points, and ``features`` (N, d) are those of some; where there are ``labels`` (N,),
the labels that occur are the classes, and ``classes`` their names.  ``kind`` names samples that are neither images nor
points, ``source`` are those of pairs, ``columns`` a JSON text on those of a table.  Beside features also ``probabilities``
(N, K) of classes, and ``extractor``, the name of what made them.
"""

import hashlib

import numpy as np

from gan_core.data import array_files, layout, pictures, texts
from gan_core.data.base import IMAGES, Dataset
from gan_core.data.batches import to_uint8
from gan_core.data.choices import ALPHA, AUTO, FIRST, NONE_MADE
from gan_core.data.pixels import MAX_SIZE, MIN_SIZE, resized
from gan_core.errors import BadInput

CHANNELS = (1, 3, 4)  # of images that can be learned: grey, RGB, RGBA
HALF = 0.5  # floats that reach no further on either side are doubted to lie in [-1, 1]
MOST_CLASSES, LARGEST = 10_000, 2**53  # classes; of a label, from where on floats are not exact


def dataset(path, size=None, choices=NONE_MADE) -> Dataset:
    """The images of a file, labelled if it says so, under the name ``<hash of its content>``.

    Args:
        size: side in pixels; None is their own.
    """
    arrays, label = array_files.read(path), texts.label(path)
    if "samples" not in arrays:
        what = "features" if "features" in arrays else "statistics of features"
        raise BadInput(f"{label} holds {what}, from which no images can be made; save `samples` in it.")
    scales = to_scale(arrays, choices)
    parts = {"": f"samples in {label}"} | ({"_test": f"test samples in {label}"} if "samples_test" in arrays else {})
    x = {part: _trainable(arrays[f"samples{part}"], name, label, size, choices) for part, name in parts.items()}
    if len(x[""]) < 2:
        raise BadInput(f"{label} holds 1 image; a dataset needs at least two.")
    if "_test" in x and x["_test"].shape[1:] != x[""].shape[1:]:
        raise BadInput(f"The images in {label} are {_by(x[''])} and those for tests {_by(x['_test'])}; a dataset needs all "
                       "of one size.")
    y, classes, unfit = {"": None, "_test": None}, (), []
    if "labels" in arrays:
        given = {part: label_values(arrays[f"labels{part}"], len(x[part]), f"labels in {label}")
                 for part in x if f"labels{part}" in arrays}
        values, names = np.concatenate(list(given.values())), arrays.get("classes")
        together, own, classes = classes_of(values, names, f"labels in {label}")
        if names is not None and classes == own and tuple(map(str, np.ravel(names))) != own and values.dtype.kind != "U":
            unfit = [f"Its names of classes ({np.size(names):,}) do not fit its labels ({len(own):,}), or one comes twice: "
                     "they were not used."]
        classes, number = choices.renamed(classes)
        together = np.array(number, np.int32)[together]
        y |= dict(zip(given, np.split(together, [len(given[""])])))
    elif choices.rename:
        choices.renamed(())
    if "_test" in x and y[""] is not None and y["_test"] is None:
        raise BadInput(f"{label} has labels of its training images and none of its test images; save both, or none.")
    mark = fingerprint(x[""], y[""], classes, x.get("_test"), y["_test"])
    resizing = [resized(images, size) for images in x.values()]
    said = [f"Imported from {label}.", *arrays["notes"], *choices.sentences, *scales,
            *(sentence for part, name in parts.items() for sentence in doubts(arrays[f"samples{part}"], name)),
            *_of_two_scales({name: arrays[f"samples{part}"] for part, name in parts.items()}), *unfit,
            *_on_alpha(arrays["samples"], choices), *_on_classes(y[""], classes), *pictures.doubts(x[""]), resizing[0][1]]
    x = dict(zip(x, (images for images, _ in resizing)))
    return Dataset(mark, IMAGES, x[""], y[""], classes, x.get("_test"), y["_test"], note=" ".join(filter(None, said)))


def to_scale(arrays, choices, parts=("samples", "samples_test")):
    """Bring the arrays of a dict to the one scale that was chosen, in place, and say which; nothing where none was.  Bytes
    have theirs."""
    parts = [part for part in parts if part in arrays and not _have_a_scale(np.asarray(arrays[part]))]
    values = [np.asarray(arrays[part]) for part in parts]
    if choices.scale == AUTO or not values or any(images.dtype.kind not in "iuf" or not images.size for images in values):
        return []
    if not all(np.isfinite(images).all() for images in values):
        return []  # which is refused where images are checked
    low, high = float(min(map(np.min, values))), float(max(map(np.max, values)))
    black, white = pictures.scale(choices.scale, low, high, any(images.dtype.kind == "f" for images in values))
    white = 1.0 if (low, high) == (0, 1) else white  # of 0 and 1 alone the second is white, whatever their type
    for part, images in zip(parts, values):
        arrays[part] = pictures.scaled(images, black, white)
    return [f"Of its numbers {black:,.6g} is black and {white:,.6g} white."]


def _have_a_scale(images):
    """Whether nobody need choose one: bytes have theirs, but for 0 and 1 alone, as masks are written."""
    return images.dtype == np.uint8 and not (images.size and images.max() == 1)


def _trainable(values, name, label, size, choices):
    x = on_ground(as_images(values, name, choices.channels), choices.ground)
    height, width, channels = x.shape[1:]
    if height == width > MAX_SIZE and not size:
        sentence = f"The images in {label} are {_by(x)}; choose a size of at most {MAX_SIZE} pixels."
        raise BadInput(sentence, {"size": sentence})
    if height != width or height < MIN_SIZE or channels not in CHANNELS:
        raise BadInput(f"The images in {label} are {_by(x)}; a dataset needs squares of {MIN_SIZE} to {MAX_SIZE} pixels, "
                       "grey, RGB or RGBA.")
    return x


def _by(images):
    return " x ".join(map(str, images.shape[1:]))


def on_ground(images, ground):
    """Images (N, H, W, C) uint8 of four channels on a ground of white, black or grey: of three; others as they are."""
    if images.shape[-1] != 4 or ground in (AUTO, ALPHA):
        return images
    return pictures.over(images, pictures.COLOURS[ground])


def _on_alpha(samples, choices):
    if np.ndim(samples) != 4 or np.shape(samples)[1 if choices.channels == FIRST else -1] != 4:
        return []
    if choices.ground in (AUTO, ALPHA):
        return ["Its fourth channel was taken for alpha, and is learned; ground=white puts the images on white instead."]
    return [f"The images stand on {choices.ground}, by their fourth channel."]


def fingerprint(x, y, classes, *test):
    """12 hexadecimal digits of the content of a dataset, and of the arrays of its ``test`` part, where there is one."""
    digest = hashlib.sha256(x.tobytes() + (b"" if y is None else y.tobytes()) + repr((x.shape, tuple(classes))).encode())
    for values in test:
        digest.update(b"" if values is None else values.tobytes())
    return digest.hexdigest()[:12]


def as_images(values, name, channels=AUTO):
    """uint8 (N, H, W, C) of uint8 images or of floats in [-1, 1]; (N, H, W) gets its one channel.

    Floats are rounded to 256 levels, as the real images are: a generator must not score by its finer greys.  Whole
    numbers in 0..255 of another type are those of uint8, and of bool False is black and True white.  ``name`` completes
    "The ... are not images", e.g. "real samples"; ``channels`` is as in :class:`gan_core.data.choices.Choices`.
    Raises BadInput.
    """
    images = np.asarray(values)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or 0 in images.shape:
        raise BadInput(f"The {name} have shape {images.shape}: images of shape (count, height, width, channels) are "
                       "needed.")
    images = _channels_last(images, name, channels)
    if images.dtype == np.uint8:
        return images
    if images.dtype == bool:
        return images * np.uint8(255)
    if images.dtype.kind in "iu" and 0 <= images.min() and images.max() <= 255:
        return images.astype(np.uint8)
    if not np.issubdtype(images.dtype, np.floating):
        can_be = images.dtype.kind in "iu"
        how = "; scale=set or scale=depth brings others to one scale" if can_be else ""
        sentence = (f"The {name} are {images.dtype}{_reach(images)}: images must be whole numbers in 0..255, or floats in "
                    f"[-1, 1]{how}.")
        raise BadInput(sentence, {"scale": sentence} if can_be else {})
    if not np.isfinite(images).all():
        raise BadInput(f"The {name} hold NaN or infinite values: the network that made them has probably diverged.")
    # A little beyond 1 is a generator without a tanh; 255 is another convention, which would all become white.
    if np.abs(images).max() > 2:
        sentence = (f"The {name} reach from {images.min():g} to {images.max():g}: floats must lie in [-1, 1]; save images "
                    "of 0 to 255 as uint8, or say scale=set or scale=depth.")
        raise BadInput(sentence, {"scale": sentence})
    return to_uint8(images)


def doubts(values, name):
    """Sentences on what images, as :func:`as_images` takes them, may have been meant to be instead."""
    images = np.asarray(values)
    if images.ndim > 2 and np.issubdtype(images.dtype, np.floating) and images.min() >= 0:
        return [f"The {name} are floats from {images.min():.3g} to {images.max():.3g} and were taken to lie in [-1, 1], "
                "where 0 is grey: if 0 is black, say scale=depth, or save 2 * samples - 1."]
    if images.ndim > 2 and np.issubdtype(images.dtype, np.floating) and np.abs(images).max() <= HALF:
        return [f"The {name} are floats from {images.min():.3g} to {images.max():.3g} and were taken to lie in [-1, 1], of "
                "which they use little: if the least is black and the greatest white, say scale=set."]
    if images.ndim > 2 and images.dtype.kind in "iu" and images.size and images.min() >= 0 and images.max() == 1:
        return [f"The {name} are whole numbers from 0 to 1 and were taken to lie in 0..255, where both are black: if 1 is "
                "white, say scale=set, or save 255 * samples."]
    return []


def _on_classes(y, classes):
    """A sentence on classes that have hardly an image each, as numbers of the images would give them."""
    if y is None or len(y) < layout.MANY or 2 * len(classes) <= len(y):
        return []
    return [f"Its {len(classes):,} classes have {len(y) / len(classes):.1f} images each, if these labels are classes."]


def _of_two_scales(parts):
    """A sentence where one of several arrays holds bytes and another floats, or what is taken for such: the same grey may be
    two numbers then."""
    kinds = {name: "floats" if np.asarray(values).dtype.kind == "f" else "whole numbers" for name, values in parts.items()}
    if len(set(kinds.values())) < 2:
        return []
    of_floats, of_whole = (next(name for name, kind in kinds.items() if kind == wanted)
                           for wanted in ("floats", "whole numbers"))
    return [f"The {of_whole} are whole numbers and the {of_floats} floats, which were taken to lie in [-1, 1]: look whether "
            "both are equally bright."]


def _reach(images):
    return f" from {images.min()} to {images.max()}" if images.dtype.kind in "iu" else ""


def _channels_last(images, name, channels):
    """Images (N, H, W, C) of what may be (N, C, H, W).  The same words wherever such are met: nobody guesses."""
    looks_first = images.shape[1] in CHANNELS and images.shape[-1] not in (*CHANNELS, 2)
    if channels == FIRST and images.shape[-1] != 1:
        if images.shape[1] not in (*CHANNELS, 2):
            raise BadInput(f"The {name} have shape {images.shape}, in which the channels cannot come first; leave "
                           "channels=first out.")
        return np.ascontiguousarray(np.moveaxis(images, 1, -1))
    if channels == AUTO and looks_first:
        sentence = (f"The {name} have shape {images.shape}, in which the channels seem to come first; say channels=first if "
                    "they do, and channels=last if they do not.")
        raise BadInput(sentence, {"channels": sentence})
    return images


def label_values(values, count, name):
    """(count,) whole numbers from 0, or texts, of labels (count,) or (count, 1), or one-hot (count, C), of any type of
    number; BadInput when they are something else."""
    labels = np.asarray(values)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "iufb" and labels.shape[1] > 1 and len(labels) == count:
        if not (((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all()):
            raise BadInput(f"The {name} have shape {labels.shape} and are not one-hot: one class a sample is needed.")
        labels = labels.argmax(axis=1)
    if labels.shape == (count,) and labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")
    if labels.shape == (count,) and labels.dtype.kind in "iuf" and count and np.abs(labels.astype(float)).max() >= LARGEST:
        raise BadInput(f"The {name} reach from {labels.min():g} to {labels.max():g}, which are no numbers of classes; save "
                       "whole numbers from 0.")
    if labels.shape == (count,) and labels.dtype.kind == "f" and np.isfinite(labels).all():
        labels = labels.astype(np.int64) if (labels == np.rint(labels)).all() else labels
    if labels.shape != (count,) or labels.dtype.kind not in "iubU":
        raise BadInput(f"The {name} are {labels.dtype} of shape {labels.shape}: {count} whole numbers are needed, one "
                       "a sample.")
    if labels.dtype.kind == "U":
        return np.array([texts.shown(label) or "no name" for label in labels.tolist()])
    if count and labels.min() < 0:
        raise BadInput(f"The {name} reach from {labels.min()} to {labels.max()}: classes must be numbered from 0; leave out "
                       "samples that have no label.")
    return labels.astype(np.int64)


def as_labels(values, count, name):
    """int32 (count,) of whole numbers from 0, as the numbers of classes that are known; BadInput when they are none."""
    labels = label_values(values, count, name)
    if labels.dtype.kind == "U" or count and labels.max() >= MOST_CLASSES:
        reach = "texts" if labels.dtype.kind == "U" else f"numbers up to {labels.max()}"
        raise BadInput(f"The {name} are {reach}: classes must be numbered from 0.")
    return labels.astype(np.int32)


def classes_of(values, names=None, name="labels"):
    """``(y, own, classes)`` of what :func:`label_values` gives: the labels that occur are the classes.

    Args:
        names: of all classes, beside the labels: text (K,) from 0, or from 1 where the labels do; or None.

    Returns:
        int32 (N,) numbers of classes; the label itself, as text, and the name of each class.
    """
    occurring, y = np.unique(values, return_inverse=True)
    if len(occurring) > MOST_CLASSES:
        raise BadInput(f"The {name} have {len(occurring):,} different values, and {MOST_CLASSES:,} classes are the most; "
                       "leave them out if they are no classes.")
    if values.dtype.kind == "U":
        order = sorted(range(len(occurring)), key=lambda place: layout.natural(str(occurring[place])))
        occurring, y = occurring[order], np.argsort(order)[y]
    own = tuple(map(str, occurring))
    return y.reshape(-1).astype(np.int32), own, _named(occurring, names) or own


def _named(occurring, names):
    """The names of the labels that occur; None where there are none for all, or one twice."""
    if names is None or np.ndim(names) != 1 or occurring.dtype.kind == "U" or not len(occurring):
        return None
    first = 1 if occurring[0] >= 1 and occurring[-1] == len(names) else 0
    if occurring[-1] - first >= len(names):
        return None
    all_names = [text.decode(errors="replace") if isinstance(text, bytes) else str(text) for text in np.asarray(names)]
    named = tuple(texts.shown(all_names[label - first]) for label in occurring)
    return named if len(set(named)) == len(named) else None
