"""Angle: from where something is seen."""

from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import Choice, Input


@dataclass(frozen=True)
class Angle(Input):
    """Degrees, (N,) float32, uniform from ``low`` to ``high``.  Over one that ``turns``, a sample can be turned."""

    name: str
    low: float
    high: float
    help: str = ""
    turns: bool = False

    def draw(self, rng, n, data=None):
        return rng.uniform(self.low, self.high, n).astype(np.float32)

    def choices(self):
        return (Choice(self.name, self.name, self.low, self.high, help=self.help, turns=self.turns),)

    def extent(self):
        return 1
