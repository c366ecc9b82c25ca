"""The discriminator learns images by heart."""

import numpy as np

from gan_core.evaluation.alarms.base import Rule, knob, slower
from gan_core.modalities.base import SIZED, abilities_of, word_for

CRITICS_GAP = 0.5  # held-out ones are to a critic as much like generated ones as like those that it has seen


def check(rule, curves, run):
    sure, gap = curves.all("sure_of_real")[-rule.window:], curves.all("held_out_gap")[-rule.window:]
    if len(gap) < rule.window or 0 < len(sure) < rule.window:
        return None
    learned, gap = word_for([run.data_kind]), float(np.median(gap))  # from one step to the next both swing
    if not len(sure):  # a critic's verdict has no zero: how far apart it holds real ones is all there is
        if gap <= CRITICS_GAP:
            return None
        return (f"The critic holds held-out {learned} for less real than those it has seen, by {gap:.0%} (over "
                f"{CRITICS_GAP:.0%}) of the way to generated ones: it learns the {learned} by heart.",
                *_remedy(run, learned))
    sure = float(np.median(sure))
    if sure <= rule.threshold or gap <= rule.second:
        return None
    return (f"The discriminator is sure of real {learned} it has seen (r_t {sure:.2f}, over {rule.threshold:g}) and much "
            f"less of held-out ones (a gap of {gap:.0%}, over {rule.second:.0%}): it learns the {learned} by heart.",
            *_remedy(run, learned))


def _remedy(run, learned):
    """What to try, in words, and the knobs of a run that tries it."""
    augments = SIZED in abilities_of(run.data_kind)
    advice = "Augment what it sees (ADA or DiffAugment)" if augments else "Lower its learning rate"
    return (f"{advice}, or use more {learned}.", {"augment": ("ada", "diffaugment")}
            if augments and knob(run, "augment") == "none" else slower(run, "discriminator_rate"))


RULE = Rule(gravity=60, title="The discriminator learns by heart", threshold=0.6, window=5, second=0.25, check=check,
            source="Karras 2020b, section 3: r_t and r_v")
