"""Dead codes: of a codebook fewer and fewer codes are in use."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob


def check(rule, curves, run):
    use, count = curves.medians("code_perplexity", 2 * rule.window, rule.window // 4), knob(run, "codes")
    if len(use) < 8 or not count:
        return None
    now, most = float(np.median(use[-4:])), float(max(use.max(), np.quantile(curves.all("code_perplexity"), 0.9)))
    # Simple images need few: what was never more is no loss.
    if now >= rule.threshold * count or now >= rule.second * most:
        return None
    change = {"restart": True} if knob(run, "restart") is False else {"codes": max(8, int(count) // 4)}
    return (f"Of {count:,} codes only about {now:.1f} are in use (under {rule.threshold:.0%}, and down from {most:.1f}): "
            "images come back ever more alike.",
            "Restart dead codes." if "restart" in change else "Take fewer codes, or lower the learning rate.", change)


RULE = Rule(gravity=47, title="Codes are dying", threshold=0.1, second=0.5, window=200, check=check,
            source="Dhariwal 2020, Jukebox, section 3.2; the thresholds are a choice of ours")
