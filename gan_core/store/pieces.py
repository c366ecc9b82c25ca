"""Artifacts made of objects that never change: how these are called, and which of them make up an artifact.

An object store can neither add to an object nor say what is new in it.  So each write is an object of its own, below the
name of the artifact, and its name says all that must be known of it::

    <run>/samples/000000100.png/.<first>-<last>-<size>-<writer>.put

Whoever lists a run knows each artifact's size and version, sees no half of one (an object is whole when it is as long as its
name says), and may keep what it has fetched for ever.
"""

import contextlib
import io
import re
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from gan_core.errors import StoreError
from gan_core.store.artifacts import Artifacts, Deleted, Entry, NoArtifact, NotWritten, check_name, check_prefix

PUT, ADD, GONE = "put", "add", "gone"  # a whole artifact, something to be added to its end, and that it was removed
MERGED = 8  # pieces of one level that become one of the next: a million of them are some forty objects
TOP = 5  # level: larger pieces would take long to be written anew
_FORM = re.compile(r"\.(\d{20})-(\d{20})-(\d{1,15})-([0-9a-f]{8})\.(put|gone|add)(\d?)")
VANISHED = 20  # looks at a run while others merge its pieces


@dataclass(frozen=True, order=True)
class Piece:
    """One object of an artifact.

    ``first`` and ``last`` are when its first and its last part were written, in nanoseconds since the epoch and never twice
    the same of one ``writer``; ``size`` is in bytes.  Several pieces that were added become one of a higher ``level``.
    """

    first: int
    writer: str
    last: int
    size: int
    kind: str
    level: int = 0

    @classmethod
    def of(cls, text):
        """The piece that is called so; None of another name."""
        if not (told := _FORM.fullmatch(text)):
            return None
        first, last, size, writer, kind, level = told.groups()
        return cls(int(first), writer, int(last), int(size), kind, int(level or 0))

    def __str__(self):
        level = self.level if self.kind == ADD else ""
        return f".{self.first:020d}-{self.last:020d}-{self.size}-{self.writer}.{self.kind}{level}"

    def covers(self, other):
        """Whether all that the other one adds is in this one, too."""
        return self != other and self.writer == other.writer and self.first <= other.first and self.last >= other.last


def current(pieces):
    """Those that an artifact consists of, one after the other; none where it is not there."""
    begun = max((piece for piece in pieces if piece.kind != ADD), default=None)
    added = [piece for piece in pieces if piece.kind == ADD and (begun is None or piece > begun)]
    whole = sorted(piece for piece in added if not any(other.covers(piece) for other in added))
    return [begun, *whole] if begun is not None and begun.kind == PUT else whole


def to_merge(parts):
    """The last pieces of an artifact where they are to become one, else none: those of one writer and one level."""
    if not parts or parts[-1].kind != ADD or parts[-1].level >= TOP:
        return []
    last = parts[-MERGED:]
    same = {(part.kind, part.writer, part.level) for part in last}
    return last if len(last) == MERGED and len(same) == 1 else []


def merged(parts):
    """The piece that some become."""
    return Piece(parts[0].first, parts[0].writer, parts[-1].last, sum(part.size for part in parts), ADD, parts[0].level + 1)


class Clock:
    """Gives each piece of one writer a time of its own, later than all before."""

    def __init__(self):
        self.writer, self._last, self._lock = secrets.token_hex(4), 0, threading.Lock()

    def piece(self, kind, size, after=()):
        """A new one, later than those that are known of its artifact, whatever the clocks of others say."""
        with self._lock:
            self._last = max(time.time_ns(), self._last + 1, *(piece.last + 1 for piece in after))
            return Piece(self._last, self.writer, self._last, size, kind)


class PiecedArtifacts(Artifacts):
    """The artifacts of one run on a shelf.

    Args:
        shelf: has ``look(run) -> {name: pieces} | None``, None of a run that is not there, ``known(run)``, the same for who
            writes and need not wait for the newest, ``keep(run, name, kind, data)``, ``read(run, name, piece) -> file``,
            which raises FileNotFoundError where the piece was merged meanwhile, ``let_go(run, name)`` and ``tidy(run)``.
    """

    def __init__(self, shelf, run_id):
        self._shelf, self._id = shelf, run_id

    def put(self, name, data):
        self._write(name, PUT, data)

    def append(self, name, data):
        self._write(name, ADD, data)

    def _write(self, name, kind, data):
        check_name(name)
        try:
            names = self._shelf.known(self._id)
            if names is None:
                raise Deleted(f"The run {self._id} was deleted, so nothing can be kept of it; choose another run.")
            if any((other.startswith(f"{name}/") or name.startswith(f"{other}/")) and current(pieces)
                   for other, pieces in names.items()):
                raise _not_written(self._id, name, "another artifact lies below or above that name")
            self._shelf.keep(self._id, name, kind, bytes(data))
        except (Deleted, NotWritten):
            raise
        except (StoreError, OSError) as error:
            raise _not_written(self._id, name, getattr(error, "strerror", None) or str(error)) from error

    def _parts(self, name):
        check_name(name)
        parts = current((self._shelf.look(self._id) or {}).get(name, ()))
        if not parts:
            raise NoArtifact(f"The run {self._id} has no {name}, or not any more; look at what else it has.")
        return parts

    def open(self, name):
        for _ in range(VANISHED):
            parts = self._parts(name)
            with contextlib.ExitStack() as stack:
                try:
                    files = [stack.enter_context(self._shelf.read(self._id, name, part)) for part in parts]
                except FileNotFoundError:  # merged, or written anew
                    self._shelf.look(self._id, anew=True)
                    continue
                if len(files) == 1:
                    stack.pop_all()
                    return files[0]
                return io.BytesIO(b"".join(file.read() for file in files))
        raise StoreError(f"{name} of the run {self._id} could not be read: it changes all the time; try again.")

    def entry(self, name):
        parts = self._parts(name)
        size = sum(part.size for part in parts)
        # When pieces are merged, their content, and so the version, stays.
        return Entry(name, size, f"{parts[0].first:x}-{parts[0].writer}-{size:x}-{parts[-1].last:x}")

    def list(self, prefix=""):
        check_prefix(prefix)
        names = self._shelf.look(self._id) or {}
        return tuple(sorted(name for name, pieces in names.items() if name.startswith(prefix) and current(pieces)))

    def remove(self, name):
        check_name(name)
        if current((self._shelf.known(self._id) or {}).get(name, ())):
            self._shelf.let_go(self._id, name)

    @contextlib.contextmanager
    def local(self, name):
        with self.open(name) as file, tempfile.TemporaryDirectory(prefix="gan-") as folder:
            path = Path(folder) / name.rpartition("/")[2]
            with path.open("wb") as copy:
                shutil.copyfileobj(file, copy)
            yield path

    def sweep(self):
        self._shelf.tidy(self._id)


def _not_written(run_id, name, reason):
    reason = reason.rstrip(".")
    return NotWritten(f"{name} of the run {run_id} could not be written ({reason}); see `python -m gan_core doctor`.",
                      reason)
