"""How far two scores must be apart to differ: their standard errors, and what to do where there is none."""

import math
import statistics
from typing import NamedTuple

from gan_core.evaluation.human import Rate
from gan_core.evaluation.score_names import SCORES

# Of a score that tells no error of its own, and of one seed: a smaller difference, as a share of the larger value, is
# called none.  Other samples of the same weights change such scores by up to 5 % (1,000 samples on MNIST in 32 dimensions:
# Fréchet distance 5 %, density 2 %, Vendi score 1 %), and so their difference by up to 15 % in 95 of 100 cases; other seeds
# change them by 3 to 40 % (docs/comparison.md).
UNKNOWN = 0.15
AT_LEAST = f"{100 * UNKNOWN:.0f} %"
# 97.5 % quantiles of Student's distribution by degrees of freedom: 95 % of differences by chance lie within so many
# standard errors.  Between two lines the upper one counts, which is the stricter.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 12: 2.179,
           15: 2.131, 20: 2.086, 30: 2.042, 60: 2.000, 120: 1.980, math.inf: 1.960}


class Measured(NamedTuple):
    """A value, its standard error (None where nobody knows it) and the error's degrees of freedom."""

    value: float | None
    error: float | None = None
    freedom: float = math.inf


def over_seeds(values):
    """The :class:`Measured` mean of two values or more."""
    return Measured(statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values)), len(values) - 1)


def of_one(scores, key):
    """One run's score ``key`` with the error that its samples give it; ``scores`` is the dict of a kept score.

    It is the noise of another draw of samples from the same weights; of another seed it says nothing.
    """
    value, metric = scores[key], next((metric for metric in SCORES if metric.key == key), None)
    if metric and (counts := [scores[count] for count in metric.share_of if scores.get(count)]):
        return Measured(value, Rate(round(value * min(counts)), min(counts)).error)
    error = metric.error(scores) if metric and metric.error else None
    return Measured(value, *error) if error else Measured(value)


def within(one, other, apart=None):
    """Whether the noise of two :class:`Measured` hides their difference, or ``apart``, one that follows from it.

    Welch's test (1947) at 95 %: of errors over few seeds, few seeds are sure.
    """
    apart = abs(one.value - other.value) if apart is None else apart
    errors = [measured for measured in (one, other) if measured.error is not None]
    noise = math.hypot(*(measured.error for measured in errors)) * student(freedom(*errors)) if errors else 0.0
    if len(errors) < 2:
        noise = max(noise, UNKNOWN * max(abs(one.value), abs(other.value)))
    return apart <= noise


def freedom(*summands):
    """Degrees of freedom of a sum's error (Welch-Satterthwaite)."""
    total = sum(summand.error**2 for summand in summands)
    parts = sum(summand.error**4 / summand.freedom for summand in summands)
    return total**2 / parts if parts else math.inf


def student(degrees):
    """How many standard errors 95 % of differences by chance lie within."""
    return STUDENT[max(listed for listed in STUDENT if listed <= max(degrees + 1e-9, 1))]
