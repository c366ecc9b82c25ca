"""Caption: the words of an image of the data."""

from dataclasses import dataclass

import numpy as np

from gan_core.data import floats
from gan_core.models.inputs.base import Input


@dataclass(frozen=True)
class Caption(Input):
    """Captions of the data, float32 (N, width) of whole numbers as a batch has them: of held-out images where there are any,
    each of them once before one comes again.  Beside them are these images, and the captions themselves."""

    shape: tuple[int, ...]
    name: str = "caption"
    from_data = True

    def draw(self, rng, n, data=None):
        _, more = _held_out(data)
        return floats(more["caption"][self._rows(rng, n, data)])

    def different(self, data):
        return len(_held_out(data)[0])

    def beside(self, rng, n, data):
        x, more = _held_out(data)
        rows = self._rows(rng, n, data)
        return {"real": floats(x[rows]), "caption": floats(more["caption"][rows])}

    @staticmethod
    def _rows(rng, n, data):
        return np.resize(rng.permutation(len(_held_out(data)[0])), n)


def _held_out(data):
    """Images and what comes with them."""
    return (data.x, data.more) if data.x_test is None else (data.x_test, data.more_test)
