"""The discriminator learns images by heart."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob, slower
from gan_core.modalities.base import SIZED, abilities_of, word_for


def check(rule, curves, run):
    sure, gap = curves.all("sure_of_real")[-rule.window:], curves.all("held_out_gap")[-rule.window:]
    known = min(len(gap), len(sure)) >= rule.window
    if not known:
        return None
    sure, gap = float(np.median(sure)), float(np.median(gap))  # from one step to the next both swing
    if sure <= rule.threshold or gap <= rule.second:
        return None
    learned, pictures = word_for([run.data_kind]), SIZED in abilities_of(run.data_kind)
    advice = "Augment what it sees (ADA or DiffAugment)" if pictures else "Lower its learning rate"
    return (f"The discriminator is sure of real {learned} it has seen (r_t {sure:.2f}, over {rule.threshold:g}) and much "
            f"less of held-out ones (a gap of {gap:.0%}, over {rule.second:.0%}): it learns the {learned} by heart.",
            f"{advice}, or use more {learned}.",
            {"augment": ("ada", "diffaugment")} if pictures and knob(run, "augment") == "none" else
            slower(run, "discriminator_rate"))


RULE = Rule(gravity=60, title="The discriminator learns by heart", threshold=0.6, window=5, second=0.25, check=check,
            source="Karras 2020b, section 3: r_t and r_v")
