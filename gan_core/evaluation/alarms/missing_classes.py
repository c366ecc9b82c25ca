"""Classes are missing: samples fall on few of them."""

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, more_variety

TREND = 3  # probes that are compared with as many before
STEADY = 1.15  # times the least lack of the window: where it goes up and down, classes come and go


def check(rule, curves, run):
    values = curves.all("class_entropy")
    late = values[-rule.window:]
    if len(values) < 2 * rule.window or not (late < rule.threshold).all():
        return None
    if (1 - late).max() > STEADY * (1 - late).min():
        return None
    # A generator that comes nearer to the data, or to all of its classes, is on its way.
    if any(growth(lack, TREND) < 1 / GROWING for lack in (1 - values, curves.all("kernel"))):
        return None
    return (f"Samples fall on the classes less evenly than real ones: {float(late[-1]):.0%} of their entropy (under "
            f"{rule.threshold:.0%} in {rule.window} probes in a row), so some classes are seldom drawn.",
            *more_variety(run))


RULE = Rule(gravity=50, title="Classes are missing", threshold=0.9, window=5, check=check,
            source="a choice of ours: one of ten classes left out takes 5 % of the entropy, two take 10 %")
