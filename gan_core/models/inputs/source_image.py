"""SourceImage: the picture that another is made of."""

from dataclasses import dataclass

import numpy as np

from gan_core.data import floats
from gan_core.models.inputs.base import Input


@dataclass(frozen=True)
class SourceImage(Input):
    """Sources of pairs, or images of the domain from which is translated, (N, *shape) float32 in [-1, 1]: held-out ones
    where there are any, each of them once before one comes again.  Only to ``paired`` ones belongs a true picture."""

    shape: tuple[int, ...]
    name: str = "source"
    paired: bool = True
    from_data = True

    def draw(self, rng, n, data=None):
        _, more = _held_out(data)
        return floats(more["source"][self._rows(rng, n, data)])

    def different(self, data):
        return len(_held_out(data)[1]["source"])

    def beside(self, rng, n, data):
        x, more = _held_out(data)
        rows = self._rows(rng, n, data)
        return {"source": floats(more["source"][rows])} | ({"real": floats(x[rows])} if self.paired else {})

    @staticmethod
    def _rows(rng, n, data):
        order = rng.permutation(len(_held_out(data)[1]["source"]))
        return np.resize(order, n)


def _held_out(data):
    """Targets and what comes with them."""
    return (data.x, data.more) if data.x_test is None else (data.x_test, data.more_test)
