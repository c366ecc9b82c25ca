"""Noise: samples hiss or burst into noise where real sound does not."""

import numpy as np

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, slower


def check(rule, curves, run):
    noise, real = curves.all("noise"), curves.all("noise_real")
    if len(noise) < 2 * rule.window or not len(real):
        return None
    # A young model makes nothing but noise; while that becomes less, it learns.
    late = noise[-rule.window:]
    if not (late > real[-1] + rule.threshold).all() or growth(noise, rule.window) < 1 / GROWING:
        return None
    return (f"In {float(np.median(late)):.0%} of their moments samples are noise, and real ones in {float(real[-1]):.0%} "
            f"(over {rule.threshold:.0%} more on {rule.window} probes in a row).",
            "Train longer, or give the network more channels; one that drew well before wants a lower learning rate.",
            slower(run, "learning_rate", "generator_rate", "discriminator_rate"))


RULE = Rule(gravity=43, title="Samples are noise", threshold=0.3, window=3, check=check, source="a choice of ours")
