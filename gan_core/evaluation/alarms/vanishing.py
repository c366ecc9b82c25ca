"""The generator's gradient vanishes: it hardly moves any more."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob, slower

FIRST = 20  # steps that a run's first gradients are measured on


def check(rule, curves, run):
    # The first steps alone: a discriminator that wins at once leaves no gradient after fifty.
    now, then = curves.recent("g_gradient_norm", rule.window), curves.first("g_gradient_norm", FIRST)
    if not len(now) or len(curves.all("g_gradient_norm")) < 2 * len(now) or not len(curves.all("d_gradient_norm")):
        return None  # too young, or nobody plays against it: who has learned all there is moves no more
    usual, left = float(np.median(then)), float(np.median(now))
    if usual <= 0 or left >= rule.threshold * usual:
        return None
    minimax, smoothing = knob(run, "loss") == "minimax", knob(run, "label_smoothing")
    return (f"The generator's gradient has shrunk to {left / usual:.2%} of what it was at the start (under "
            f"{rule.threshold:.0%}, for {rule.window} steps): it hardly moves any more.",
            "Use the non-saturating loss." if minimax else "Weaken the discriminator: a lower rate, or label smoothing.",
            {"loss": "non-saturating"} if minimax else
            {"label_smoothing": 0.1} if smoothing is not None and smoothing < 0.1 else slower(run, "discriminator_rate"))


RULE = Rule(gravity=30, title="The generator's gradient vanishes", threshold=0.01, window=200, check=check,
            source="Arjovsky and Bottou 2017, theorem 2.4")
