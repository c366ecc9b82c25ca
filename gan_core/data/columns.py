"""The columns of a table: what each becomes for networks, and how it is written again."""

import math
from dataclasses import dataclass

import numpy as np

NUMBER, INTEGER, CATEGORY = "number", "integer", "category"
MOST_CATEGORIES = 1_000  # of one column
MOST_WIDTH = 10_000  # numbers that a row becomes


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
    deviation = float(values.std())
    return Column(name, INTEGER if decimals == 0 else NUMBER, float(values.mean()), deviation if deviation > 0 else 1.0,
                  float(values.min()), float(values.max()), decimals)


def category(name, values):
    """The :class:`Column` of some texts (N,); its categories are sorted."""
    return Column(name, CATEGORY, categories=tuple(sorted(set(values))))


def blocks(columns):
    """``[(column, first, end)]``: where each column stands in an encoded row."""
    ends = np.cumsum([column.width for column in columns]).tolist()
    return list(zip(columns, [0, *ends], ends))


def encoded(columns, values):
    """Columns of values, each (N,), as rows: float32 (N, d).  An unknown category raises KeyError."""
    parts = []
    for column, these in zip(columns, values, strict=True):
        if column.kind == CATEGORY:
            place = {name: index for index, name in enumerate(column.categories)}
            parts.append(np.eye(column.width, dtype=np.float32)[[place[value] for value in these]])
        else:
            scaled = (np.asarray(these, np.float64) - column.mean) / column.deviation
            parts.append(scaled.astype(np.float32)[:, None])
    return np.concatenate(parts, axis=1)


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
            numbers = np.round(numbers, column.decimals) + 0.0  # no -0.00
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
