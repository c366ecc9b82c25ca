"""No progress any more: the headline score stands still."""

import numpy as np

from gan_core.evaluation.alarms.base import GROWING, SEEN, Rule, growth, knob, trend
from gan_core.modalities.base import LOWER, headline_of

WORSE, UNTAUGHT = 2.0, 0.5  # times the best, and of what an untrained generator had: other alarms tell of these
NEAR = 2 * SEEN  # of the first distance: so near, a run that is well stands still for half its time, and gets better again
ON_ITS_WAY = 1.64  # deviations: one in twenty sequences without order rises or falls so surely


def check(rule, curves, run):
    headline = headline_of(run.kind)
    step, values = curves.points(headline.key)
    if len(values) < rule.window:
        return None
    lower, kept = headline.better == LOWER, values
    if not lower and 0 <= values.min() and values.max() <= 1:  # of a share what is left to 1: 99 % can be made no 104 %
        values, lower = 1 - values, True
    late = values[-(len(values) // 2):]
    before, after = (float((np.min if lower else np.max)(part)) for part in (values[:-len(late)], late))
    if (after > WORSE * before if lower else after < before / WORSE) \
            or (lower and step[0] == 0 and before > UNTAUGHT * values[0]) or (lower and after < NEAR * values[0]):
        return None
    if _on_its_way(late if lower else -late, rule.threshold):
        return None  # it fell back, as with another stage, and gets better again
    if any(growth(curves.all(key), len(values) // 3) > GROWING for key in ("label_match", "class_entropy")):
        return None  # what it draws gets better otherwise
    noise = curves.all(f"{headline.key}_floor_std")  # of real samples against real ones, whose distance is 0 in the mean
    if (after < rule.threshold * before if lower else after > before / rule.threshold) \
            or (lower and len(noise) and after < rule.second * noise[-1]):
        return None
    if kept is values:
        said = f"({after:.4f}) is not 5 % better than the best before ({before:.4f})."
    else:
        said = f"({1 - after:.4f}) leaves more than 95 % of the mistakes of the best before ({1 - before:.4f})."
    return (f"The best {headline.title} of the second half of the run {said}",
            "It may have learned what it can: stop here, or lower the rates with a schedule.",
            {"schedule": "cosine", "schedule_steps": int(run.steps)} if knob(run, "schedule") == "constant" else {})


def _on_its_way(values, threshold):
    """Whether values surely fall, and far enough to be worth the wait."""
    third = len(values) // 3
    before, after = np.median(values[:third]), np.median(values[-third:])
    return trend(values) < -ON_ITS_WAY and before - after > (1 - threshold) * abs(before)


RULE = Rule(gravity=70, title="No progress any more", threshold=0.95, window=12, second=3.0, check=check,
            source="a choice of ours; three deviations of noise are no distance")
