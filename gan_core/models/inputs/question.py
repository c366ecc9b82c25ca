"""Question: an image of the data, to be named."""

from dataclasses import dataclass

import numpy as np

from gan_core.data import floats
from gan_core.models.inputs.data_image import DataImage


@dataclass(frozen=True)
class Question(DataImage):
    """Images of the data as :class:`DataImage` has them; beside them lie their true classes."""

    name: str = "image"

    def beside(self, rng, n, data):
        images, labels = (data.x, data.y) if data.x_test is None else (data.x_test, data.y_test)
        rows = np.resize(rng.permutation(len(images)), n)
        return {"image": floats(images[rows])} | ({} if labels is None else {"label": labels[rows]})
