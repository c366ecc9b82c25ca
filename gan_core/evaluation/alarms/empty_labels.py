"""Labels say nothing of the samples they stand beside."""

from gan_core.evaluation.alarms.base import Rule


def check(rule, curves, run):
    match, chance = curves.all("label_match_real"), curves.all("label_chance")
    if not len(match) or match[-1] >= rule.threshold * chance[-1]:
        return None
    if chance[-1] > rule.second:
        return (f"Nearly all samples have one label ({chance[-1]:.1%} of any two have the same, over {rule.second:.0%}): "
                "what the architecture is told is the same for all.",
                "Give data of several classes, or choose an architecture that needs no labels.", {})
    return (f"Of real samples {match[-1]:.0%} have the label of the one most like them, and {chance[-1]:.0%} would by "
            f"chance (under {rule.threshold:g} times as many): labels seem not to belong to their samples.",
            "Check the order of the labels, or choose an architecture that needs none.", {})


RULE = Rule(gravity=6, title="Labels say nothing", threshold=1.5, window=0, second=0.98, check=check,
            source="a choice of ours: random features tell classes of small photographs twice as well as chance")
