"""A quick look at a model that judges, while it trains: how often it is right, and how sure it is."""

import numpy as np

from gan_core.evaluation.metrics import answers
from gan_core.evaluation.metrics.base import Answered

N = 1000  # samples of each side, at most


class AnswersProbe:
    """Looks at a model now and then: at held-out samples, and at as many that it learns from, as they are.

    Args:
        dataset: labelled :class:`gan_core.data.Dataset`.
    """

    def __init__(self, dataset):
        rng = np.random.default_rng(0)  # the same samples for every run
        seen = np.sort(rng.permutation(len(dataset))[:N])
        self.sides = {"_learned": (dataset.x[seen], dataset.y[seen])}
        if dataset.x_test is not None and dataset.y_test is not None:
            held = np.sort(rng.permutation(len(dataset.x_test))[:N])
            self.sides[""] = dataset.x_test[held], dataset.y_test[held]

    def __call__(self, model):
        """Figures for the chart: ``accuracy`` and ``log_loss`` of held-out samples, if there are any, and of training ones,
        ``<key>_learned``; ``ece``; ``named_entropy``, how evenly they are given to the classes, as a share of what they are;
        none when an answer is not finite."""
        figures = {}
        for suffix, (samples, labels) in self.sides.items():
            answered = Answered(np.asarray(model.answered(samples)), labels)
            if not np.isfinite(answered.probabilities).all():
                return {}
            scores = answers.measure(answered)
            figures |= {f"{key}{suffix}": scores[key] for key in ("accuracy", "log_loss")}
            if not suffix or "" not in self.sides:
                figures["ece"] = scores["ece"]
            if suffix and (usual := _entropy(labels)) > 0:
                figures["named_entropy"] = _entropy(answered.probabilities.argmax(axis=1)) / usual
        return figures


def _entropy(labels):
    """Of the distribution of labels (N,), nats."""
    share = np.bincount(labels) / len(labels)
    share = share[share > 0]
    return float((share * -np.log(share)).sum())
