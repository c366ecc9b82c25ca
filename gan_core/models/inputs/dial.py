"""Dial: a number that is chosen, and not drawn."""

from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import Choice, Input


@dataclass(frozen=True)
class Dial(Input):
    """A number that the person who samples chooses, the same for all samples: (N,) float32."""

    name: str
    low: float
    high: float
    default: float
    help: str

    def draw(self, rng, n, data=None):
        return np.full(n, self.default, np.float32)

    def choices(self):
        return (Choice(self.name, self.name, self.low, self.high, self.default, self.help),)
