"""Random changes of images: those that the discriminator sees through (Zhao 2020; Karras 2020b), and those that leave a
thing what it is."""

import keras
import numpy as np
from keras import ops

HORIZON = 500_000  # real images in which ADA's probability can go from 0 to 1 (Karras 2020b, section 3.1)


def augmented(images, p, seed):
    """Images (N, H, W, C) in [-1, 1], each changed in colour, place and by a hole, with probability ``p`` each.

    The changes are those of DiffAugment (Zhao 2020, section 3.2), which makes them always; gradients pass through.

    Args:
        p: number or scalar tensor in [0, 1].
        seed: a ``keras.random.SeedGenerator``.
    """
    p = ops.convert_to_tensor(p, "float32")
    for change in (_recolour, _shift, _cut):
        done = keras.random.uniform((images.shape[0], 1, 1, 1), seed=seed) < p
        images = ops.where(done, change(images, seed), images)
    return images


def adapted(p, sure, target, batch):
    """ADA's next probability: a step up while ``sure``, the mean sign of D(x) on real images, is above ``target``."""
    step = batch / HORIZON
    return ops.clip(p + step * ops.sign(sure - target), 0.0, 1.0)


def _uniform(images, seed, low, high):
    return keras.random.uniform((images.shape[0], 1, 1, 1), low, high, seed=seed)


def _recolour(images, seed):
    """Brightness by up to a half either way, saturation by up to 2, contrast by up to 1.5."""
    images = images + _uniform(images, seed, -0.5, 0.5)
    if images.shape[-1] > 1:
        grey = ops.mean(images, axis=-1, keepdims=True)
        images = grey + (images - grey) * _uniform(images, seed, 0.0, 2.0)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + (images - mean) * _uniform(images, seed, 0.5, 1.5)


def _shift(images, seed):
    """By up to an eighth of the side in each direction."""
    return shifted(images, [max(side // 8, 1) for side in images.shape[1:3]], seed)


def shifted(images, reach, seed):
    """Images (N, H, W, C) in [-1, 1], each moved by up to so many pixels, down or up and to a side: what comes in is black,
    the value -1."""
    n, height, width, _ = images.shape
    for axis, side, most in ((1, height, reach[0]), (2, width, reach[1])):
        by = keras.random.randint((n, 1), -most, most + 1, seed=seed)
        source = ops.arange(side)[None] - by  # (N, side): where each line comes from
        # One-hot rows times lines: a gather whose gradient is a matrix product on every backend.
        moved = ops.one_hot(ops.where((source >= 0) & (source < side), source, -1), side, dtype=images.dtype)
        images = ops.einsum("nab,nbwc->nawc" if axis == 1 else "nab,nhbc->nhac", moved, images + 1.0) - 1.0
    return images


def _cut(images, seed):
    """A grey square of half the side, at a random place (it may hang over the edge)."""
    n, height, width, _ = images.shape
    inside = []
    for side in (height, width):
        middle = keras.random.randint((n, 1), 0, side, seed=seed)
        inside.append(ops.abs(ops.arange(side)[None] - middle) < side // 4)
    hole = inside[0][:, :, None, None] & inside[1][:, None, :, None]
    return ops.where(hole, ops.zeros_like(images), images)


def warped(images, seed):
    """Images (N, H, W, C) in [-1, 1], each a little turned, slanted, stretched and moved: a seven stays a seven.

    By up to 14 degrees, a slant of 1 in 4, a sixth of the size each way and a fourteenth of the side; between pixels by
    bilinear interpolation.  What comes in is black, the value -1.
    """
    n, height, width, channels = images.shape

    def drawn(low, high):
        return keras.random.uniform((n, 1), low, high, seed=seed)

    angle, slant = drawn(-0.25, 0.25), drawn(-0.25, 0.25)
    y, x = (coordinates.reshape(1, -1).astype(np.float32) for coordinates in
            np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij"))
    # Where each pixel comes from, (N, H W).
    source_x = drawn(5 / 6, 7 / 6) * (ops.cos(angle) * x + (slant - ops.sin(angle)) * y) + drawn(-width / 14, width / 14)
    source_y = drawn(5 / 6, 7 / 6) * (ops.sin(angle) * x + ops.cos(angle) * y) + drawn(-height / 14, height / 14)
    source_x, source_y = source_x + (width - 1) / 2, source_y + (height - 1) / 2
    left, top = ops.floor(source_x), ops.floor(source_y)
    pixels, blend = ops.reshape(images, (n, height * width, channels)) + 1.0, 0.0
    for row in (top, top + 1):
        for column in (left, left + 1):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            share = (1.0 - ops.abs(source_x - column)) * (1.0 - ops.abs(source_y - row)) * ops.cast(inside, "float32")
            place = ops.cast(ops.clip(row, 0, height - 1) * width + ops.clip(column, 0, width - 1), "int32")
            blend = blend + share[..., None] * ops.take_along_axis(pixels, place[..., None], axis=1)
    return ops.reshape(blend, images.shape) - 1.0
