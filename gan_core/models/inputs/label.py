"""Label: a class of the data."""

from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import EACH, Input


@dataclass(frozen=True)
class Label(Input):
    """A class index, shape (N,) int32, uniform over the classes."""

    classes: tuple[str, ...]
    name: str = "label"

    def draw(self, rng, n, data=None):
        return rng.integers(0, len(self.classes), n, dtype=np.int32)

    def labels(self):
        return self.classes

    def rows(self):
        return len(self.classes)

    def in_turn(self, label, chosen):
        return len(self.classes) if label == EACH else None

    def extent(self):
        return len(self.classes)
