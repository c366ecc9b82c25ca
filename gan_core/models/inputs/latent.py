"""Latent: normal noise."""

from dataclasses import dataclass

import numpy as np

from gan_core.models.inputs.base import Input, columns


@dataclass(frozen=True)
class Latent(Input):
    """z ~ N(0, 1), shape (N, size)."""

    size: int
    name: str = "latent"
    walks = True

    def draw(self, rng, n, data=None):
        return columns(rng, self.size, lambda stream: stream.standard_normal(n, dtype=np.float32))

    def walk(self, start, end, share):
        """On the arc between the two, where noise of their length is (White 2016, arXiv:1609.04468)."""
        a, b = start.astype(float), end.astype(float)
        angle = np.arccos(np.clip(np.sum(a * b) / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1))
        if np.sin(angle) <= 1e-6:
            return super().walk(start, end, share)
        gone = share[:, None] * angle
        return ((np.sin(angle - gone) * a + np.sin(gone) * b) / np.sin(angle)).astype(np.float32)

    def extent(self):
        return self.size
