"""It was better before: samples have moved away from real ones again."""

import numpy as np

from gan_core.evaluation.alarms.base import SEEN, Rule, slower
from gan_core.modalities.base import LOWER, headline_of

BACK = 1.5  # times the best: what has once been over the threshold is still told of above this


def check(rule, curves, run):
    headline = headline_of(run.kind)
    step, value = curves.points(headline.key)
    if len(value) < rule.window + 3:
        return None
    sign = 1 if headline.better == LOWER else -1
    # What two probes in a row have said: one alone may have been lucky.
    pairs = np.maximum(sign * value[:-1], sign * value[1:])[:-rule.window]
    best, late = int(np.argmin(pairs)), value[-rule.window:]
    noise = curves.all(f"{headline.key}_floor_std")
    noise = rule.second * float(noise[-1]) if len(noise) else 0.0
    was, now = float(sign * pairs[best]), float(np.median(late))
    # The best of as many probes in a row, from the best moment on.
    since = sign * np.lib.stride_tricks.sliding_window_view(sign * value[best + 2:], rule.window).min(axis=1)
    if sign > 0:
        worse = max(since) > rule.threshold * was and since[-1] > max(BACK * was, was + noise, SEEN * value[0])
    else:
        worse = min(since) < was / rule.threshold and since[-1] < was / BACK
    if not worse:
        return None
    back = int(step[best + 1])
    return (f"The {headline.title} is {now:.4f}, and was {was:.4f} at step {back:,}; it went over "
            f"{rule.threshold:g} times of that in {rule.window} probes in a row, and is over {BACK:g} times still.",
            f"Draw from the checkpoint that is kept nearest to step {back:,}; a new run with lower rates gets further.",
            slower(run, "generator_rate", "discriminator_rate", "learning_rate"), back)


RULE = Rule(gravity=45, title="It was better before", threshold=2.0, window=3, second=10.0, check=check,
            source="docs/alarms.md")
