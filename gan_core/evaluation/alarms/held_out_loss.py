"""A classifier learns its images by heart: of those it has not seen it becomes less sure, or wrong."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob

MORE = 0.2  # dropout that is added


def check(rule, curves, run):
    step, held = curves.points("log_loss")
    learned = curves.all("log_loss_learned")
    if len(held) < 2 * rule.window or len(learned) != len(held):
        return None
    # What as many probes in a row have said: one alone may have been lucky.
    usual = np.median(np.lib.stride_tricks.sliding_window_view(held, rule.window), axis=1)
    best = int(usual.argmin())
    was, now = float(usual[best]), float(usual[-1])
    before, after = float(np.median(learned[best:best + rule.window])), float(np.median(learned[-rule.window:]))
    if now < rule.threshold * was or now - was < rule.second or after >= before:
        return None
    back = int(step[best + rule.window // 2])
    return (f"The loss on held-out samples is {now:.3f}, {now / was:.2f} times what it was at step {back:,} (over "
            f"{rule.threshold:g} times), while that on samples it learns from went from {before:.3f} to {after:.3f}.",
            f"Use the checkpoint that is kept nearest to step {back:,}; more samples help most, then dropout and shifts.",
            {"dropout": (knob(run, "dropout") or 0.0) + MORE, "shift": (knob(run, "shift") or 0) + 1}, back)


RULE = Rule(gravity=59, title="Samples are learned by heart", threshold=1.15, window=3, second=0.03, check=check,
            source="a choice of ours: of 30 digits it rose by a quarter, of 1,500 not at all")
