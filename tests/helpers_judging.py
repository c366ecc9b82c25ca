"""What the tests of judging share: runs whose images nobody drew, and judges who are known to err."""

import numpy as np

from gan_core import judging
from gan_core.judging import GENERATED, REAL, Pool
from gan_core.runs import files


def images(n, seed=0, side=32):
    """``n`` different images of noise, uint8 (n, side, side, 1)."""
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 1), dtype=np.uint8)


def add_checkpoint(store, run, step=1000):
    """A checkpoint that cannot be loaded, but is there."""
    path = files.step_path(store.folder(run.id) / "checkpoints", step, ".weights.h5")
    files.write_whole(path, b"weights")
    return path


def add_pool(store, run, step=1000, n=30):
    """Images of a run: generated ones dark, real ones bright, so that a test can tell them apart."""
    add_checkpoint(store, run, step)
    judging.keep_pool(store.folder(run.id), Pool(step, images(n, 1) // 2, images(n, 2) // 2 + 128))


def add_judged(store, run, wrong, n, *, step=1000, shown_ms=None, feedback=False):
    """A session on a run with ``wrong`` verdicts of ``n``, half of them on real images."""
    session = judging.begin({run.id: Pool(step, images(n), images(n, 1))}, n, shown_ms=shown_ms, feedback=feedback)
    for number, trial in enumerate(session.trials):
        opposite = GENERATED if trial.truth == REAL else REAL
        session.answer(number, opposite if number < wrong else trial.truth, 1.0)
    judging.keep(store.folder(run.id), session.record(run.id))
    return session
