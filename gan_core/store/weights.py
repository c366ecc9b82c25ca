"""Whether a checkpoint is what was written: each ends with a mark of its content, so that damage is known before its use.

A disk that was full, a copy that broke off or a power cut leaves files that are cut off, empty or something else.
"""

import functools
import hashlib
import struct

from gan_core.store import artifacts as stored

MARK = b"GANWHOLE"  # then the SHA-256 of all before the mark; HDF5 does not look at what follows its end
SEAL = len(MARK) + hashlib.sha256().digest_size
HDF5 = b"\x89HDF\r\n\x1a\n"
END = {0: 40, 1: 44, 2: 28, 3: 28}  # where a file says how long it is, by the version of its first block
BLOCK = 2**20  # bytes read at once


def seal(file):
    """Add the mark to the end of a file of weights, open for reading and writing."""
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    file.write(MARK + digest.digest())


def whole(store, run_id):
    """``({step: name}, {step: sentence})`` in the order of their steps: a run's checkpoints that are whole, and what is
    wrong with the others."""
    kept = stored.checkpoints(store.artifacts(run_id))
    wrong = {step: why for step, name in kept.items() if (why := damage(store, run_id, name))}
    return ({step: name for step, name in kept.items() if step not in wrong},
            {step: f"{kept[step]} of the run {run_id} is damaged: {why}." for step, why in wrong.items()})


def nothing_whole(wrong):
    """The sentence about a run all of whose checkpoints are damaged; ``wrong`` is what :func:`whole` says of them."""
    return f"{' '.join(wrong.values())} No checkpoint of this run is whole: start a new run with its settings."


def passed_over(store, run_id):
    """Sentences about damaged checkpoints that are newer than the newest whole one, which is used in their place."""
    kept, wrong = whole(store, run_id)
    return [f"{sentence} Step {max(kept):,}, the newest checkpoint that is whole, is used in its place."
            for step, sentence in wrong.items() if kept and step > max(kept)]


def nearest(store, run_id, step):
    """The step of the whole checkpoint that is nearest to another step; None where there is none."""
    return min(whole(store, run_id)[0], key=lambda kept: abs(kept - step), default=None)


def damage(store, run_id, name):
    """What is wrong with a checkpoint, in words; "" when it is whole, or gone."""
    held = store.artifacts(run_id)
    try:
        return _damage(_Place(held, store.where(run_id)), name, held.entry(name).version)
    except stored.NoArtifact:
        return ""


class _Place:
    """Artifacts that are equal where they lie at one place, so that each version is read once a process."""

    def __init__(self, held, where):
        self.held, self._where = held, where

    def __eq__(self, other):
        return self._where == other._where

    def __hash__(self):
        return hash(self._where)


@functools.lru_cache(maxsize=4096)
def _damage(place, name, version):
    try:
        with place.held.open(name) as file:
            return _found(file)
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"


def _found(file):
    size = file.seek(0, 2)
    if not size:
        return "it is empty"
    file.seek(max(size - SEAL, 0))
    end = file.read()
    if len(end) == SEAL and end.startswith(MARK):
        return "" if _digest(file, size - SEAL) == end[len(MARK):] else "its content is not what was written"
    return _of_older_code(file, size)


def _digest(file, size):
    file.seek(0)
    digest = hashlib.sha256()
    while size > 0 and (block := file.read(min(BLOCK, size))):
        digest.update(block)
        size -= len(block)
    return digest.digest()


def _of_older_code(file, size):
    """The same of a file without a mark: HDF5 says how long it is, and what is in it can be listed."""
    file.seek(0)
    head = file.read(64)
    if not head.startswith(HDF5):
        return "it is no file of weights"
    place = END.get(head[8]) if len(head) > 8 else None
    if place is None or len(head) < place + 8 or struct.unpack_from("<Q", head, place)[0] > size:
        return "it is cut off"
    import h5py  # here, for few need it

    try:
        with h5py.File(file) as content:
            content.visititems(_read)
    except Exception:  # of damage h5py raises what comes
        return "parts of it cannot be read"
    return ""


def _read(name, part):
    if hasattr(part, "shape"):
        part[()]
