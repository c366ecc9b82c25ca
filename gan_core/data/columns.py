"""The columns of a table: what each becomes for networks, and how it is written again."""

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from gan_core.data import dates

NUMBER, INTEGER, CATEGORY, DATE = "number", "integer", "category", "date"
KNOWN, LACKING = "known", "missing"  # of a number that may be missing
NEWER = ("way", "missing", "before", "after")  # parts of a column that there were not always
MOST_CATEGORIES = 1_000  # of one column
MOST_WIDTH = 10_000  # numbers that a row becomes
EXACT = 2**53  # whole numbers up to here are exact as floats


@dataclass(frozen=True)
class Column:
    """One column of a table.

    A number is encoded as ``(value - mean) / deviation``, lies between ``low`` and ``high``, and has ``decimals`` after
    the point (None: as many as it takes).  A category is encoded as one of its ``categories``: a 1 among zeros.  A date is a
    number inside, of days or of seconds, and written in its ``way`` (:mod:`gan_core.data.dates`).

    ``before`` and ``after`` a number stands what all of them have, such as $ or %.

    ``missing`` is the text that stands for a missing value, None where none is missing.  It is one of the categories;
    beside a number stands whether it is known, as a category of two, and the number of one that is not is the mean.
    """

    name: str
    kind: str  # "number", "integer", "date" or "category"
    mean: float = 0.0
    deviation: float = 1.0
    low: float = 0.0
    high: float = 0.0
    decimals: int | None = 0
    categories: tuple[str, ...] = ()
    way: str = ""
    missing: str | None = None
    before: str = ""
    after: str = ""

    def __repr__(self):
        # Identities of data hash it: what a column has not is not said, so that data of before stay what they were.
        told = (f"{part.name}={getattr(self, part.name)!r}" for part in fields(self)
                if part.name not in NEWER or getattr(self, part.name) != part.default)
        return f"{type(self).__name__}({', '.join(told)})"

    @property
    def width(self) -> int:
        """Numbers that one value becomes."""
        if self.kind == CATEGORY:
            return len(self.categories)
        return 1 if self.missing is None else 3

    @property
    def names(self) -> tuple[str, ...]:
        """The categories as people read them: a missing value has a name, too."""
        return tuple(LACKING if name == self.missing and not name else name for name in self.categories)

    @classmethod
    def from_dict(cls, values):
        """The inverse of ``dataclasses.asdict``, also after a trip through JSON."""
        return cls(**values | {"categories": tuple(values["categories"])})


def number(name, values, decimals=None, missing=None):
    """The :class:`Column` of some numbers (N,); whole ones where there are no ``decimals``.  NaN is what is ``missing``."""
    values = np.asarray(values, np.float64)
    if missing is not None:
        return replace(number(name, values[~np.isnan(values)], decimals), missing=missing)
    low, high = float(values.min()), float(values.max())
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(values.mean()), float(values.std())
    if not math.isfinite(mean) or not math.isfinite(deviation) or deviation == 0 < high - low:
        # Their sum or their squares are beyond what a float can be.  Only then: other columns stay as they were to the bit.
        unit = max(abs(low), abs(high))
        mean, deviation = float((values / unit).mean()) * unit, float((values / unit).std()) * unit
    return Column(name, INTEGER if decimals == 0 else NUMBER, mean, deviation if deviation > 0 else 1.0, low, high, decimals)


def category(name, values, missing=None):
    """The :class:`Column` of some texts (N,); its categories are sorted.  One of them may be what is ``missing``."""
    return Column(name, CATEGORY, categories=tuple(sorted(set(values))), missing=missing)


def date(name, texts, way, missing=None):
    """``(its Column, its values)`` of some dates (N,) that are written in a ``way``; what is ``missing`` is NaN."""
    numbers = {text: math.nan if text == missing else dates.number_of(text, way) for text in set(texts)}
    values = [numbers[text] for text in texts]
    return replace(number(name, values, 6 if "%f" in way else 0, missing), kind=DATE, way=way), values


def blocks(columns):
    """``[(column, first, end)]``: where each column stands in an encoded row."""
    ends = np.cumsum([column.width for column in columns]).tolist()
    return list(zip(columns, [0, *ends], ends))


def pieces(columns):
    """The same of what networks and distances know, one number or one choice: a number that may be missing is a number, and
    beside it the choice whether it is known."""
    found = []
    for column, first, end in blocks(columns):
        if column.kind == CATEGORY or column.missing is None:
            found.append((column, first, end))
            continue
        found += [(replace(column, missing=None), first, first + 1),
                  (Column(f"{column.name} known", CATEGORY, categories=(KNOWN, LACKING)), first + 1, end)]
    return found


def encoded(columns, values):
    """Columns of values, each (N,), as rows: float32 (N, d).  An unknown category raises KeyError."""
    count = len(values[0]) if columns else 0
    rows = np.zeros((count, sum(column.width for column in columns)), np.float32)  # once: it may be most of the memory
    for (column, first, _), these in zip(blocks(columns), values, strict=True):
        if column.kind == CATEGORY:
            place = {name: index for index, name in enumerate(column.categories)}
            rows[np.arange(count), [first + place[value] for value in these]] = 1
        elif column.missing is not None:
            numbers = np.asarray(these, np.float64)
            lacking = np.isnan(numbers)
            rows[:, first] = np.where(lacking, 0.0, _scaled(column, np.where(lacking, column.mean, numbers)))
            rows[np.arange(count), first + 1 + lacking] = 1
        else:
            rows[:, first] = _scaled(column, np.asarray(these, np.float64))
    return rows


def _scaled(column, numbers):
    with np.errstate(over="ignore"):
        scaled = (numbers - column.mean) / column.deviation
    beyond = ~np.isfinite(scaled)  # a difference of two large numbers may be more than a float can be
    if beyond.any():
        scaled[beyond] = numbers[beyond] / column.deviation - column.mean / column.deviation
    return scaled


def decoded(columns, rows):
    """Rows (N, d), as a generator may have made them, as columns of values, each (N,): floats, ints or texts.

    Of a category the likeliest; numbers are cut to the range that was seen, and rounded.  What is not a number, which a
    diverged generator yields, is taken for the mean.  Dates are numbers of days or seconds; a number that is missing is NaN.
    """
    rows = np.nan_to_num(np.asarray(rows, np.float64), nan=0.0)
    values = []
    for column, first, end in blocks(columns):
        if column.kind == CATEGORY:
            values.append(np.array(column.categories, object)[rows[:, first:end].argmax(axis=1)])
            continue
        with np.errstate(over="ignore"):  # infinite is cut to the range, too
            numbers = np.clip(rows[:, first] * column.deviation + column.mean, column.low, column.high)
        if column.decimals is not None:
            whole = np.abs(numbers) >= EXACT  # nothing to round, and NumPy would multiply it beyond what a float can be
            numbers = np.where(whole, numbers, np.round(np.where(whole, 0, numbers), column.decimals)) + 0.0  # no -0.00
        if column.missing is not None:
            values.append(np.where(rows[:, first + 2] > rows[:, first + 1], np.nan, numbers))
            continue
        values.append(numbers.astype(np.int64) if column.kind == INTEGER else numbers)
    return values


def written(column, value) -> str:
    """One decoded value as text."""
    if column.kind == CATEGORY:
        return value
    if column.missing is not None and math.isnan(value):
        return column.missing
    if column.kind == DATE:
        return dates.text_of(value, column.way)
    if column.kind == INTEGER:
        said = str(int(value))
    else:
        said = f"{value:.9g}" if column.decimals is None else f"{value:.{column.decimals}f}"
    sign = "-" if column.before and said.startswith("-") else ""  # -$3.50
    return f"{sign}{column.before}{said.removeprefix(sign)}{column.after}"


def finite(text) -> float | None:
    """The number that a text says, None when it is none, or none that can be used."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
