"""The columns of a table: what each becomes for networks, and how it is written again."""

import math
from dataclasses import dataclass

import numpy as np

NUMBER, INTEGER, CATEGORY = "number", "integer", "category"
MOST_CATEGORIES = 1_000  # of one column
MOST_WIDTH = 10_000  # numbers that a row becomes
EXACT = 2**53  # whole numbers up to here are exact as floats


@dataclass(frozen=True)
class Column:
    """One column of a table.

    A number is encoded as ``(value - mean) / deviation``, lies between ``low`` and ``high``, and has ``decimals`` after
    the point (None: as many as it takes).  A category is encoded as one of its ``categories``: a 1 among zeros.
    """

    name: str
    kind: str  # "number", "integer" or "category"
    mean: float = 0.0
    deviation: float = 1.0
    low: float = 0.0
    high: float = 0.0
    decimals: int | None = 0
    categories: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Numbers that one value becomes."""
        return len(self.categories) if self.kind == CATEGORY else 1

    @classmethod
    def from_dict(cls, values):
        """The inverse of ``dataclasses.asdict``, also after a trip through JSON."""
        return cls(**values | {"categories": tuple(values["categories"])})


def number(name, values, decimals=None):
    """The :class:`Column` of some numbers (N,); whole ones where there are no ``decimals``."""
    values = np.asarray(values, np.float64)
    low, high = float(values.min()), float(values.max())
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(values.mean()), float(values.std())
    if not math.isfinite(mean) or not math.isfinite(deviation) or deviation == 0 < high - low:
        # Their sum or their squares are beyond what a float can be.  Only then: other columns stay as they were to the bit.
        unit = max(abs(low), abs(high))
        mean, deviation = float((values / unit).mean()) * unit, float((values / unit).std()) * unit
    return Column(name, INTEGER if decimals == 0 else NUMBER, mean, deviation if deviation > 0 else 1.0, low, high, decimals)


def category(name, values):
    """The :class:`Column` of some texts (N,); its categories are sorted."""
    return Column(name, CATEGORY, categories=tuple(sorted(set(values))))


def blocks(columns):
    """``[(column, first, end)]``: where each column stands in an encoded row."""
    ends = np.cumsum([column.width for column in columns]).tolist()
    return list(zip(columns, [0, *ends], ends))


def encoded(columns, values):
    """Columns of values, each (N,), as rows: float32 (N, d).  An unknown category raises KeyError."""
    count = len(values[0]) if columns else 0
    rows = np.zeros((count, sum(column.width for column in columns)), np.float32)  # once: it may be most of the memory
    for (column, first, _), these in zip(blocks(columns), values, strict=True):
        if column.kind == CATEGORY:
            place = {name: index for index, name in enumerate(column.categories)}
            rows[np.arange(count), [first + place[value] for value in these]] = 1
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
    diverged generator yields, is taken for the mean.
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
        values.append(numbers.astype(np.int64) if column.kind == INTEGER else numbers)
    return values


def written(column, value) -> str:
    """One decoded value as text."""
    if column.kind == CATEGORY:
        return value
    if column.kind == INTEGER:
        return str(int(value))
    return f"{value:.9g}" if column.decimals is None else f"{value:.{column.decimals}f}"


def finite(text) -> float | None:
    """The number that a text says, None when it is none, or none that can be used."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
