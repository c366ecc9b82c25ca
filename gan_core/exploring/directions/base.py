"""What a way to find directions is: what every file of this package defines one of."""

from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput


class Directions(NamedTuple):
    """``vectors`` (n, size) of length 1, the strongest first, and how strong each is, (n,), of which only the order and the
    ratios mean something."""

    vectors: np.ndarray
    strength: np.ndarray


class Method:
    """A way to find directions.  ``name`` is what a person chooses it by, ``title`` what a page calls it."""

    name = title = ""

    def found(self, model, space, n, seed=0, data=None):
        """:class:`Directions`, ``n`` of them.

        Args:
            space: :class:`gan_core.exploring.space.Space` of the model.
            seed: of the samples that are looked at.
            data: the dataset that inputs from data are taken from.

        Raises:
            BadInput: where this way is closed for such a model.
        """
        raise NotImplementedError


def check_count(n, space):
    if not 1 <= n <= space.size:
        raise BadInput(f"From 1 to {space.size} directions can be asked for, as many as the space has, not {n}.",
                       {"n": f"from 1 to {space.size}"})


def signed(vectors):
    """Each with the sign that makes its largest number positive: which way is forward is anybody's choice."""
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(-1)[:, None], -1)
    return (vectors * np.where(largest < 0, -1, 1)).astype(np.float32)


def leading(matrix, n):
    """:class:`Directions` of the ``n`` largest eigenvalues of a symmetric matrix (size, size)."""
    values, vectors = np.linalg.eigh(matrix)
    return Directions(signed(vectors.T[::-1][:n]), np.sqrt(np.maximum(values[::-1][:n], 0)).astype(np.float32))
