"""How near generated rows of a table come to the rows that were learned: what is said of a copy says something of people."""

import numpy as np

from gan_core.data import columns as described
from gan_core.evaluation.metrics.base import NEARER, Family, Score, Tables
from gan_core.evaluation.metrics.copying import nearest_neighbours

MOST, AMONG = 2000, 20_000  # rows that are looked at, and rows among which the closest is looked for


def measure(tables):
    """``closest_record``: the median distance to the closest training row, in deviations of numbers; a category that differs
    counts as one."""
    rng = np.random.RandomState(tables.seed)
    train, fake = (_coordinates(tables, rows) for rows in (tables.learned, tables.generated))
    train, fake = train[rng.permutation(len(train))[:AMONG]], fake[rng.permutation(len(fake))[:MOST]]
    return {"closest_record": float(np.median(nearest_neighbours(fake, train)[1]))}


def _coordinates(tables, rows):
    """Rows in which two different categories of a column are as far apart as numbers by one deviation."""
    scale = np.ones(rows.shape[1], np.float32)
    for column, first, end in described.blocks(tables.columns):
        scale[first:end] = np.sqrt(0.5) if column.kind == described.CATEGORY else 1.0
    return rows * scale


FAMILY = Family("closest records", of=Tables, turn=30, measure=measure, scores=(
    Score("closest_record", "Closest record", NEARER, "Median distance of a generated row to the closest row that was "
          "learned, in deviations; far below that of held-out rows it copies.", place=157),))
