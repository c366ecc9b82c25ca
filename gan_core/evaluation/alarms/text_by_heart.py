"""A text is learned by heart: what was learned is said far better than what was held out, which is said ever worse."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob

WORSE = 1.03  # times the fewest bits that held-out text has taken


def check(rule, curves, run):
    step, new = curves.points("bits_per_character")
    seen = curves.all("bits_seen")
    if min(len(new), len(seen)) <= rule.window:
        return None
    late, learned = float(np.median(new[-rule.window:])), float(np.median(seen[-rule.window:]))
    best = int(np.argmin(new))
    if learned > (1.0 - rule.threshold) * late or late < WORSE * new[best]:
        return None
    change = ({"dropout": 0.3} if knob(run, "dropout") == 0 else {"units": int(knob(run, "units") / 2)} if knob(run, "units")
              else {})
    return (f"A character of held-out text takes {late:.2f} bits, one of what was learned {learned:.2f} (over "
            f"{rule.threshold:.0%} fewer), and it took {new[best]:.2f} at step {int(step[best]):,}: the text is learned by "
            "heart.",
            "Draw from an earlier checkpoint; more text helps most, then dropout, fewer units and fewer steps.",
            {"stop_patience": 10} | change, int(step[best]))


RULE = Rule(gravity=57, title="The text is learned by heart", threshold=0.2, window=3, check=check,
            source="a choice of ours; not measured on runs yet")
