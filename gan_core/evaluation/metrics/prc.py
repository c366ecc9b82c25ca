"""Improved precision and recall (Kynkäänniemi et al. 2019, equations 1 and 2)."""

from typing import NamedTuple

import numpy as np

from gan_core.evaluation.metrics.base import HIGHER, SMALLER, Family, Pair, Score
from gan_core.evaluation.metrics.checks import at_least, feature_pair, positive_integer
from gan_core.evaluation.metrics.distances import squared_distance_blocks, squared_neighbour_radii, tie_width

K = 3  # neighbours, as in the paper


class PrecisionRecall(NamedTuple):
    precision: float
    recall: float


def precision_recall(real, fake, k=K, *, real_radii=None, fake_radii=None):
    """Precision: share of fakes inside the real manifold.  Recall: share of reals inside the fake manifold.

    A set's manifold is the union of closed balls around its samples, each reaching that sample's k-th nearest other
    sample.  real: (N, d), fake: (M, d) features.  Both scores lie in [0, 1], higher is better.  ``real_radii`` (N,)
    and ``fake_radii`` (M,) are the squared radii, for a caller who already has them.

    Raises BadInput for unusable features and for fewer than k + 1 samples on either side.
    """
    real, fake = feature_pair(real, fake)
    k = positive_integer(k, "number of neighbours")
    at_least(k + 1, f"precision and recall with {k} neighbours", real=real, fake=fake)
    if real_radii is None:
        real_radii, = squared_neighbour_radii(real, [k])
    if fake_radii is None:
        fake_radii, = squared_neighbour_radii(fake, [k])
    centre = real.mean(axis=0)
    real_balls = real_radii + tie_width(real, centre, real_radii)
    fake_balls = fake_radii + tie_width(fake, centre, fake_radii)
    fake_inside = np.empty(len(fake), bool)
    real_inside = np.zeros(len(real), bool)
    for rows, block in squared_distance_blocks(fake, real):
        fake_inside[rows] = (block <= real_balls).any(axis=1)
        real_inside |= (block <= fake_balls[rows, None]).any(axis=0)
    return PrecisionRecall(float(fake_inside.mean()), float(real_inside.mean()))


def measure(pair):
    return precision_recall(pair.real, pair.fake, K, real_radii=pair.real_radii(K))._asdict()


FAMILY = Family(
    "precision and recall", of=Pair, turn=30, by_counts=True, neighbours=K, measure=measure, scores=(
        Score("precision", "Precision", HIGHER, "Share of generated samples that look real.", place=40,
              share_of=("n_fake",)),
        Score("recall", "Recall", HIGHER, "Share of real samples that could have been generated.", place=50,
              share_of=SMALLER)))
