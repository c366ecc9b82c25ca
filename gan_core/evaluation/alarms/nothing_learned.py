"""Nothing is learned: samples are about as far from real ones as those of an untrained generator."""

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, knob, slower
from gan_core.modalities.base import LOWER, headline_of

RATES = ("generator_rate", "discriminator_rate", "learning_rate")
LOW, USUAL = 2e-5, 2e-4  # rates that stand nearly still, and what to try instead
TURNS = 3  # times the steps over which weights are averaged: before, samples come from what the run began with


def check(rule, curves, run):
    headline = headline_of(run.kind)
    step, value = curves.points(headline.key)
    if headline.better != LOWER or len(value) <= rule.window or step[0] > 0:
        return None
    if step[-1] * (1 - (knob(run, "ema_decay") or 0.0)) < TURNS or growth(value, rule.window) < 1 / GROWING:
        return None
    start, best = float(value[0]), float(value[1:].min())
    # Bits never come to 0: of what cannot be halved, less has to be gained.
    threshold = rule.threshold if headline.from_zero else rule.second
    if best < threshold * start:
        return None
    return (f"The best {headline.title} so far is {best:.4f}, and was {start:.4f} before the first step (over "
            f"{threshold:.0%} of it is left after {len(value) - 1} probes): samples are hardly better than noise.",
            "Check the data and the learning rates; penalties and clipping that are too strong hold everything still.",
            {name: USUAL for name in RATES if (knob(run, name) or USUAL) < LOW} or slower(run, *RATES))


RULE = Rule(gravity=35, title="Nothing is learned", threshold=0.5, window=5, second=0.9, check=check,
            source="docs/alarms.md")
