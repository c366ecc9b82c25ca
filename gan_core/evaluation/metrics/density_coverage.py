"""Density and coverage (Naeem et al. 2020, section 3.2): precision and recall that bear outliers."""

from typing import NamedTuple

import numpy as np

from gan_core.evaluation.metrics.base import HIGHER, NEARER, SMALLER, Family, Pair, Score
from gan_core.evaluation.metrics.checks import at_least, feature_pair, positive_integer
from gan_core.evaluation.metrics.distances import squared_distance_blocks, squared_neighbour_radii, tie_width

K = 5  # neighbours, as in the paper


class DensityCoverage(NamedTuple):
    density: float
    coverage: float


def density_coverage(real, fake, k=K, *, real_radii=None):
    """Density: how many real balls hold a fake, over k.  Coverage: share of real balls that hold a fake.

    A real sample's ball is open and reaches its k-th nearest other real sample.  real: (N, d), fake: (M, d) features.
    Density is 0 or more, about 1 for equal distributions, and above 1 where fakes crowd among the reals; coverage
    lies in [0, 1] and tends to 1 - 2^-k for equal distributions of equal count.  Higher is better.  ``real_radii``
    (N,) are the squared radii, for a caller who already has them.

    Raises BadInput for unusable features and for fewer than k + 1 real samples.
    """
    real, fake = feature_pair(real, fake)
    k = positive_integer(k, "number of neighbours")
    at_least(k + 1, f"density and coverage with {k} neighbours", real=real)
    if real_radii is None:
        real_radii, = squared_neighbour_radii(real, [k])
    balls = real_radii - tie_width(real, real.mean(axis=0), real_radii)
    balls_entered = 0
    covered = np.zeros(len(real), bool)
    for _, block in squared_distance_blocks(fake, real):
        inside = block < balls
        balls_entered += np.count_nonzero(inside)
        covered |= inside.any(axis=0)
    return DensityCoverage(float(balls_entered / (k * len(fake))), float(covered.mean()))


def measure(pair):
    return density_coverage(pair.real, pair.fake, K, real_radii=pair.real_radii(K))._asdict()


FAMILY = Family(
    "density and coverage", of=Pair, turn=40, by_counts=True, neighbours=K, measure=measure, scores=(
        # Above 1 where samples crowd in the middle of the real ones, which costs variety.
        Score("density", "Density", NEARER, "Precision that bears outliers; about 1 for real samples.", place=60),
        Score("coverage", "Coverage", HIGHER, "Share of real samples with a generated one near by.", place=70,
              share_of=SMALLER)))
