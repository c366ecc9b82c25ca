"""Random: directions by chance, each at a right angle to the others; what the others must be better than."""

import numpy as np

from gan_core.exploring.directions.base import Directions, Method


class Random(Method):
    name, title = "random", "by chance"

    def found(self, model, space, n, seed=0, data=None):
        drawn = np.random.default_rng(seed).standard_normal((space.size, n))
        vectors, _ = np.linalg.qr(drawn)
        return Directions(vectors.T.astype(np.float32), np.ones(n, np.float32))
