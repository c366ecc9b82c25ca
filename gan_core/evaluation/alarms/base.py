"""What an alarm is made of: the rule, what it asks of a run's curves, and the remedies that several have."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

GROWING = 1.1  # times in a window of probes: a variety that rises, or a lack that shrinks, like this is no collapse

SEEN = 0.01  # of the first distance to real samples: below, a run that is well goes up and down by a factor of three


@dataclass(frozen=True)
class Rule:
    """One way to go wrong; the rule of a module stands under the name ``RULE``.

    ``check(rule, curves, run)`` gives ``(why, advice, change)`` when the rule is broken, else None: ``why`` holds the figure
    and its threshold, ``advice`` says what to try, ``change`` are the knobs of a new run that tries it, and of a tuple of
    choices the first that the knob has.  A fourth is the step to go back to, where there is one.  It is silent where its
    figures mean nothing: a critic has no accuracy, and a run without the figures of a probe
    (:mod:`gan_core.training.live_scores`) is not judged by them.

    ``window`` is in steps of training, or in probes where the rule looks at those; ``second`` is the threshold of a second
    figure, where there is one; ``source`` says where the thresholds come from.  Of several alarms that of the lowest
    ``gravity`` comes first.
    """

    gravity: int
    title: str
    threshold: float
    window: int
    source: str
    check: Callable
    second: float = 0.0


class Curves:
    """What rules ask of a run's curves (a :class:`gan_core.store.curves.Series`)."""

    def __init__(self, series):
        self._series, self._read = series, {}

    def points(self, key):
        """Steps and values, each (N,)."""
        if key not in self._read:  # several rules ask for the same
            self._read[key] = self._series.curve(key)[:2]
        return self._read[key]

    def recent(self, key, steps):
        """Values of the last ``steps`` steps; empty while the run is younger than that."""
        step, value = self.points(key)
        if not len(step) or step[-1] - step[0] + 1 < steps:
            return np.zeros(0)
        return value[step > step[-1] - steps]

    def early(self, key, first, last):
        """Values between two steps."""
        step, value = self.points(key)
        return value[(step >= first) & (step <= last)]

    def medians(self, key, steps, span):
        """Of the last ``steps`` steps the medians over every ``span``, which a few odd batches do not move; empty while the
        run is younger than that."""
        value, step = self.recent(key, steps), self.points(key)[0]
        part = (step[-1] - step[-len(value):]) // span if len(value) else value
        return np.array([np.median(value[part == number]) for number in np.unique(part)])

    def stood_still(self, key):
        """Up to which step a player had no gradient, by the key of its length: until its stage came.  0 of one that moved
        from the start, the newest step of one that has not moved yet."""
        step, length = self.points(key)
        moved = np.flatnonzero(length)
        if not len(step) or len(moved) and not moved[0]:
            return 0
        return int(step[moved[0] - 1] if len(moved) else step[-1])

    def first(self, key, steps):
        """Values of the first ``steps`` steps, the very first value at least: one may stand for many steps."""
        step, value = self.points(key)
        return value[:max(1, np.count_nonzero(step <= steps))]

    def all(self, key):
        return self.points(key)[1]

    def later(self, key):
        """Values of the second half of the steps so far: sheets come early at ever longer pauses, and then regularly."""
        step, value = self.points(key)
        return value[step > step[-1] / 2] if len(step) else value


def growth(values, window):
    """How many times as large the newest values are as those a window before, in the median of each; 1 when there are too
    few."""
    if len(values) < 2 * window:
        return 1.0
    before, now = (float(np.median(part)) for part in (values[-2 * window:-window], values[-window:]))
    return now / max(before, 1e-12) if now > 0 else 1.0


def trend(values):
    """How surely values rise (above 0) or fall, in deviations of values without order: the test of Mann (1945).  0 for
    fewer than three."""
    n = len(values)
    if n < 3:
        return 0.0
    first, second = np.triu_indices(n, 1)
    pairs = np.sign(np.asarray(values)[second] - np.asarray(values)[first]).sum()
    return float((pairs - np.sign(pairs)) / np.sqrt(n * (n - 1) * (2 * n + 5) / 18))


# Remedies


def knob(run, name):
    """The value of a knob of the run; None where its architecture has no such knob."""
    return run.knobs.get(name)


def slower(run, *rates):
    """A quarter of these learning rates, as far as the architecture has them."""
    return {name: knob(run, name) / 4 for name in rates if knob(run, name)}


def more_variety(run):
    """What to try against collapse: ``(advice, change)``."""
    if knob(run, "learning_rate") is not None and knob(run, "discriminator_rate") is None:  # nobody plays against it
        return ("Train longer or with a lower rate; and look whether the data vary as much as they should.",
                slower(run, "learning_rate"))
    return ("Show the discriminator several samples at once (packing), or try R1, WGAN-GP or R3GAN.",
            {"packing": 2} if knob(run, "packing") == 1 else {"minibatch_std": True})
