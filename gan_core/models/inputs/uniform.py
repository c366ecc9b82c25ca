"""Uniform: noise between two bounds."""

import math
from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import Input, columns


@dataclass(frozen=True)
class Uniform(Input):
    """Independent numbers in [low, 1), shape (N, *shape)."""

    shape: tuple[int, ...]
    low: float = -1.0
    name: str = "uniform"

    def draw(self, rng, n, data=None):
        drawn = columns(rng, self.extent(), lambda stream: stream.uniform(self.low, 1.0, n).astype(np.float32))
        return drawn.reshape(n, *self.shape)

    def extent(self):
        return math.prod(self.shape)
