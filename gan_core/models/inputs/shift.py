"""Shift: what is added to a value within the model, for whoever explores it."""

from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import Input


@dataclass(frozen=True)
class Shift(Input):
    """Zeros, (N, size), until somebody moves a sample along a direction of the space that they are added to."""

    size: int
    name: str
    walks = True

    def draw(self, rng, n, data=None):
        return np.zeros((n, self.size), np.float32)

    def walk(self, start, end, share):
        """On the straight line between the two."""
        return (start + share[:, None] * (end - start)).astype(np.float32)
