"""Vendi score: the effective number of different samples (Friedman and Dieng 2023, definition 3.1)."""

import numpy as np

from gan_core.evaluation.metrics.base import NEARER, Family, OneSet, Score
from gan_core.evaluation.metrics.checks import feature_matrix


def vendi_score(features):
    """exp of the entropy of the eigenvalues of K / n, K the cosine similarities of all pairs.

    features: (n, d).  Returns a float between 1, all samples point the same way, and min(n, d), all directions used
    evenly; higher is more varied.  It knows no real data: noise scores high.  A sample of zeros has no direction and
    counts as similar only to other samples of zeros, which adds one to the upper limit.

    Raises BadInput for empty or non-finite features.
    """
    features = feature_matrix(features, "features")
    n, dimension = features.shape
    # By the largest entry first, or the squares of tiny or huge features leave the range of float64.
    largest = np.abs(features).max(axis=1, keepdims=True)
    directions = features / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    directions /= np.where(lengths > 0, lengths, 1)
    # X X^T and X^T X share their eigenvalues but for zeros, which add no entropy: take the smaller one.
    gram = directions.T @ directions if n > dimension else directions @ directions.T
    shares = np.append(np.linalg.eigvalsh(gram / n), np.count_nonzero(largest == 0) / n)
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


FAMILY = Family(
    "Vendi score", of=OneSet, turn=10, measure=lambda one: {"vendi": vendi_score(one.features)}, scores=(
        # Noise has more of it than any data.
        Score("vendi", "Vendi score", NEARER, "Effective number of different samples; it knows no real ones.", place=80),))
