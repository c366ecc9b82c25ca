"""How much two columns of a table say of each other, whatever they hold: what a picture of a whole table shows."""

import numpy as np

from gan_core.data.columns import CATEGORY
from gan_core.evaluation.metrics.dependence import correlations


def associations(columns, values):
    """(d, d) of columns of values, each (N,): of two numbers their correlation, -1 to 1; of a number and a category the
    correlation ratio, and of two categories Cramér's V (Cramér 1946, section 21.9), both 0 to 1.  Numbers over the rows in
    which they are known; 1 of a column with itself."""
    count = len(columns)
    found = np.eye(count)
    numbers = [place for place, column in enumerate(columns) if column.kind != CATEGORY]
    if numbers:
        matrix = np.stack([values[place].astype(float) for place in numbers], axis=1)
        largest = np.maximum(np.nan_to_num(np.abs(matrix)).max(axis=0), 1e-300)  # so that no square overflows
        found[np.ix_(numbers, numbers)] = correlations(matrix / largest)
    codes = {place: np.unique(values[place].astype(str), return_inverse=True)[1] for place in range(count)
             if place not in numbers}
    for place, code in codes.items():
        for other in range(count):
            if other == place:
                continue
            share = _cramers_v(code, codes[other]) if other in codes else _ratio(code, values[other].astype(float))
            found[place, other] = found[other, place] = share
    np.fill_diagonal(found, 1.0)
    return found


def _cramers_v(one, other):
    counts = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(counts, (one, other), 1)
    expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / counts.sum()
    least = min(counts.shape) - 1
    return float(np.sqrt(((counts - expected) ** 2 / expected).sum() / counts.sum() / least)) if least else 0.0


def _ratio(code, numbers):
    """The root of the share of the variance of numbers that lies between the categories."""
    known = ~np.isnan(numbers)
    code, numbers = code[known], numbers[known]
    total = numbers.var() * len(numbers) if len(numbers) else 0.0
    if not np.isfinite(total) or total <= 0:
        return 0.0
    counts = np.maximum(np.bincount(code), 1)
    means = np.bincount(code, numbers) / counts
    return float(np.sqrt(min(max((np.bincount(code) * (means - numbers.mean()) ** 2).sum() / total, 0.0), 1.0)))
