"""Samples in .npz files, as several kinds of them are kept; the keys stand in :mod:`gan_core.data.arrays`."""

import numpy as np

from gan_core.data import arrays, floats
from gan_core.errors import BadInput


def write(file, samples, spec, labels=None, **more):
    """Write samples, as they are to stand there, and ``more`` arrays to an open file."""
    if labels is not None:
        more |= {"labels": labels, "classes": np.array(spec.classes)}
    np.savez_compressed(file, samples=samples, **more)


def labels_in(content, count, path):
    """The labels (N,) in an .npz file, None when it has none."""
    return arrays.as_labels(content["labels"], count, f"labels in {path}") if "labels" in content else None


def vectors(content, spec, path):
    """The ``samples`` in an .npz file as float32 (N, d)."""
    samples = np.asarray(content.get("samples"))
    if samples.ndim != 2 or samples.shape[1:] != tuple(spec.shape) or not np.issubdtype(samples.dtype, np.number):
        raise BadInput(f"The samples in {path} are {samples.dtype} of shape {samples.shape}: (count, {spec.shape[0]}) "
                       "numbers are needed.")
    return samples.astype(np.float32)


def images(values, shape, name):
    """Images in an .npz file as floats in [-1, 1], (N, *shape)."""
    pixels = arrays.as_images(values, name)
    if pixels.shape[1:] != tuple(shape):
        raise BadInput(f"The {name} are {pixels.shape[1:]} and not {tuple(shape)}.")
    return floats(pixels)
