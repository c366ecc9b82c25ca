"""Samples are not of the class that was asked for."""

from gan_core.evaluation.alarms.base import GROWING, Rule, growth
from gan_core.modalities.base import headline_of


def check(rule, curves, run):
    match, real, chance = (curves.all(key) for key in ("label_match", "label_match_real", "label_chance"))
    # How to draw is learned before what, and that slowly: what comes nearer to the data, or to its classes, is on its way.
    kernel = curves.all(headline_of(run.kind).key)
    if len(match) < 2 * rule.window or growth(match, rule.window) > GROWING or growth(kernel, rule.window) < 1 / GROWING:
        return None
    late, least = match[-rule.window:], chance[-1] + rule.threshold * (real[-1] - chance[-1])
    if real[-1] < rule.second * chance[-1] or not (late < least).all():
        return None
    return (f"Of the samples {late[-1]:.0%} are most like real ones of the class that was asked for, of real ones "
            f"{real[-1]:.0%} (under {least:.0%} in {rule.window} probes in a row, {chance[-1]:.0%} by chance).",
            "Tell the discriminator the class by projection, or let it name the class (AC-GAN).",
            {"conditioning": "projection"})


RULE = Rule(gravity=55, title="Classes are ignored", threshold=0.3, window=8, second=2.0, check=check,
            source="docs/alarms.md")
