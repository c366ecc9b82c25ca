"""Gradients explode: a player's gradient has grown by orders of magnitude."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob, slower


def check(rule, curves, run):
    for key, name in (("d_gradient_norm", "discriminator"), ("g_gradient_norm", "generator")):
        began = curves.stood_still(key)
        now, then = curves.recent(key, rule.window), curves.early(key, began + 10, began + 10 + rule.window)
        if not len(now) or not len(then) or not np.isfinite(now).all():
            continue
        usual = max(float(np.median(then)), 1e-12)
        ratio = float(np.median(now)) / usual
        if ratio > rule.threshold:
            clip_at = float(f"{10 * usual:.2g}")
            clipped = knob(run, "clip") == "norm" and knob(run, "clip_at") <= clip_at
            alone = not len(curves.all("d_gradient_norm"))  # no game, and so no generator
            whose, rate = ("", "learning_rate") if alone else (f" of the {name}", f"{name}_rate")
            return (f"The gradient{whose} is {ratio:,.0f} times as long as at the start (over {rule.threshold:g} "
                    f"times, for {rule.window} steps).",
                    "Clip the gradient's norm, or lower the learning rate.",
                    slower(run, rate) if clipped else {"clip": "norm", "clip_at": clip_at})
    return None


RULE = Rule(gravity=10, title="Gradients explode", threshold=100.0, window=100, check=check,
            source="a choice of ours: a critic without bounds passes it in 800 steps")
