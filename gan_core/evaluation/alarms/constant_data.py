"""The data are all alike: there is nothing to learn."""

from gan_core.evaluation.alarms.base import Rule
from gan_core.modalities.base import SIZED, abilities_of


def check(rule, curves, run):
    deviation = curves.all("data_deviation")
    if not len(deviation) or deviation[-1] > (rule.threshold if SIZED in abilities_of(run.data_kind) else 0.0):
        return None
    return (f"Real samples differ by {deviation[-1]:.4f} from their mean, of a range from -1 to 1 (under "
            f"{rule.threshold:g}): they are all but one and the same.",
            "Look at the data on the Train page: they may have been scaled twice, or be empty.", {})


RULE = Rule(gravity=5, title="The data are all alike", threshold=0.01, window=0, check=check,
            source="a choice of ours: about one of 255 grey levels")
