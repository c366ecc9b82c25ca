"""What a reader of files can do, and what it reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

MOST_POINTS = 20_000  # of a curve, as many as our own runs have; of longer ones every second is kept, or every third
MOST_IN_ALL, FEWEST = 2_000_000, 1000  # of all curves of a run; and of one, of which so many are kept at least
MOST_CURVES = 500


@dataclass
class Curve:
    """``step`` int64, ``value`` and ``time`` float64 (seconds since the epoch, 0 where it is not known), each (N,)."""

    step: np.ndarray
    value: np.ndarray
    time: np.ndarray


@dataclass
class Read:
    """What files say of one run.

    ``curves`` are by their own names.  ``pictures`` are ``{name: {step: read}}``, where ``read()`` gives the bytes of one or
    more files, PNG or JPEG, of that moment.  ``notes`` are sentences on what was left out, or decided.
    """

    curves: dict[str, Curve] = field(default_factory=dict)
    pictures: dict[str, dict[int, Callable[[], list[bytes]]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Reader(Protocol):
    """One kind of files.  A file in this folder defines one under the name ``READER``.

    Attributes:
        title: what the files are called.
        whole: whether several that are sent together are of one run.
    """

    title: str
    whole: bool

    def takes(self, path: Path) -> bool:
        """Whether a file is one of these, by its name or its first bytes."""

    def together(self, paths: list[Path]) -> list[list[Path]]:
        """Which of the files that it takes are of one run."""

    def read(self, paths: list[Path], steps: str = "") -> Read:
        """What the files of one run say; ``steps`` names what counts the steps, "" looks for it.

        Raises:
            BadInput: when nothing can be had of them, or steps are no such.
        """


def thinned(curves):
    """``(curves, sentences)`` of no more points than are kept, and of no more curves."""
    notes = []
    if len(curves) > MOST_CURVES:
        notes.append(f"There are {len(curves):,} curves; the first {MOST_CURVES} are kept.")
        curves = dict(list(curves.items())[:MOST_CURVES])
    most = max(min(MOST_POINTS, MOST_IN_ALL // max(len(curves), 1)), FEWEST)
    if any(len(curve.step) > most for curve in curves.values()):
        notes.append(f"Of curves of more than {most:,} points a part is kept, evenly spread, and their end.")
    kept = {}
    for name, curve in curves.items():
        every = -(-len(curve.step) // most)
        places = np.unique(np.append(np.arange(0, len(curve.step), max(every, 1)), len(curve.step) - 1).astype(int))
        kept[name] = curve if every <= 1 else Curve(curve.step[places], curve.value[places], curve.time[places])
    return kept, notes
