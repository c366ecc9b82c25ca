"""DataImage: an image of the data, to be worked on."""

from dataclasses import dataclass

import numpy as np

from gan_core.data import floats
from gan_core.models.inputs.base import Input


@dataclass(frozen=True)
class DataImage(Input):
    """Images of the data, (N, *shape) float32 in [-1, 1]: held-out ones where there are any, each of them once before one
    comes again."""

    shape: tuple[int, ...]
    name: str = "content"
    from_data = True

    def draw(self, rng, n, data=None):
        images = _held_out(data)
        return floats(images[np.resize(rng.permutation(len(images)), n)])

    def different(self, data):
        return len(_held_out(data))


def _held_out(data):
    return data.x if data.x_test is None else data.x_test
