"""What is kept of judging with a run: the images that are shown, and the verdicts of each session."""

import contextlib
import io
import json
from dataclasses import dataclass

import numpy as np

from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import StoreError
from gan_core.store import artifacts as stored, records
from gan_core.store.artifacts import NoArtifact, NotWritten

JUDGING, POOL = "judging/", ".npz"
WEIGHTS = "weights"  # in a pool: the version of the checkpoint from which it was drawn
KINDS = ("real", "generated")  # of images, and of verdicts
TIMES = (None, 1000, 500, 250)  # milliseconds for which an image may have been shown; None is without a limit


# Images


@dataclass(frozen=True, eq=False)
class Pool:
    """Images of a run's last checkpoint and of its data: uint8 (N, H, W, C) each."""

    step: int
    generated: np.ndarray
    real: np.ndarray


def pool(artifacts, checkpoints=None):
    """The :class:`Pool` of a run's last checkpoint, None until :func:`keep_pool` was called for it.

    ``checkpoints`` are those that can be used, ``{step: name}``, all by default.
    """
    checkpoints = stored.checkpoints(artifacts) if checkpoints is None else checkpoints
    if not checkpoints:
        return None
    step = max(checkpoints)
    try:
        with artifacts.local(_pool_name(step)) as path:
            images = npz_arrays(path, KINDS, optional=[WEIGHTS])
        version = artifacts.entry(checkpoints[step]).version
    except (NoArtifact, DamagedNpz):
        return None
    weights = images.pop(WEIGHTS, None)  # older code did not note them
    if weights is not None and str(weights) != version:
        return None  # the run was resumed, and has come to the same step with others
    if any(kind.dtype != np.uint8 or kind.ndim != 4 or not len(kind) for kind in images.values()):
        return None
    return Pool(step, **images)


def keep_pool(artifacts, pool, weights):
    """Keep a run's :class:`Pool` in the place of older ones.

    Args:
        weights: the version of the checkpoint from which its images were drawn.

    Raises:
        StoreError: when it cannot be written, or the run is gone.
    """
    file = io.BytesIO()
    np.savez_compressed(file, **{kind: getattr(pool, kind) for kind in KINDS}, **{WEIGHTS: np.array(weights)})
    with _explained():
        artifacts.put(_pool_name(pool.step), file.getvalue())
    for step in stored.by_step(artifacts, JUDGING, POOL).keys() - {pool.step}:
        forget_pool(artifacts, step)


def forget_pool(artifacts, step):
    """Let go of the images of a step, if there are any."""
    artifacts.remove(_pool_name(step))


def _pool_name(step):
    return stored.step_name(JUDGING, step, POOL)


# Verdicts


def keep(artifacts, record):
    """Keep what one session says of one run, in the place of what it said before.

    It is written after every verdict, so that a session that is left counts with what was answered.  Each session has
    an artifact of its own: two judges do not meet.

    Raises:
        StoreError: when it cannot be written, or the run is gone.
    """
    with _explained():
        artifacts.put(f"{JUDGING}{record['session']}.json", json.dumps(record, indent=1).encode())


def kept(artifacts):
    """The records of all sessions on a run, oldest first; what cannot be read, or has no verdict yet, is left out."""
    return [record for _, record in _sorted_out(artifacts)[0] if record["verdicts"]]


def spoiled(artifacts):
    """The names of records that cannot be read, and are left out."""
    return _sorted_out(artifacts)[1]


def _sorted_out(artifacts):
    names = [name for name in artifacts.list(JUDGING) if name.endswith(".json")]
    return records.read(artifacts, names, _is_record)


def _is_record(record):
    return (isinstance(record, dict) and records.is_step(record.get("step"))
            and record.get("shown_ms", -1) in TIMES
            and isinstance(record.get("verdicts"), list)
            and all(isinstance(verdict, dict) and verdict.get(key) in KINDS
                    for verdict in record["verdicts"] for key in ("truth", "verdict")))


@contextlib.contextmanager
def _explained():
    """Turns a failure to write into a sentence."""
    try:
        yield
    except NotWritten as error:
        raise StoreError(f"Nothing could be kept of the judging ({error.reason}); make room on the disk and go "
                         "on.") from error
