"""What a workspace keeps of data: datasets that were imported or drawn, files that were sent, classifiers that data taught;
how much room each takes, which runs need it, and how it goes.
"""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan_core import visitors
from gan_core.data import keeping, library, uploads
from gan_core.data.base import DatasetInfo
from gan_core.errors import BadInput, StoreError
from gan_core.store.run import ENDED, Run
from gan_core.store.task_records import OPEN

DATASET, UPLOAD, CLASSIFIER = "dataset", "upload", "classifier"
NAMED = 3  # runs that a sentence names before it only counts


@dataclass(frozen=True, eq=False)
class Kept:
    """One thing that is kept.

    Attributes:
        name: what deletes it; of a dataset its name in the catalogue.
        sort: "dataset", "upload" or "classifier".
        words: for people: what it is.
        files: where it lies.
        size: bytes.
        changed: seconds since the epoch.
        runs: those that learned from it, the newest first; of a dataset alone.
        info: of a dataset.
    """

    name: str
    sort: str
    words: str
    files: tuple[Path, ...]
    size: int
    changed: float
    runs: tuple[Run, ...] = ()
    info: DatasetInfo | None = None


def in_words(size):
    """A number of bytes for people: "15 kB", "3.2 MB"."""
    return f"{size / 10**6:,.1f} MB" if size >= 10**6 else f"{-(-size // 1000):,} kB"


def kept(store) -> list[Kept]:
    """All that is kept: datasets, then uploads, then classifiers, each by name."""
    workspace = store.workspace
    needed = {}
    for run in store.list():
        if not run.elsewhere:  # what those learned from is not here, whatever they call it
            needed.setdefault(run.data, []).append(run)
    found = [_kept(info.name, DATASET, _words(info), keeping.files(info.name, workspace), tuple(needed.get(info.name, ())),
                   info) for info in library.own(workspace)]
    found += [_kept(f"{path.parent.name}/{path.name}", UPLOAD, "a file that was sent", [path])
              for path in uploads.kept(workspace)]
    found += [_kept(f"classifier-{path.stem[:12]}", CLASSIFIER, _taught_by(path), [path])
              for path in sorted((Path(workspace) / "cache" / "extractors").glob("*.npz"))]
    return [thing for thing in found if thing.files]


def delete(store, name, *, even_if_needed=False):
    """Delete what is kept under a name.  Returns its :class:`Kept`.

    Raises:
        BadInput: when there is nothing of that name, or a run or a task is at work with it; or, unless
            ``even_if_needed``, when runs that have ended could not be resumed without it.
        StoreError: when it cannot be deleted.
    """
    visitors.refuse()
    thing = next((thing for thing in kept(store) if thing.name == name), None)
    if thing is None:
        raise BadInput(f"Nothing is kept under the name {name!r}; `datasets --kept` lists what is.")
    if refusal := at_work(store, thing):
        raise BadInput(refusal)
    if thing.runs and not even_if_needed:
        raise BadInput(f"{needed_by(thing)} Add --force to delete it all the same.")
    try:
        for path in thing.files:
            uploads.remove(path) if thing.sort == UPLOAD else path.unlink(missing_ok=True)
        if thing.sort == CLASSIFIER:
            thing.files[0].with_suffix(".lock").unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{name} could not be deleted ({error.strerror or error}); check the permissions of the "
                         "workspace.") from error
    return thing


def at_work(store, thing):
    """Why it cannot be deleted now, a sentence; "" when it can."""
    busy = [run for run in thing.runs if run.status not in ENDED]
    if busy:
        return f"{thing.name} is needed by {_named(busy)}, which {_are(busy)} not done; stop {_them(busy)} first."
    ids = {run.id for run in thing.runs}
    tasks = [record for record in store.tasks.list(statuses=OPEN) if record.run in ids] if ids else []
    if tasks:
        return f"{thing.name} is needed by work on {_named([run for run in thing.runs if run.id == tasks[0].run])}; wait " \
               "for it, or stop it on the Tasks page."
    return ""


def needed_by(thing):
    """What is lost with it, a sentence; "" when nothing is."""
    if not thing.runs:
        return ""
    return (f"{_named(thing.runs)} learned from {thing.name}, and can then be neither resumed nor scored, unless it is "
            "imported again from what it was made of.")


def sweep(store, now=None):
    """Remove what killed processes and visitors who left have left behind of data, once it is old."""
    if visitors.are_here():
        return
    now = now or time.time()
    uploads.sweep(store.workspace, now)
    places = ((keeping.folder(store.workspace), ".*.npz.*"), (Path(store.workspace) / "cache" / "extractors", ".partial-*"))
    for path in [path for place, pattern in places for path in place.glob(pattern)]:
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > uploads.LEFT_BEHIND:
                path.unlink()


def _kept(name, sort, words, files, runs=(), info=None):
    known = []
    for path in files:
        with contextlib.suppress(OSError):  # it was deleted just now
            known.append((path, path.stat()))
    return Kept(name, sort, words, tuple(path for path, _ in known), sum(status.st_size for _, status in known),
                max((status.st_mtime for _, status in known), default=0.0), runs, info)


def _words(info):
    if not info.available:
        return info.note
    count = "" if info.count is None else f"{info.count:,} samples of "
    shape = f"{len(info.columns)} columns" if info.columns else " x ".join(map(str, info.shape))
    return f"{info.kind}: {count}{shape}" + (f", {info.n_classes} classes" if info.labelled else "")


def _taught_by(path):
    with contextlib.suppress(Exception), np.load(path, allow_pickle=False) as arrays:  # damaged, or of an older version
        return f"a classifier taught by {arrays['data']}"
    return "a classifier"


def _named(runs):
    names = ", ".join(f"{run.name} ({run.id})" for run in runs[:NAMED])
    return names + (f" and {len(runs) - NAMED:,} more" if len(runs) > NAMED else "")


def _are(runs):
    return "is" if len(runs) == 1 else "are"


def _them(runs):
    return "it" if len(runs) == 1 else "them"
