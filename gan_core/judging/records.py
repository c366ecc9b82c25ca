"""What is kept of judging in a run's folder: the images that are shown, and the verdicts of each session."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import StoreError
from gan_core.runs import files

REAL, GENERATED = "real", "generated"
POOL = 200  # images of a kind that a run's trials are drawn from
SHOWN = (None, 1000, 500, 250)  # milliseconds that an image is shown; None is without a limit


# Images


@dataclass(frozen=True, eq=False)
class Pool:
    """Images of a run's last checkpoint and of its data: uint8 (N, H, W, C) each."""

    step: int
    generated: np.ndarray
    real: np.ndarray


def pool(folder):
    """The :class:`Pool` of a run's last checkpoint, None until :func:`keep_pool` was called for it."""
    kept = files.checkpoints(folder)
    if not kept:
        return None
    step = max(kept)
    path = _pool_path(folder, step)
    try:
        # A run that was resumed may have come to the same step with other weights.
        if path.stat().st_mtime_ns < kept[step].stat().st_mtime_ns:
            return None
        found = npz_arrays(path, (GENERATED, REAL))
    except (OSError, DamagedNpz):
        return None
    if any(each.dtype != np.uint8 or each.ndim != 4 or not len(each) for each in found.values()):
        return None
    return Pool(step, **found)


def keep_pool(folder, pool):
    """Write a run's :class:`Pool` in the place of older ones."""
    path = _pool_path(folder, pool.step)
    with _kept_in(folder), files.replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **{GENERATED: pool.generated, REAL: pool.real})
    for old in files.by_step(path.parent, ".npz").values():
        if old != path:
            old.unlink(missing_ok=True)


def some_real(dataset, n=POOL):
    """``n`` images at random, or as many as there are, of those held out where there are any: uint8 (N, H, W, C).

    Always the same ones: which are shown must not decide between runs.
    """
    x = dataset.x if dataset.x_test is None else dataset.x_test
    return x[np.random.default_rng(0).permutation(len(x))[:n]]


def _pool_path(folder, step):
    return files.step_path(Path(folder) / "judging", step, ".npz")


# Verdicts


def keep(folder, record):
    """Write what one session says of one run, in the place of what it said before.

    It is written after every verdict, so that a session that is left counts with what was answered.  Each session has
    a file of its own: two judges do not meet.

    Raises:
        StoreError: when it cannot be written, or the run is gone.
    """
    if not Path(folder).is_dir():
        raise StoreError(f"The run {record['run']} was deleted, so its verdicts cannot be kept; end this session.")
    with _kept_in(folder):
        files.write_whole(Path(folder) / "judging" / f"{record['session']}.json", json.dumps(record, indent=1).encode())


def kept(folder):
    """The records of all sessions on a run, oldest first; what cannot be read, or has no verdict yet, is left out."""
    found = []
    for path in sorted((Path(folder) / "judging").glob("[!.]*.json")):  # without those that are just being written
        try:
            record = json.loads(path.read_text())
        except (OSError, ValueError):  # of another program, or removed just now
            continue
        if _is_record(record):
            found.append(record)
    return found


def _is_record(record):
    return (isinstance(record, dict) and type(record.get("step")) is int and record.get("shown_ms", -1) in SHOWN
            and isinstance(record.get("verdicts"), list) and len(record["verdicts"]) > 0
            and all(isinstance(each, dict) and each.get(key) in (REAL, GENERATED)
                    for each in record["verdicts"] for key in ("truth", "verdict")))


@contextlib.contextmanager
def _kept_in(folder):
    """Turns a failure to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"Nothing could be kept in {folder} ({error.strerror or error}); make room on the disk and go "
                         "on.") from error
