"""Checkpoints of a model that judges, scored by the true classes of what was kept from it (needs Keras)."""

import time

import numpy as np

from gan_core.errors import BadInput, Stopped
from gan_core.evaluation import scoring
from gan_core.launch import same_data
from gan_core.store import scores
from gan_core.tasks import models

AT_ONCE = 500  # samples, between two looks at whether to stop


class AnswerScorer:
    """As :class:`gan_core.tasks.evaluation.Scorer`, of samples that are right or wrong."""

    id = scoring.ANSWERS

    def __init__(self, store, run, extractor=None, should_stop=None):
        if extractor is not None:
            raise BadInput("What this run says of real samples is scored by their true classes, and by no features; leave "
                           "--extractor out.")
        self.store, self.run, self.should_stop = store, run, should_stop
        self.dataset = same_data.load(store, run)

    def prepare(self, progress=None):
        """Nothing has to be made."""

    def count(self, n):
        """How many samples there are to be scored by, ``n`` at most."""
        return min(n, len(self._held_out()[0]))

    def score(self, step, n=None, *, live=False, progress=None, **_):
        """Score the checkpoint of ``step`` and keep the result; see :func:`gan_core.tasks.evaluation.evaluate`."""
        from gan_core.tasks.evaluation import LIVE_N, N, SEED

        began, (samples, labels, unseen) = time.monotonic(), self._held_out()
        rows = np.random.RandomState(SEED).permutation(len(samples))[:n or (LIVE_N if live else N)]
        model, _ = models.load(self.store, self.run, step)
        said = []
        for first in range(0, len(rows), AT_ONCE):
            if self.should_stop is not None and self.should_stop():
                raise Stopped
            said.append(model.answered(samples[rows[first:first + AT_ONCE]]))
            if progress is not None:
                progress(min(first + AT_ONCE, len(rows)) / len(rows), "naming held-out samples")
        result = scoring.score_answers(np.concatenate(said), labels[rows], self.dataset.classes, unseen=unseen, live=live)
        result = {"run": self.run.id, "step": step, "data": self.dataset.identity.hash, "scored": time.time(),
                  "seconds": round(time.monotonic() - began, 2)} | result
        scores.keep(self.store.artifacts(self.run.id), result)
        return result

    def _held_out(self):
        """Samples that were kept from training, their labels, and True; training samples and False where none were."""
        if self.dataset.x_test is not None and self.dataset.y_test is not None:
            return self.dataset.x_test, self.dataset.y_test, True
        return self.dataset.x, self.dataset.y, False
