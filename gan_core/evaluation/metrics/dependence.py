"""Whether columns of a table depend on each other as real ones do: SDMetrics' correlation and contingency similarity."""

import itertools

import numpy as np

from gan_core.evaluation.metrics.base import HIGHER, Family, Score, Tables

MOST_PAIRS = 300  # of columns, drawn at random where there are more
BINS = 10  # of a number beside a category: as many parts of the real ones


def correlation_similarity(real, fake):
    """1 - half the mean absolute difference of the correlations of all pairs of numbers: real (N, d), fake (M, d), each over
    the rows in which both are known."""
    one, other = (correlations(_spread(numbers)) for numbers in (real, fake))
    above = np.triu_indices(real.shape[1], 1)
    return float(1.0 - np.abs(one - other)[above].mean() / 2.0)


def _spread(numbers):
    """Numbers in units that no sum of squares overflows in."""
    scale = np.maximum(np.nan_to_num(np.abs(numbers)).max(axis=0), 1e-300)
    return numbers / scale


def correlations(numbers):
    """Of columns of numbers (N, d), (d, d): of each pair over the rows in which neither is missing (NaN); 0 where one of
    them is always the same."""
    known = ~np.isnan(numbers)
    if known.all():
        with np.errstate(divide="ignore", invalid="ignore"):  # of a column that is always the same
            return np.nan_to_num(np.corrcoef(numbers, rowvar=False)).reshape(numbers.shape[1], -1)
    mean = np.where(known.any(axis=0), np.where(known, numbers, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    values, known = np.where(known, numbers - mean, 0.0), known.astype(float)
    count = np.maximum(known.T @ known, 1.0)
    sums, squares = values.T @ known / count, (values ** 2).T @ known / count  # of the one where the other is known
    deviations = np.sqrt(np.maximum(squares - sums ** 2, 0.0))
    below = deviations * deviations.T
    return np.where(below > 1e-12, (values.T @ values / count - sums * sums.T) / np.maximum(below, 1e-12), 0.0)


def contingency_similarity(real, fake):
    """1 - the total variation distance of the shares of all pairs of values: of each a pair of columns of ints, (N,)."""
    sides = [int(max(one.max(), other.max())) + 1 for one, other in zip(real, fake)]
    shares = [np.bincount(pair[0] * sides[1] + pair[1], minlength=sides[0] * sides[1]) / len(pair[0])
              for pair in (real, fake)]
    return float(1.0 - np.abs(shares[0] - shares[1]).sum() / 2.0)


def _coded(tables):
    """Every column as small ints, real and fake: categories by name, numbers by the tenth of the real ones they are in."""
    for category, real, fake in zip(tables.categories, tables.real, tables.fake):
        if category:
            _, codes = np.unique(np.concatenate([real, fake]).astype(str), return_inverse=True)
            yield codes[:len(real)], codes[len(real):]
        else:
            known = real[~np.isnan(real)]
            edges = np.unique(np.quantile(known.astype(float), np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else known
            # What is missing is a part of its own.
            yield tuple(np.where(np.isnan(side), len(edges) + 1, np.searchsorted(edges, side, side="right"))
                        for side in (real, fake))


def measure(tables):
    values = {}
    numbers = [place for place, category in enumerate(tables.categories) if not category]
    if len(numbers) > 1:
        real, fake = (np.stack([side[place].astype(float) for place in numbers], axis=1)
                      for side in (tables.real, tables.fake))
        values["correlation"] = correlation_similarity(real, fake)
    pairs = [(one, other) for one, other in itertools.combinations(range(len(tables.categories)), 2)
             if tables.categories[one] or tables.categories[other]]
    if pairs:
        order = np.random.RandomState(tables.seed).permutation(len(pairs))[:MOST_PAIRS]
        coded = list(_coded(tables))
        values["contingency"] = float(np.mean([contingency_similarity(
            [coded[one][0], coded[other][0]], [coded[one][1], coded[other][1]]) for one, other in
            (pairs[index] for index in order)]))
    return values


FAMILY = Family("dependence of columns", of=Tables, turn=20, measure=measure, scores=(
    Score("correlation", "Correlations alike", HIGHER, "Whether numbers of a table go together as real ones do: 1 where all "
          "correlations are the same.", place=153),
    Score("contingency", "Pairs of values alike", HIGHER, "Whether categories go with each other, and with tenths of "
          "numbers, as often as in real rows: 1 where all shares are the same.", place=154)))
