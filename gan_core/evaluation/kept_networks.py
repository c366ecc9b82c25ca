"""Networks that scores need and that are trained once for some data: kept in the workspace by a key of what decides them.

Kept files are ``<workspace>/cache/extractors/<key>.npz``.
"""

import contextlib
from pathlib import Path

import filelock
import numpy as np

from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import Stopped, StoreError
from gan_core.whole_files import replacing


def path(workspace, key):
    """The file of a key."""
    return Path(workspace) / "cache" / "extractors" / f"{key}.npz"


def network(workspace, key, build_now, train_now, should_stop, data):
    """``(network, accuracy)`` of the kept file, or of ``train_now()``, which is kept then; ``data`` is what taught it."""
    if workspace is None:
        return train_now()
    file = path(workspace, key)
    if kept := _read(file, build_now):
        return kept
    with _alone(file, should_stop):
        if kept := _read(file, build_now):  # another process has just trained it
            return kept
        trained, share = train_now()
        _write(file, trained, share, data)
        return trained, share


def shifted(images, reach, rng):
    """Each image (N, H, W, C) moved by up to ``reach`` pixels each way, its edge repeated."""
    if not reach:
        return images
    padded = np.pad(images, [(0, 0), (reach, reach), (reach, reach), (0, 0)], mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:3], axis=(1, 2))
    down, right = rng.randint(2 * reach + 1, size=(2, len(images)))
    return np.moveaxis(windows[np.arange(len(images)), down, right], 1, -1)


def _read(path, build_now):
    """``(network, accuracy)`` or None; a damaged file is as good as none, and is made again."""
    if not path.exists():
        return None
    network = build_now()
    names = [f"weight_{index}" for index in range(len(network.weights))]
    try:
        arrays = npz_arrays(path, ["accuracy", *names])
        network.set_weights([arrays[name] for name in names])  # ValueError: of other shapes
        return network, float(arrays["accuracy"])
    except (DamagedNpz, ValueError):
        return None


def _write(path, network, share, data):
    weights = {f"weight_{index}": value for index, value in enumerate(network.get_weights())}
    try:
        with replacing(path) as partial, open(partial, "wb") as file:
            np.savez(file, accuracy=share, data=data, **weights)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextlib.contextmanager
def _alone(path, should_stop):
    """One process at a time trains for this file; the others wait here, and can be stopped."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(path.with_suffix(".lock"))
        while True:
            try:
                lock.acquire(timeout=0.5)
                break
            except filelock.Timeout:
                if should_stop is not None and should_stop():
                    raise Stopped from None
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _unwritable(path, error):
    return StoreError(f"The trained network cannot be kept in {path.parent}: {error.strerror or error}; make room "
                      "or make it writable, or choose another workspace.")
