"""Likelihoods and divergences, in nats, one value per sample: shape (N,).

``images`` are floats in [-1, 1]; of a model with L levels the level k = 0, ..., L - 1 stands for 2 k / (L - 1) - 1.
"""

import numpy as np
from keras import ops

LOG_2PI = float(np.log(2.0 * np.pi))


def levels_of(images, levels, uniform):
    """Images rounded to ``levels`` values, up or down by chance, so that their mean stays: int32 of the same shape.

    ``uniform`` are numbers in [0, 1) of that shape.  With two levels this is how MNIST is made binary (Salakhutdinov
    2008): a pixel is on with its grey value as the probability.  With 256 nothing is lost.
    """
    exact = (images + 1.0) * (0.5 * (levels - 1))
    return ops.cast(ops.clip(ops.floor(exact + uniform), 0, levels - 1), "int32")


def images_of(chosen, levels):
    """The inverse: levels -> float32 in [-1, 1]."""
    return ops.cast(chosen, "float32") * (2.0 / (levels - 1)) - 1.0


def held_out_levels(images, levels, seed):
    """:func:`levels_of` for a measurement: the same seed gives every model the same binary images."""
    uniform = np.random.default_rng(seed).random(images.shape, np.float32)
    return ops.convert_to_numpy(levels_of(images, levels, uniform))


def bernoulli(x, logits):
    """-log p(x) of independent bits x (N, ...), from logits: no bit is ever certain, so nothing overflows."""
    x, logits = ops.cast(x, "float32"), ops.cast(logits, "float32")
    return _total(ops.softplus(logits) - x * logits)


def gaussian(x, mean, log_variance):
    """-log N(x; mean, exp(log_variance)), a density: below 0 where it is sure."""
    return _total(0.5 * (LOG_2PI + log_variance + ops.square(x - mean) * ops.exp(-log_variance)))


def categorical(chosen, logits):
    """-log p(chosen): levels (N, ...) int, logits (N, ..., L)."""
    log_p = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    return -_total(ops.take_along_axis(log_p, chosen[..., None], axis=-1))


def kl_to_normal(mean, log_variance):
    """D_KL(N(mean, exp(log_variance)) || N(0, 1)) of independent components (Kingma 2014, appendix B)."""
    return 0.5 * _total(ops.square(mean) + ops.exp(log_variance) - log_variance - 1.0)


def _total(values):
    return ops.sum(ops.reshape(values, (values.shape[0], -1)), axis=1)
