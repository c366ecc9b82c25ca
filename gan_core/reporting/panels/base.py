"""What a panel of a report says of itself, and what it is made of."""

import base64
import binascii
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gan_core.compare import compare, report
from gan_core.compare.comparison import MOST
from gan_core.compare.curves import Lines
from gan_core.errors import BadInput
from gan_core.store import RunStore
from gan_core.store.curves import Series

FIGURE, TABLE, PICTURE, WORDS, VERBATIM = "figure", "table", "picture", "words", "verbatim"
SIGNATURE = b"\x89PNG"
DIGITS = 5  # of a number of a curve that is frozen


@dataclass(frozen=True)
class Element:
    """A piece of a panel, as plain values.

    ``content`` of a "figure" is what :meth:`figure` draws, of a "table" HTML of tables alone, of a "picture" a PNG in
    base64, of "words" a sentence and of what is "verbatim" a text with its lines; ``title`` stands above it, and is read
    for a picture.  Elements may come out of a file that somebody else has written: they hold no code, and no address.
    """

    kind: str
    content: dict | str
    title: str = ""

    def as_dict(self):
        return dataclasses.asdict(self)

    @classmethod
    def picture(cls, png, title):
        return cls(PICTURE, base64.b64encode(png).decode(), title)

    @classmethod
    def curves(cls, lines, title, x_title, floor):
        """Of a chart's :class:`gan_core.compare.curves.Lines`."""
        plain = [{name: _numbers(value) if isinstance(value, np.ndarray) else value
                  for name, value in dataclasses.asdict(line).items()} for line in lines]
        return cls(FIGURE, {"lines": plain, "x_title": x_title, "floor": floor}, title)

    def png(self):
        """The bytes of a "picture"; BadInput where what it holds is none."""
        try:
            png = base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError, TypeError):
            png = b""
        if not png.startswith(SIGNATURE):
            raise BadInput(f"The picture {self.title} cannot be read; take its panel away, or draw it anew.")
        return png

    def figure(self):
        """The chart of a "figure", of Plotly; BadInput where what it holds is none."""
        try:
            lines = [Lines(**{name: np.array(value, float) if isinstance(value, list) else value
                              for name, value in line.items()}) for line in self.content["lines"]]
            floor = self.content["floor"]
            return report.chart(lines, self.title, report.drawn_text(self.content["x_title"]),
                                floor=None if floor is None else float(floor))
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BadInput(f"The chart {self.title} cannot be read; take its panel away, or draw it anew.") from error


def _numbers(values):
    return [float(f"{value:.{DIGITS}g}") for value in values]


class Source(NamedTuple):
    """Where runs are: the store, and ``series(run_id)``, a refreshed :class:`gan_core.store.curves.Series`."""

    store: RunStore
    series: Callable

    @classmethod
    def of(cls, store):
        return cls(store, lambda run_id: Series(store, run_id).refresh())


@dataclass(frozen=True)
class Panel:
    """One kind of panel.

    ``drawn(source, run_ids, chosen)`` gives its elements, of a :class:`Source`; of runs that are gone it says so in words,
    and BadInput is raised where nothing is left.  ``choices(source, run_ids)`` gives ``{key: title}`` of what can be chosen
    to be shown, {} where there is nothing to choose, and ``usual`` is how many of these are chosen at first.
    """

    title: str
    order: int
    drawn: Callable
    choices: Callable = lambda source, run_ids: {}
    usual: int = 0


def compared(source, run_ids):
    """The comparison of some runs, one alone included; BadInput where none is left, or there are too many."""
    if len(run_ids) > MOST:
        raise BadInput(f"A panel takes at most {MOST} runs; choose fewer.")
    return compare(source.store, run_ids, source.series, fewest=1)
