"""A text repeats itself: the same stretch comes again and again, or one character does."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, slower


def check(rule, curves, run):
    again, real = curves.all("repetition")[-rule.window:], curves.all("repetition_real")[-rule.window:]
    if min(len(again), len(real)) < rule.window or len(curves.all("repetition")) <= rule.window:
        return None
    share, usual = float(np.min(again)), float(real[-1])
    if share < rule.threshold or share < usual + rule.second:
        return None
    return (f"Of what generated texts say, {share:.0%} stood in the same text before, and of real ones {usual:.0%} (over "
            f"{rule.threshold:.0%}, and {rule.second:.0%} more than in real ones, in {rule.window} probes in a row).",
            "Draw with a higher temperature; if that does not help, train longer or with a lower rate.",
            slower(run, "learning_rate"))


RULE = Rule(gravity=41, title="The text repeats itself", threshold=0.4, window=3, second=0.25, check=check,
            source="a choice of ours; not measured on runs yet")
