"""Fréchet distance between two Gaussians fitted to features (Heusel et al. 2017, "FID", equation 6)."""

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Family, Pair, Score
from gan_core.evaluation.metrics.checks import at_least, feature_pair


def frechet_distance(real, fake):
    """|m_r - m_f|^2 + tr(C_r + C_f - 2 (C_r C_f)^{1/2}) of the two sets' means and covariances.

    real: (N, d), fake: (M, d) features.  Returns a float >= 0 in squared feature units; 0 for equal means and
    covariances, lower is better.  The estimate is biased upwards by about 1/N + 1/M: compare only at equal counts.

    Raises BadInput for unusable features and for fewer than d + 1 samples on either side, where the covariances are
    singular by construction.
    """
    real, fake = feature_pair(real, fake)
    dimension = real.shape[1]
    at_least(dimension + 1, f"Fréchet distance of {dimension}-dimensional features", real=real, fake=fake)
    return frechet_of_moments(*moments(real), *moments(fake))


def moments(features):
    """Mean (d,) and covariance (d, d) of features (N, d)."""
    return features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False, ddof=1))


def frechet_of_moments(mean_real, cov_real, mean_fake, cov_fake):
    """The same of means (d,) and covariances (d, d), which must be those of features of one extractor."""
    difference = mean_real - mean_fake
    # C_r C_f has the eigenvalues of C_r^{1/2} C_f C_r^{1/2}, which is symmetric: they stay real and not below 0 up to
    # rounding, where a general square root drifts into complex numbers on near-singular covariances.
    values, vectors = np.linalg.eigh(cov_real)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    shared = np.linalg.eigvalsh(root @ cov_fake @ root)
    distance = (difference @ difference + np.trace(cov_real) + np.trace(cov_fake)
                - 2 * np.sqrt(np.maximum(shared, 0)).sum())
    return float(max(distance, 0.0))


FAMILY = Family(
    "Fréchet distance", of=Pair, turn=10, by_counts=True, fewest=lambda dimension: dimension + 1,
    measure=lambda pair: {"frechet": frechet_distance(pair.real, pair.fake)},
    scores=(Score("frechet", "Fréchet distance", LOWER, "Between Gaussians fitted to the features (FID); depends on counts.",
                  place=20),))
