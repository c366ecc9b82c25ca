"""Stacked MNIST: three digits in three channels, so that there are 1,000 kinds of image to be found (Metz 2017,
section 3.3.1; counted as in PacGAN, Lin 2018, section 4.2)."""

import dataclasses

import numpy as np

from gan_core.data.sets import keras_sets
from gan_core.data.base import IMAGES, Dataset, DatasetInfo

ORDER = 30

NAME = "stacked_mnist"
N_TRAIN = 60_000
N_TEST = 26_000  # as many as PacGAN counts on
_SEED = 2017  # the same triples for everyone
_SHAPE = (28, 28, 3)


def infos(workspace=None) -> list[DatasetInfo]:
    mnist = next(info for info in keras_sets.infos() if info.name == "mnist")
    return [DatasetInfo(NAME, "Stacked MNIST, 1,000 modes", IMAGES, _SHAPE, (), N_TRAIN, mnist.available,
                        f"Three MNIST digits in the three channels, at random. MNIST: {mnist.note}", licence=mnist.licence)]


def load(name, size=None, workspace=None) -> Dataset:
    """Triples of training digits, and of test digits held out; uint8 (N, 28, 28, 3), or of ``size`` pixels a side.

    Raises BadInput when MNIST cannot be had.
    """
    mnist = keras_sets.load("mnist", size)
    rng = np.random.default_rng(_SEED)
    return dataclasses.replace(mnist, name=NAME, y=None, classes=(), y_test=None, x=_triples(mnist.x, N_TRAIN, rng),
                               x_test=_triples(mnist.x_test, N_TEST, rng))


def _triples(digits, n, rng):
    return np.concatenate([digits[rng.integers(len(digits), size=n)] for _ in range(3)], axis=-1)
