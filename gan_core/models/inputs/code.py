"""Code: a category without a name."""

from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import EACH, Choice, Input


@dataclass(frozen=True)
class Code(Input):
    """A category that the model finds by itself: (N,) int32, uniform over ``size`` values."""

    size: int
    name: str = "code"

    def draw(self, rng, n, data=None):
        return rng.integers(0, self.size, n, dtype=np.int32)

    def choices(self):
        return (Choice(self.name, self.name, 0, self.size - 1, whole=True,
                       help="A category that the model has found by itself."),)

    def rows(self):
        return self.size

    def in_turn(self, label, chosen):
        return self.size if chosen.get(self.name) == EACH else None

    def extent(self):
        return self.size
