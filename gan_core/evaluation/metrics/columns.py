"""How far the distributions of two samples of one column lie apart: 0 for equal ones, 1 for disjoint ones.

Their complements are SDMetrics' KSComplement and TVComplement.
"""

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Family, Score, Tables


def number_distance(one, other):
    """The Kolmogorov-Smirnov statistic of numbers (N,) and (M,): the largest difference of their distribution functions.

    What is missing, NaN, lies below all that is known: another share of it is a distance, too.
    """
    one, other = (np.sort(np.where(np.isnan(values), -np.inf, values)) for values in (one, other))
    places = np.concatenate([one, other])
    share, others = (np.searchsorted(values, places, side="right") / len(values) for values in (one, other))
    return float(np.abs(share - others).max())


def category_distance(one, other):
    """The total variation distance of texts (N,) and (M,): half the sum of the differences of their shares."""
    (names, counts), (others, other_counts) = (np.unique(np.asarray(values, str), return_counts=True)
                                               for values in (one, other))
    shares = dict.fromkeys(np.union1d(names, others), 0.0)
    for name, count in zip(names, counts):
        shares[name] += count / counts.sum()
    for name, count in zip(others, other_counts):
        shares[name] -= count / other_counts.sum()
    return float(sum(map(abs, shares.values())) / 2)


def measure(tables):
    distances = {True: [], False: []}
    for category, one, other in zip(tables.categories, tables.real, tables.fake):
        distances[category].append((category_distance if category else number_distance)(one, other))
    values = {"column_distance": float(np.mean(distances[True] + distances[False]))}
    for key, category in (("ks", False), ("tv", True)):
        if distances[category]:
            values[key] = float(np.mean(distances[category]))
    return values


FAMILY = Family("columns of a table", of=Tables, turn=10, measure=measure, scores=(
    Score("column_distance", "Column distance", LOWER, "Of the distributions of each column of a table, their mean: 0 for "
          "equal ones, 1 for ones that have nothing in common.", place=150),
    Score("ks", "Numbers apart (KS)", LOWER, "Mean Kolmogorov-Smirnov distance of the columns of numbers: 0 for equal "
          "distributions, 1 for disjoint ones.", place=151),
    Score("tv", "Categories apart (TV)", LOWER, "Mean total variation distance of the columns of categories: 0 for equal "
          "shares, 1 for disjoint ones.", place=152)))
