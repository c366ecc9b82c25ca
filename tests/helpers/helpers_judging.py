"""What the tests of judging share: runs whose images nobody drew, and judges who are known to err."""

import numpy as np

from gan_core.evaluation import human
from gan_core.store import judgements
from gan_core.store.judgements import Pool
from gan_core.evaluation.human import GENERATED, REAL
from gan_core.store import artifacts
from helpers_stores import whole


def images(n, seed=0, side=32):
    """``n`` different images of noise, uint8 (n, side, side, 1)."""
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 1), dtype=np.uint8)


def add_checkpoint(store, run, step=1000):
    """A checkpoint that cannot be loaded, but is there."""
    name = artifacts.checkpoint_name(step)
    store.artifacts(run.id).put(name, whole())
    return name


def add_pool(store, run, step=1000, n=30):
    """Images of a run: generated ones dark, real ones bright, so that a test can tell them apart."""
    held, name = store.artifacts(run.id), add_checkpoint(store, run, step)
    judgements.keep_pool(held, Pool(step, images(n, 1) // 2, images(n, 2) // 2 + 128), held.entry(name).version)


def add_judged(store, run, wrong, n, *, step=1000, shown_ms=None, feedback=False):
    """A session on a run with ``wrong`` verdicts of ``n``, half of them on real images."""
    session = human.begin({run.id: Pool(step, images(n), images(n, 1))}, n, shown_ms=shown_ms, feedback=feedback)
    for number, trial in enumerate(session.trials):
        opposite = GENERATED if trial.truth == REAL else REAL
        session.answer(number, opposite if number < wrong else trial.truth, 1.0)
    judgements.keep(store.artifacts(run.id), session.record(run.id))
    return session
