"""A run's artifacts: what can be done with them wherever they lie, what each kind is called, and which there are.

``tests/store/test_artifacts.py`` is the contract that every implementation in
:mod:`gan_core.store.artifact_stores` must pass.
"""

import contextlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from gan_core.errors import BadInput, StoreError, UserError
from gan_core.modalities.base import SUFFIXES
from gan_core.store import records

LONGEST = 200  # bytes of a part of a name: folders keep 255, and a file that is being written is called a little longer


class NoArtifact(UserError, KeyError):
    """There is nothing under this name, or not any more: a sentence, for pages and the command line."""

    __str__ = Exception.__str__  # not the quoted one of a KeyError


class NotWritten(StoreError):
    """An artifact could not be written; ``reason`` says why in the system's words, for a sentence of the caller's own."""

    def __init__(self, message, reason=""):
        super().__init__(message)
        self.reason = reason


class Deleted(StoreError):
    """The run was deleted, so that nothing can be kept of it."""


@dataclass(frozen=True)
class Entry:
    """An artifact: its name, its bytes, and a ``version`` that is another one whenever the content was written anew.

    Versions are compared for equality alone: they have no order, and say nothing about other artifacts.
    """

    name: str
    size: int
    version: str


class Artifacts(Protocol):
    """The artifacts of one run: bytes under names.

    A name is made of parts between ``/``, such as ``samples/000000100.png``, see :func:`check_name`; every method raises
    BadInput for another.  None goes on with ``/`` where another ends: there cannot be ``a`` beside ``a/b``.  All methods are
    safe to call from several threads and processes at once.  What cannot be written or read is a StoreError with a sentence.
    """

    def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under a name, in the place of older ones.

        Whoever reads meanwhile gets the old ones or the new ones, never half of them; of several writers at once the last
        one wins whole.

        Raises:
            NotWritten: the old ones are still there.
            Deleted: nothing of a run comes again once it was deleted.
        """

    def append(self, name: str, data: bytes) -> None:
        """Add these bytes to the end of what is under a name, or to nothing.

        Pieces of several writers follow each other in some order, none is lost.  A reader may meet the last piece half
        written, so this is for logs.  Raises what :meth:`put` does.
        """

    def open(self, name: str) -> BinaryIO:
        """A file to read it from, which can be sought in; the reader closes it.

        Raises:
            NoArtifact: when there is none of this name.
        """

    def read(self, name: str) -> bytes:
        """All of it.  Raises what :meth:`open` does."""
        with self.open(name) as file:
            return file.read()

    def entry(self, name: str) -> Entry:
        """Its size and version.  Raises what :meth:`open` does."""

    def __contains__(self, name: str) -> bool:
        try:
            self.entry(name)
        except NoArtifact:
            return False
        return True

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The names that start with a prefix, sorted; all of them for the empty one, none of a run that is not there.

        Fit for every rerun of a page: an implementation may not ask about each single artifact for it.
        """

    def remove(self, name: str) -> None:
        """Let go of it; that there is none is no error."""

    def local(self, name: str) -> contextlib.AbstractContextManager[Path]:
        """While it lasts, a file on this machine with its bytes and its suffix, to be read only: for libraries that want
        a path.  What was fetched for it is removed at the end.  Raises what :meth:`open` does."""

    def sweep(self) -> None:
        """Remove what killed writers left behind, which no other method shows.  Nobody may be writing meanwhile."""


class ArtifactStore(Protocol):
    """The artifacts of all runs of a workspace.  Made with the place, what follows ``://`` in its URL.

    Where others cannot see them (:mod:`gan_core.store.artifact_stores.memory`) it has ``lasting = False``; one that is
    reached through a network has ``far = True``, ``probe()`` and what an :class:`gan_core.store.outbox.Outbox` asks of it.
    """

    def of(self, run_id: str) -> Artifacts:
        """Those of a run, whether it is there or not."""

    def make(self, run_id: str) -> None:
        """Make room for a new run.

        Raises:
            StoreError: when it cannot be made, or is there already: that one is another run's, and stays.
        """

    def remove(self, run_id: str) -> None:
        """Remove a run with everything in it; at no moment is half of it to be seen."""

    def where(self, run_id: str) -> str:
        """Where a run lies, for people."""


# Names


def check_name(name):
    """Raises BadInput unless this is a name: parts between ``/`` of at most 200 bytes, none empty or starting with a dot,
    without backslashes, colons and control characters: it means the same in a folder, an object store and a URL."""
    if not is_name(name):
        raise BadInput(f"{str(name)[:80]!r} cannot be the name of an artifact; use letters, digits, dots and dashes between "
                       "slashes.")


def is_name(name):
    """Whether :func:`check_name` lets it pass."""
    try:
        return (isinstance(name, str) and not re.search(r"[\\:\x00-\x1f\x7f]", name)
                and all(part and part[0] != "." and len(part.encode()) <= LONGEST for part in name.split("/")))
    except UnicodeEncodeError:  # half of a character
        return False


def check_prefix(prefix):
    """Raises BadInput unless there may be names that start so."""
    if prefix != "" and not is_name(prefix[:-1] if isinstance(prefix, str) and prefix.endswith("/") else prefix):
        raise BadInput(f"No artifact's name can start with {str(prefix)[:80]!r}; use letters, digits, dots and dashes "
                       "between slashes.")


# What each kind is called

CONFIG, LOG, GRID, ANIMATION = "config.json", "log.txt", "samples/grid.json", "samples.gif"
SAMPLES, SOUNDS, CHECKPOINTS, VIEWS, EVENTS = "samples/", "sounds/", "checkpoints/", "views/", "events/"
SHEET, ARRAY, WEIGHTS = ".png", ".npy", ".weights.h5"


def step_name(prefix, step, suffix):
    return f"{prefix}{step:09d}{suffix}"


def step_of(name):
    """The step of the artifact of this name, one of :func:`step_name`."""
    return int(name.rpartition("/")[2].partition(".")[0])


def by_step(artifacts, prefix, suffix):
    """``{step: name}`` of the artifacts ``<prefix><step><suffix>``, in the order of their steps."""
    names = {}
    for name in artifacts.list(prefix):
        if name.endswith(suffix):
            digits = name[len(prefix):-len(suffix)]
            if len(digits) >= 9 and digits.isdecimal():
                names[int(digits)] = name
    return dict(sorted(names.items()))


def sheets_in(artifacts, prefix):
    """``{step: name}`` of what shows samples below a prefix, pictures or whatever else, in the order of their steps."""
    names = {step: name for suffix in SUFFIXES.values() for step, name in by_step(artifacts, prefix, suffix).items()}
    return dict(sorted(names.items()))


def sample_sheets(artifacts):
    """``{step: name}`` of a run's sheets of samples in the order of their steps."""
    return sheets_in(artifacts, SAMPLES)


def sounds(artifacts):
    """``{step: name}`` of what is heard of a run's sheets, in the order of their steps."""
    return sheets_in(artifacts, SOUNDS)


def checkpoints(artifacts):
    """``{step: name}`` of the weights of a run's checkpoints, in the order of their steps."""
    return by_step(artifacts, CHECKPOINTS, WEIGHTS)


def sheet_name(step, suffix=SHEET):
    return step_name(SAMPLES, step, suffix)


def checkpoint_name(step):
    return step_name(CHECKPOINTS, step, WEIGHTS)


def tail(artifacts, name, most):
    """The last ``most`` bytes at most of a text; "" while there is none."""
    try:
        with artifacts.open(name) as file:
            file.seek(max(file.seek(0, io.SEEK_END) - most, 0))
            return file.read().decode(errors="replace")
    except NoArtifact:
        return ""


@dataclass(frozen=True)
class View:
    """Another picture of a run's samples: its title, what each row is, from which step on, and how its names start."""

    title: str
    rows: dict[int, tuple[str, ...]]
    prefix: str

    def rows_at(self, step):
        """What each row of the sheet of a step is; a network that grows has more of them later."""
        return self.rows[max((first for first in self.rows if first <= step), default=min(self.rows))]

    def sheets(self, artifacts):
        """``{step: name}`` in the order of their steps."""
        return sheets_in(artifacts, self.prefix)


ROWS = "rows.json"  # of a view: its title, and what its rows are


def view_prefix(title):
    return VIEWS + re.sub(r"\W+", "-", title.lower()) + "/"


def put_rows(artifacts, step, title, names):
    """Keep what the rows of a view are from a step on, where that is not known yet."""
    prefix = view_prefix(title)
    before = next((view for view in views(artifacts) if view.prefix == prefix), None)
    if before is None or before.rows_at(step) != names:
        steps = {} if before is None else {first: told for first, told in before.rows.items() if first < step}
        artifacts.put(prefix + ROWS, json.dumps({"title": title, "rows": steps | {step: names}}).encode())


def views(artifacts):
    """The :class:`View` s of a run, by title; what cannot be read is left out, see :func:`spoiled_views`."""
    kept_views = []
    for name, told in _sorted_out(artifacts)[0]:
        # Runs of before have one list for all steps.
        rows = told["rows"] if isinstance(told["rows"], dict) else {0: told["rows"]}
        kept_views.append(View(told["title"], {int(step): tuple(names) for step, names in rows.items()},
                               name.removesuffix(ROWS)))
    return sorted(kept_views, key=lambda view: view.title)


def spoiled_views(artifacts):
    """The names of records of views that cannot be read, and are left out."""
    return _sorted_out(artifacts)[1]


def _sorted_out(artifacts):
    def is_view(told):
        if not isinstance(told, dict) or not isinstance(told.get("title"), str) or not told["title"].strip():
            return False
        rows = told.get("rows")
        rows = rows if isinstance(rows, dict) else {"0": rows}
        return bool(rows) and all(step.isdecimal() and records.are_texts(names) for step, names in rows.items())

    return records.read(artifacts, [name for name in artifacts.list(VIEWS) if name.endswith(f"/{ROWS}")], is_view)
