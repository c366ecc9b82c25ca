"""What an input is: what every file of this package defines one of."""

from dataclasses import asdict
from typing import NamedTuple

import numpy as np

EACH = "each"  # in the place of a class or a code: one after the other
CIRCLE = 360.0  # degrees


class Choice(NamedTuple):
    """A number that a person may choose for all samples: of the input ``of``, in its column ``column`` if it has several.

    ``whole`` numbers are the values of a code, which may be :data:`EACH` in turn; without a ``default`` it is drawn.  One
    that ``turns`` is an angle in degrees from which a sample is seen: over its values the sample is turned, and where they
    are a whole circle, round and round.
    """

    name: str
    of: str
    low: float
    high: float
    default: float | None = None
    help: str = ""
    whole: bool = False
    column: int | None = None
    turns: bool = False

    @property
    def round(self):
        """Whether its last value is its first again."""
        return self.turns and self.high - self.low == CIRCLE


class Input:
    """One input of a generative model.  A subclass is a frozen dataclass of plain values, and defines ``draw``; all else
    has an answer that fits plain noise.

    ``name`` is by what the model finds it among its inputs.  ``walks`` says whether a walk changes it, ``from_data``
    whether ``draw`` takes from a dataset.
    """

    name: str
    walks = False
    from_data = False

    def draw(self, rng, n, data=None):
        """``n`` values, an array (n, ...) of float32 or int32.

        Args:
            rng: a ``numpy.random.Generator``, this input's own.
            data: the :class:`gan_core.data.Dataset` that the model learns from, or None where nobody has it; never None
                for an input ``from_data``.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how it is drawn")

    def different(self, data):
        """How many different values :meth:`draw` takes from ``data`` before one comes again; None of what is made by
        chance."""
        return None

    def beside(self, rng, n, data):
        """What is shown with the samples of :meth:`draw`'s values, ``{name: array (n, ...)}`` as
        :meth:`gan_core.modalities.base.Modality.draw` takes it; ``rng`` is in the state in which that had it."""
        return {}

    def choices(self):
        """The :class:`Choice` s that it leaves to a person, in the order in which they are offered."""
        return ()

    def labels(self):
        """The names of the classes among which a person chooses one as the label; none for what is no label."""
        return ()

    def rows(self):
        """How many rows a sheet needs that shows each of its values in a row of its own; None where it needs none."""
        return None

    def in_turn(self, label, chosen):
        """After how many samples it begins anew where its values come in turn; None where they do not.

        Args:
            label: the class that was asked for, :data:`EACH` or None.
            chosen: ``{name: value}`` of choices.
        """
        return None

    def walk(self, start, end, share):
        """Values on the way from one to another, which stay at the start where nothing lies between.

        Args:
            start, end: (1, ...), as ``draw`` gives them.
            share: (n,), how much of the way is gone, from 0 to 1.

        Returns:
            (n, ...), the first of which is the start.
        """
        return np.repeat(start, len(share), axis=0)

    def extent(self):
        """How many random numbers a sample takes of it, or among how many values its own is chosen; None where nothing
        is left to chance."""
        return None

    @classmethod
    def kind(cls):
        """What it is called in a description."""
        return cls.__name__.lower()

    def as_dict(self):
        """A JSON description, with lists for tuples as JSON has them: its kind and its fields."""
        fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": self.kind(), **fields}


def columns(rng, size, draw):
    """(n, size), a stream of random numbers to each column: two latents agree as far as both go, and the first samples
    are the same ones however many are drawn.  ``draw(stream)`` gives one column, (n,)."""
    return np.stack([draw(stream) for stream in rng.spawn(size)], axis=1)
