"""A billboard: what can be turned looks the same from every side."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule

SHEETS = 3


def check(rule, curves, run):
    """By sheets, which show a few samples from several sides."""
    if not len(curves.recent("turn_change", rule.window)):
        return None
    change = curves.later("turn_change")[-SHEETS:]
    if len(change) < SHEETS or not (change < rule.threshold).all():
        return None
    return (f"From one side to the other a sample changes by {float(np.median(change)):.2f} of what real ones differ (under "
            f"{rule.threshold:g} on {SHEETS} sheets in a row): it is no thing in space.",
            "Look whether the range of turns and elevations is that of the data; take colours that do not depend on the "
            "direction (0 octaves of directions), and patches that span the picture for longer.",
            {"direction_octaves": 0, "coarse_steps": 2 * run.knobs.get("coarse_steps", 1000)})


RULE = Rule(gravity=46, title="It does not turn", threshold=0.15, window=1000, check=check,
            source="a choice of ours: of rendered chairs and cars it is 0.7, of what looks alike from all sides 0")
