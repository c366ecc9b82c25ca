"""One class for all: a classifier gives nearly every sample to the same few classes."""

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, slower


def check(rule, curves, run):
    values = curves.all("named_entropy")[1:]  # before the first step it knows nothing
    late = values[-rule.window:]
    if len(late) < rule.window or not (late < rule.threshold).all() or growth(values, rule.window // 2) > GROWING:
        return None
    return (f"Samples are given to the classes with {max(float(late[-1]), 0.0):.0%} of the evenness that they have (under "
            f"{rule.threshold:.0%} in {rule.window} probes in a row): nearly all are given to the same few.",
            "Take a lower learning rate, or switch batch normalisation on; look whether the labels are right.",
            slower(run, "learning_rate"))


RULE = Rule(gravity=36, title="One class for all", threshold=0.5, window=4, check=check,
            source="a choice of ours: of ten classes that are equally many three would have 48 %")
