"""Label accuracy: does a classifier of the real data take samples for what they were to be?"""

from gan_core.evaluation.metrics.base import HIGHER, Family, Judged, Score


def measure(judged):
    return {"label_accuracy": float((judged.probabilities.argmax(axis=1) == judged.labels).mean()),
            "label_accuracy_floor": judged.accuracy}


FAMILY = Family(
    "label accuracy", of=Judged, turn=10, measure=measure,
    applies=lambda judged: judged.labels is not None and judged.accuracy is not None,
    scores=(Score("label_accuracy", "Label accuracy", HIGHER, "Share of samples taken for the class they were to be.",
                  place=90, share_of=("n_fake",)),))
