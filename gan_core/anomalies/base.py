"""What a method is that says how odd a picture is, and how pictures go through one."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_core.data import to_float
from gan_core.errors import Stopped

BLOCK = 64        # pictures that go through a method together, always as many
DIGITS = 6        # of a score: what is beyond depends on the order in which a processor adds


class Judged(NamedTuple):
    """Of each picture its ``scores`` (N,), larger is odder, and the normal picture that it is ``like``, (N, H, W, C) in
    [-1, 1]."""

    scores: np.ndarray
    like: np.ndarray


@dataclass(frozen=True, eq=False)
class Subject:
    """What a method learns from.

    Attributes:
        normal: uint8 (N, H, W, C), the pictures that are normal.
        model: a finished :class:`gan_core.models.base.GenerativeModel` of them, None for methods that need none.
        data: the :class:`gan_core.data.Dataset` that inputs from data are taken from, or None.
        workspace: where what is learned is kept, or None.
        called: what the data are called.
    """

    normal: np.ndarray
    model: object = None
    data: object = None
    workspace: object = None
    called: str = ""


class Method:
    """Says how odd pictures are.  A file in ``methods`` with one subclass.

    Attributes:
        title: for people.
        words: what it does, in a sentence.
        order: its place among the others.
        needs_model: whether it looks at pictures through a model of the normal ones.
        steps: how many it takes, for a picture or to learn, where nobody chose; 0 where it takes none.
    """

    title = ""
    words = ""
    order = 100
    needs_model = False
    steps = 0

    def learned(self, subject, steps, seed, progress, should_stop):
        """A function of a block of pictures, uint8 (:data:`BLOCK`, H, W, C), that gives their :class:`Judged`: of each
        picture from itself alone, whatever lies beside it.

        Args:
            subject: a :class:`Subject`.
            steps: how many it may take.
            seed: of what is left to chance.
            progress: called with the share that is done.
            should_stop: asked often; raise Stopped once it answers True.
        """
        raise NotImplementedError


def judged(look, pictures, progress=None, should_stop=None):
    """The :class:`Judged` of pictures, uint8 (N, H, W, C), by what :meth:`Method.learned` gave.

    They go in blocks of one size, the last filled up: what a processor makes of one picture may depend, in its last bits, on
    how many come with it.
    """
    parts = []
    for first in range(0, len(pictures), BLOCK):
        if should_stop is not None and should_stop():
            raise Stopped
        block = pictures[first:first + BLOCK]
        filled = np.concatenate([block, np.repeat(block[-1:], BLOCK - len(block), axis=0)])
        found = look(filled)
        parts.append(Judged(_rounded(found.scores[:len(block)]), np.asarray(found.like[:len(block)], np.float32)))
        if progress is not None:
            progress(min(first + BLOCK, len(pictures)) / len(pictures))
    if not parts:
        return Judged(np.zeros(0), np.zeros((0, *pictures.shape[1:]), np.float32))
    return Judged(*(np.concatenate(arrays) for arrays in zip(*parts)))


def _rounded(scores):
    return np.array([float(f"{score:.{DIGITS}g}") for score in np.asarray(scores, np.float64)])


def heat(pictures, like):
    """Where pictures, uint8 (N, H, W, C), differ from those that they are like: (N, H, W), the mean over channels."""
    return np.abs(to_float(pictures) - like).mean(axis=-1)


def some_of(pictures, most_numbers):
    """As many pictures as have ``most_numbers`` numbers in all, evenly from all of them."""
    most = max(32, most_numbers // pictures[0].size)
    return pictures if len(pictures) <= most else pictures[np.linspace(0, len(pictures) - 1, most).astype(int)]
