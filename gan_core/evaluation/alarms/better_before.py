"""It was better before: samples have moved away from real ones again."""

import numpy as np

from gan_core.evaluation.alarms.base import SEEN, Rule, slower
from gan_core.modalities.base import LOWER, headline_of


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
    worse = (late > max(rule.threshold * was, was + noise, SEEN * value[0])) if sign > 0 else (late < was / rule.threshold)
    if not worse.all():
        return None
    back = int(step[best + 1])
    return (f"The {headline.title} is {now:.4f}, and was {was:.4f} at step {back:,} (over {rule.threshold:g} times as "
            f"{'much' if sign > 0 else 'good'}, in {rule.window} probes in a row, and more than noise).",
            f"Draw from the checkpoint that is kept nearest to step {back:,}; a new run with lower rates gets further.",
            slower(run, "generator_rate", "discriminator_rate", "learning_rate"), back)


RULE = Rule(gravity=45, title="It was better before", threshold=1.5, window=3, second=10.0, check=check,
            source="docs/alarms.md")
