"""How much the samples of a sheet differ: so little to compute that every sheet has it."""

import numpy as np

from gan_core.data import floats

COMPARED, NUMBERS = 500, 4_000_000  # real samples that a sheet is compared with, and how many numbers they may have in all


class SheetSpread:
    """How much the samples of a sheet differ, as a share of what real ones do: a few sums, so that every sheet has it.

    Args:
        dataset: :class:`gan_core.data.Dataset`.
    """

    def __init__(self, dataset):
        few = max(NUMBERS // dataset.x[0].size, 32)
        rows = np.random.default_rng(0).permutation(len(dataset))[:min(COMPARED, few)]
        self.real = _deviation(floats(dataset.x[np.sort(rows)]))

    def __call__(self, samples):
        """Figures for the chart of samples (N, *shape): ``{name: number}``; none when they are not finite."""
        drawn = _deviation(samples)
        if not np.isfinite(drawn):
            return {}
        return {"data_deviation": self.real} | ({"sheet_spread": drawn / self.real} if self.real > 0 else {})


def _deviation(samples):
    """Of samples (N, *shape) from their mean: the root of the mean square over all their numbers."""
    return float(np.sqrt(np.var(samples, axis=0, dtype=np.float64).mean()))
