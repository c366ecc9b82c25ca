"""Mode counting where the modes are known: mixtures of Gaussians in the plane and Stacked MNIST.

Lin et al. 2018, "PacGAN", section 4.1 for the plane and section 4.2 for Stacked MNIST; both after Srivastava et al.
2017, "VEEGAN".
"""

from typing import NamedTuple

import numpy as np

from gan_core.errors import BadInput
from gan_core.evaluation.metrics.base import HIGHER, LOWER, Family, Judged, Score
from gan_core.evaluation.metrics.checks import feature_matrix, positive_integer, same_dimension

HIGH_QUALITY = 3  # standard deviations from the nearest centre


class ModeReport(NamedTuple):
    captured: int        # modes with at least one high-quality sample
    modes: int           # K
    high_quality: float  # share of samples within 3 sigma of the nearest centre
    reverse_kl: float    # nats; KL(generated || uniform over modes)
    counts: np.ndarray   # (K,) samples whose nearest centre this is, of whatever quality


class ClassReport(NamedTuple):
    captured: int       # classes with at least one sample
    modes: int          # K
    reverse_kl: float   # nats; KL(generated || uniform)
    counts: np.ndarray  # (K,)


def mode_report(samples, centres, sigma):
    """How many modes of a mixture the samples reach, how well, and how evenly.

    samples: (N, 2) points.  centres: (K, 2) of an equally weighted mixture.  sigma: standard deviation of each
    component, in the same unit.  (Any other dimension works too.)

    PacGAN's definitions: a sample is of high quality within 3 sigma of its nearest centre; a mode is lost when no
    sample lies that near to it; the reverse KL compares the histogram of nearest centres, over *all* samples, to the
    real one, here uniform.  So a collapse onto one mode gives ln K, however good its samples are.

    Raises BadInput for unusable points and for sigma <= 0.
    """
    samples, centres = feature_matrix(samples, "samples"), feature_matrix(centres, "centres")
    same_dimension(samples, centres, "samples", "centres")
    if not (np.isscalar(sigma) and np.isfinite(sigma) and sigma > 0):
        raise BadInput(f"The standard deviation of the modes must be a positive number, not {sigma!r}.")
    # One centre at a time, by differences: memory N, and no rounding of a matrix product at the edge of 3 sigma.
    nearest, squared = np.zeros(len(samples), int), np.full(len(samples), np.inf)
    for mode, centre in enumerate(centres):
        distance = ((samples - centre) ** 2).sum(axis=1)
        closer = distance < squared
        nearest[closer], squared[closer] = mode, distance[closer]
    good = squared <= (HIGH_QUALITY * sigma) ** 2
    counts = np.bincount(nearest, minlength=len(centres))
    captured = len(np.unique(nearest[good]))
    return ModeReport(captured, len(centres), float(good.mean()), _kl_to_uniform(counts), counts)


def class_histogram_report(labels, classes):
    """Modes covered and KL(generated || uniform) of class labels, e.g. of Stacked MNIST's 1,000 digit triples.

    labels: (N,) whole numbers in [0, classes), a classifier's answers.  The paper counts on 26,000 samples: with few
    samples the KL is biased upwards by about (K - 1) / 2N.  Raises BadInput for no labels and labels out of range.
    """
    classes = positive_integer(classes, "number of classes")
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0 or not np.issubdtype(labels.dtype, np.integer):
        raise BadInput(f"The labels must be a non-empty list of whole numbers, not {labels.dtype} of shape "
                       f"{labels.shape}.")
    if labels.min() < 0 or labels.max() >= classes:
        raise BadInput(f"The labels must lie between 0 and {classes - 1}; they reach from {labels.min()} to "
                       f"{labels.max()}.")
    counts = np.bincount(labels, minlength=classes)
    return ClassReport(int(np.count_nonzero(counts)), classes, _kl_to_uniform(counts), counts)


def _kl_to_uniform(counts):
    shares = counts[counts > 0] / counts.sum()
    return float(max((shares * np.log(shares * len(counts))).sum(), 0.0))


def measure(judged):
    """Of a counter that knows the modes, :mod:`gan_core.evaluation.mode_counting`."""
    values = judged.modes.report(judged.modes.seen(judged.samples))
    if judged.modes_seen is not None:
        real = judged.modes.report(judged.modes_seen[:len(judged.samples)])
        values |= {f"{key}_floor": value for key, value in real.items() if key != "modes"}
    return values


FAMILY = Family(
    "modes", of=Judged, turn=20, measure=measure, applies=lambda judged: judged.modes is not None, scores=(
        Score("modes_captured", "Modes captured", HIGHER, "Modes found: Gaussians with a sample within 3 sigma, or digit "
              "triples that a classifier saw.", place=100),
        Score("high_quality", "High quality", HIGHER, "Share of samples within 3 sigma of a centre.", place=110,
              share_of=("n_fake",)),
        Score("reverse_kl", "Reverse KL", LOWER, "How unevenly samples are spread over the modes, in nats.", place=120)))
