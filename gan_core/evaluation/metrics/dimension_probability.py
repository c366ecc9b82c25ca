"""Whether each category of a table is drawn as often as it is there (Choi 2017, section 4.2: dimension-wise probability)."""

import numpy as np

from gan_core.data import columns as described
from gan_core.evaluation.metrics.base import HIGHER, Family, Score, Tables

FEWEST = 3  # a line through two points says nothing


def correlation(real, fake):
    """Of the means of columns of 0 and 1, real (N, d) and fake (M, d): 1 where what is frequent among real ones is so among
    the others.  None where all are equally frequent on one side."""
    one, other = real.mean(axis=0, dtype=np.float64), fake.mean(axis=0, dtype=np.float64)
    if min(one.std(), other.std()) < 1e-12:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _places(columns):
    """Where in a row the categories stand; of two one alone, for the other follows from it."""
    parts = [(first + (column.width == 2), end) for column, first, end in described.pieces(columns)
             if column.kind == described.CATEGORY]
    return [place for first, end in parts for place in range(first, end)]


def measure(tables):
    places = _places(tables.columns)
    found = correlation(tables.learned[:, places], tables.generated[:, places])
    return {} if found is None else {"dimension_probability": found}


FAMILY = Family("probabilities of categories", of=Tables, turn=15, measure=measure,
                applies=lambda tables: len(_places(tables.columns)) >= FEWEST, scores=(
                    Score("dimension_probability", "Categories as frequent", HIGHER, "Correlation of how frequent each "
                          "category of a table is among generated and among real rows: 1 where all are as frequent.",
                          place=162, kinds=("table",)),))
