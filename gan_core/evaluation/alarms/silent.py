"""Nothing is heard: samples are silent, or stand still."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, slower


def check(rule, curves, run):
    heard, real = curves.all("loudness"), curves.all("loudness_real")
    if len(heard) < 2 * rule.window or not len(real) or real[-1] <= 0:
        return None
    share = heard[-rule.window:] / real[-1]
    if not (share < rule.threshold).all():
        return None
    return (f"Samples are {float(np.median(share)):.3f} times as loud as real ones (under {rule.threshold:g} in "
            f"{rule.window} probes in a row).",
            "Listen to the data: clips that are mostly silence teach silence. Else lower the learning rate.",
            slower(run, "learning_rate", "generator_rate", "discriminator_rate"))


RULE = Rule(gravity=44, title="Nothing is heard", threshold=0.05, window=3, check=check,
            source="a choice of ours: 26 dB below real sound")
