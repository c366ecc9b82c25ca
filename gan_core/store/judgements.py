"""What is kept of judging in a run's folder: the images that are shown, and the verdicts of each session."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import StoreError
from gan_core.store import artifacts
from gan_core.whole_files import replacing, write_whole

KINDS = ("real", "generated")  # of images, and of verdicts


# Images


@dataclass(frozen=True, eq=False)
class Pool:
    """Images of a run's last checkpoint and of its data: uint8 (N, H, W, C) each."""

    step: int
    generated: np.ndarray
    real: np.ndarray


def pool(folder):
    """The :class:`Pool` of a run's last checkpoint, None until :func:`keep_pool` was called for it."""
    kept = artifacts.checkpoints(folder)
    if not kept:
        return None
    step = max(kept)
    path = _pool_path(folder, step)
    try:
        # A run that was resumed may have come to the same step with other weights.
        if path.stat().st_mtime_ns < kept[step].stat().st_mtime_ns:
            return None
        images = npz_arrays(path, KINDS)
    except (OSError, DamagedNpz):
        return None
    if any(each.dtype != np.uint8 or each.ndim != 4 or not len(each) for each in images.values()):
        return None
    return Pool(step, **images)


def keep_pool(folder, pool):
    """Write a run's :class:`Pool` in the place of older ones."""
    path = _pool_path(folder, pool.step)
    with _kept_in(folder), replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **{kind: getattr(pool, kind) for kind in KINDS})
    for old in artifacts.by_step(path.parent, ".npz").values():
        if old != path:
            old.unlink(missing_ok=True)


def _pool_path(folder, step):
    return artifacts.step_path(Path(folder) / "judging", step, ".npz")


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
        write_whole(Path(folder) / "judging" / f"{record['session']}.json", json.dumps(record, indent=1).encode())


def kept(folder):
    """The records of all sessions on a run, oldest first; what cannot be read, or has no verdict yet, is left out."""
    records = []
    for path in sorted((Path(folder) / "judging").glob("[!.]*.json")):  # without those that are just being written
        try:
            record = json.loads(path.read_text())
        except (OSError, ValueError):  # of another program, or removed just now
            continue
        if _is_record(record):
            records.append(record)
    return records


def _is_record(record):
    return (isinstance(record, dict) and type(record.get("step")) is int
            and (record.get("shown_ms", -1) is None or type(record["shown_ms"]) is int and record["shown_ms"] > 0)
            and isinstance(record.get("verdicts"), list) and len(record["verdicts"]) > 0
            and all(isinstance(each, dict) and each.get(key) in KINDS
                    for each in record["verdicts"] for key in ("truth", "verdict")))


@contextlib.contextmanager
def _kept_in(folder):
    """Turns a failure to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"Nothing could be kept in {folder} ({error.strerror or error}); make room on the disk and go "
                         "on.") from error
