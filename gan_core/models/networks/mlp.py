"""Fully connected networks, for small images, for points in the plane and for rows of a table."""

import keras
import numpy as np
from keras import layers, ops


def hidden(x, widths, *, norm=None, slope=0.2):
    """Dense layers with LeakyReLU, each followed by batch normalisation of momentum ``norm`` if given."""
    for width in widths:
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(negative_slope=slope)(x)
        if norm is not None:
            x = layers.BatchNormalization(momentum=norm)(x)
    return x


def generator(latent, shape, widths, *, bounded=True, norm=0.8, categories=()):
    """(N, latent) -> (N, *shape); ``bounded`` ends in tanh, for samples in [-1, 1], and each stretch
    ``(first, end)`` of ``categories`` in a softmax of its own."""
    z = keras.Input((latent,), name="latent")
    x = hidden(z, widths, norm=norm)
    # Half precision inside, full precision out: logits and pixels are compared with float32 data.
    x = layers.Dense(int(np.prod(shape)), activation="tanh" if bounded else None, dtype="float32")(x)
    x = layers.Reshape(shape, dtype="float32")(x)
    return keras.Model(z, Categories(categories, dtype="float32")(x) if categories else x, name="generator")


def discriminator(shape, widths, *, dropout=0.0, packing=1):
    """(N, ..., packing C) -> logits (N, 1)."""
    sample = keras.Input((*shape[:-1], packing * shape[-1]), name="sample")
    x = layers.Flatten()(sample)
    for width in widths:
        x = hidden(x, [width])
        if dropout:
            x = layers.Dropout(dropout)(x)
    return keras.Model(sample, layers.Dense(1, dtype="float32", name="logit")(x), name="discriminator")


class Categories(keras.layers.Layer):
    """A softmax over each of some stretches ``(first, end)`` of vectors (N, d); the rest stays as it is."""

    def __init__(self, stretches, **options):
        super().__init__(**options)
        self.stretches = [tuple(stretch) for stretch in stretches]

    def call(self, x):
        parts, done = [], 0
        for first, end in self.stretches:
            parts += [x[:, done:first], ops.softmax(x[:, first:end], axis=-1)]
            done = end
        return ops.concatenate([*parts, x[:, done:]], axis=-1)

    def get_config(self):
        return super().get_config() | {"stretches": self.stretches}


def point_networks(latent, shape, widths, packing=1, categories=()):
    """Both networks for points, or for rows of a table with these ``categories``; without batch normalisation: one mode's
    points would shift the others'."""
    return {"generator": generator(latent, shape, widths, bounded=False, norm=None, categories=categories),
            "discriminator": discriminator(shape, widths, packing=packing)}
