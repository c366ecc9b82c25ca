"""What a table's generator is held against: rows made without a network.

*Independent columns*: each value is one of the real ones of its column, whatever the others are.  *Gaussian copula*: columns
are as they are, and how they depend on each other is a normal distribution's (Patki 2016, The Synthetic Data Vault).
"""

import numpy as np

from gan_core.data.columns import CATEGORY, DATE, INTEGER

MOST = 20_000  # rows that are looked at


def independent(columns, values, n, seed):
    """Columns of ``n`` values, each drawn from those of real rows by itself."""
    rng = np.random.default_rng([seed, *b"independent"])
    return [these[rng.integers(0, len(these), n)] for these in values]


def copula(columns, values, n, seed):
    """Columns of ``n`` values that have the distribution of each column, and the normal scores' correlations.

    A category is a stretch of [0, 1] as long as its share, the most frequent first; within it a value lies anywhere.
    """
    rng = np.random.default_rng([seed, *b"copula"])
    rows = rng.permutation(len(values[0]))[:MOST]
    values = [these[rows] for these in values]
    scores = np.stack([_normal(_share(column, these, rng)) for column, these in zip(columns, values)], axis=1)
    correlations = np.nan_to_num(np.corrcoef(scores, rowvar=False).reshape(len(columns), -1))
    np.fill_diagonal(correlations, 1.0)
    spectrum, directions = np.linalg.eigh(correlations)
    root = directions * np.sqrt(np.maximum(spectrum, 0.0))  # rounding may leave it less than positive
    shares = _phi(rng.standard_normal((n, len(columns))) @ root.T)
    return [_value(column, these, share) for column, these, share in zip(columns, values, shares.T)]


METHODS = {"independent": ("Independent columns", independent), "copula": ("Gaussian copula", copula)}


def _categories(values):
    """``(names, where each begins in [0, 1])``, the most frequent first; and 1."""
    names, counts = np.unique(values.astype(str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return names[order], np.concatenate([[0.0], np.cumsum(counts[order]) / counts.sum()])


def _share(column, values, rng):
    """Where in the distribution of its column each value lies, in (0, 1); equal numbers at random among each other, and what
    is missing, NaN, after all others."""
    if column.kind == CATEGORY:
        names, begins = _categories(values)
        place = {name: index for index, name in enumerate(names)}
        index = np.array([place[str(value)] for value in values])
        return begins[index] + rng.random(len(values)) * (begins[index + 1] - begins[index])
    order = np.lexsort((rng.random(len(values)), values.astype(float)))
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values))
    return (ranks + 0.5) / len(values)


def _value(column, values, share):
    if column.kind == CATEGORY:
        names, begins = _categories(values)
        return names.astype(object)[np.clip(np.searchsorted(begins, share, side="right") - 1, 0, len(names) - 1)]
    ordered = np.sort(values.astype(float))
    if np.isnan(ordered[-1]):  # the missing ones come last
        known = int((~np.isnan(ordered)).sum())
        part = known / len(ordered)
        if not known:
            return np.full(len(share), np.nan)
        found = _of_known(column, ordered[:known], np.clip(share / part, 0.0, 1.0 - 1e-9))
        return np.where(share < part, found, np.nan)
    return _of_known(column, ordered, share)


def _of_known(column, ordered, share):
    # Of whole numbers one that there was; of others what lies between two may be.
    if column.kind in (INTEGER, DATE):
        found = ordered[np.clip((share * len(ordered)).astype(int), 0, len(ordered) - 1)]
        return found.astype(np.int64) if column.kind == INTEGER else found
    return np.quantile(ordered, share)


def _normal(share):
    from scipy.special import ndtri

    return ndtri(np.clip(share, 1e-6, 1.0 - 1e-6))


def _phi(scores):
    from scipy.special import ndtr

    return ndtr(scores)
