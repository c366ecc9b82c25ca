"""Samples are training images again: few have been learned by heart."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob


def check(rule, curves, run):
    copied, spread = curves.later("copied")[-rule.window:], curves.later("sheet_spread")[-rule.window:]
    if len(copied) < rule.window or len(spread) < rule.window or copied[-1] <= 0:
        return None
    share = float(np.median(copied))
    if share <= rule.threshold or float(np.median(spread)) < rule.second:  # one thing only: another alarm's matter
        return None
    change = ({"augment": ("diffaugment",)} if knob(run, "augment") == "none" else
              {"convolutions": 1} if knob(run, "convolutions") == 2 else {"stop_patience": 10})
    return (f"Of the samples {share:.0%} are training images again, half as far from one as that is from its own nearest "
            f"(over {rule.threshold:.0%} in {rule.window} sheets in a row).",
            "Draw from an earlier checkpoint, or train for fewer steps; more images help most, then augmentation, mirrored "
            "images and a smaller generator.", change)


RULE = Rule(gravity=58, title="Images are learned by heart", threshold=0.5, window=3, second=0.4, check=check,
            source="not measured on runs yet; tests/training/test_copies.py has what it rests on")
