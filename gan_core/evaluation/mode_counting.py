"""Counting modes where the data has known ones: which counter suits a dataset, and what it makes of samples.

A counter has ``seen(samples)``, what it keeps of samples, and ``report(seen)``, a dict of plain numbers.
"""

import dataclasses

import numpy as np

from gan_core import data
from gan_core.data.sets.points import MODES
from gan_core.data.sets.stacked import NAME as STACKED
from gan_core.errors import RunFailed
from gan_core.evaluation import metrics
from gan_core.evaluation.extractors import classifier


def for_dataset(dataset, workspace=None, *, progress=None, should_stop=None):
    """The counter of a dataset, or None where nobody knows the modes.

    Raises:
        RunFailed: when the classifier of digits, which Stacked MNIST is counted by, is not to be trusted.
    """
    if dataset.name in MODES:
        return Mixture(*MODES[dataset.name])
    if dataset.name == STACKED:
        digits = data.load("mnist", size=dataset.x.shape[1], workspace=workspace)
        extractor = classifier.extractor(digits, workspace, progress=progress, should_stop=should_stop)
        if trouble := classifier.problem(digits, extractor):
            raise RunFailed(f"The modes cannot be counted: {trouble}; train at 28 pixels, where it is known to work.")
        return Triples(extractor)
    return None


@dataclasses.dataclass(frozen=True, eq=False)
class Mixture:
    """Equally likely Gaussians in the plane; see :func:`gan_core.evaluation.metrics.mode_report`."""

    centres: np.ndarray
    sigma: float

    def seen(self, samples):
        return np.asarray(samples)

    def report(self, points):
        report = metrics.mode_report(points, self.centres, self.sigma)
        return {"modes": report.modes, "modes_captured": report.captured, "high_quality": report.high_quality,
                "reverse_kl": report.reverse_kl}


@dataclasses.dataclass(frozen=True, eq=False)
class Triples:
    """Three digits in three channels, each named by a classifier of single digits.

    Every sample counts for the mode that it is taken for, as in the papers; high quality is not known.
    """

    classifier: object  # an extractor of (N, H, W, 1) with ten classes

    def seen(self, samples):
        """(N, H, W, 3) -> the mode of each, 0 to 999: 123 is a 1 in the first channel, a 2 and a 3."""
        digits = [self.classifier.probabilities(samples[..., channel:channel + 1]).argmax(axis=1)
                  for channel in range(3)]
        return digits[0] * 100 + digits[1] * 10 + digits[2]

    def report(self, labels):
        report = metrics.class_histogram_report(labels, 1000)
        return {"modes": report.modes, "modes_captured": report.captured, "reverse_kl": report.reverse_kl}
