"""How far the distributions of two samples of one column lie apart: 0 for equal ones, 1 for disjoint ones.

Their complements are SDMetrics' KSComplement and TVComplement.
"""

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Family, Rows, Score


def number_distance(one, other):
    """The Kolmogorov-Smirnov statistic of numbers (N,) and (M,): the largest difference of their distribution functions."""
    one, other = np.sort(one), np.sort(other)
    places = np.concatenate([one, other])
    share, others = (np.searchsorted(values, places, side="right") / len(values) for values in (one, other))
    return float(np.abs(share - others).max())


def category_distance(one, other):
    """The total variation distance of texts (N,) and (M,): half the sum of the differences of their shares."""
    names = set(one) | set(other)
    return float(sum(abs(np.mean(one == name) - np.mean(other == name)) for name in names) / 2)


def measure(rows):
    return {"column_distance": float(np.mean([(category_distance if category else number_distance)(one, other)
                                              for category, one, other in zip(*rows)]))}


FAMILY = Family("columns of a table", of=Rows, turn=10, measure=measure, scores=(
    Score("column_distance", "Column distance", LOWER, "Of the distributions of each column of a table, their mean: 0 for "
          "equal ones, 1 for ones that have nothing in common.", place=150),))
