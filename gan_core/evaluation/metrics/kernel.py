"""Kernel distance: unbiased MMD^2 with a cubic kernel (Binkowski et al. 2018, "KID", section 4)."""

import math
from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.metrics.base import LOWER, Family, Pair, Score
from gan_core.evaluation.metrics.checks import feature_pair, positive_integer

SUBSETS, LIVE_SUBSETS = (100, 1000), (10, 500)  # how many, of how many samples


class KernelDistance(NamedTuple):
    mean: float  # over the subsets
    std: float   # over the subsets, ddof 0


def kernel_distance(real, fake, *, subsets=100, subset_size=1000, seed):
    """Mean and spread of the unbiased MMD^2 over random subsets, kernel k(x, y) = (x.y / d + 1)^3.

    real: (N, d), fake: (M, d) features.  Each subset draws ``subset_size`` samples of each set without replacement.
    Returns ``KernelDistance(mean, std)``; unbiased, so 0 on average for equal distributions and a little below 0 at
    times; lower is better.  ``seed``: an int from 0 to 2^32 - 1; equal seeds give equal numbers.

    Raises BadInput for unusable features and for a subset size below 2 or above the smaller set.
    """
    real, fake = feature_pair(real, fake)
    subsets = positive_integer(subsets, "number of subsets")
    subset_size = positive_integer(subset_size, "subset size")
    smaller = min(len(real), len(fake))
    if not 2 <= subset_size <= smaller:
        raise BadInput(f"The kernel distance needs a subset size between 2 and the smaller set's {smaller} samples, "
                       f"not {subset_size}.")
    # RandomState, whose stream NumPy has frozen for good: the same subsets in every version, and those that
    # torch-fidelity draws (fake first) from the same seed.
    rng = np.random.RandomState(seed)
    distances = np.empty(subsets)
    for i in range(subsets):
        some_fake = fake[rng.choice(len(fake), subset_size, replace=False)]
        some_real = real[rng.choice(len(real), subset_size, replace=False)]
        distances[i] = _squared_mmd(some_real, some_fake)
    return KernelDistance(float(distances.mean()), float(distances.std()))


def _squared_mmd(x, y):
    """Unbiased estimate for two sets of equal size (Gretton et al. 2012, equation 3)."""
    m = len(x)
    within = _kernel_sum(x, x) - _own_kernels(x) + _kernel_sum(y, y) - _own_kernels(y)
    return within / (m * (m - 1)) - 2 * _kernel_sum(x, y) / m ** 2


def _kernel_sum(x, y):
    base = x @ y.T
    base /= x.shape[1]
    base += 1
    return np.vdot(base, base * base)  # two products; ** 3 would call pow for each of the entries


def _own_kernels(x):
    return ((np.einsum("ij,ij->i", x, x) / x.shape[1] + 1) ** 3).sum()


def measure(pair):
    """Of subsets of at most half of the smaller set: those of all samples would be one and the same, with a spread of 0."""
    subsets, asked = _subsets(pair)
    size = min(asked, pair.smaller // 2)
    mean, std = kernel_distance(pair.real, pair.fake, subsets=subsets, subset_size=size, seed=pair.seed)
    return {"kernel": mean, "kernel_std": std, "kernel_subset_size": size}


def error(scores):
    """Of the mean over subsets, from their spread: m of n samples each, they overlap.

    Drawn without replacement, their means spread as sigma^2 / m (1 - m / n), the mean over all samples as sigma^2 / n.
    """
    spread, m = scores.get("kernel_std"), scores.get("kernel_subset_size")
    n = min(scores["n_real"], scores["n_fake"])
    return (spread * math.sqrt(m / (n - m)), math.inf) if spread is not None and m and m < n else None


def remark(pair, values):
    size, (_, asked) = values["kernel_subset_size"], _subsets(pair)
    return "" if size == asked else (f"The kernel distance used subsets of {size} samples, half of the smaller set, "
                                     f"instead of {asked}.")


def _subsets(pair):
    return LIVE_SUBSETS if pair.live else SUBSETS


FAMILY = Family(
    "kernel distance", of=Pair, turn=20, measure=measure, remark=remark,
    scores=(Score("kernel", "Kernel distance", LOWER, "Unbiased MMD² with a cubic kernel, mean over subsets (KID).",
                  place=10, spread="kernel_std", error=error),))
