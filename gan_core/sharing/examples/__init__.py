"""Runs that come with the workbench, to be played with at once: each as a demo, a picture, and a pack.

They lie beside this file, made by ``python benchmarks/examples.py``; ``index.json`` says what they are.  Of a demo all but
the player is kept: that is the one that there is now.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import filelock

from gan_core import visitors
from gan_core.errors import BadInput, StoreError
from gan_core.sharing import packs, page

FOLDER = Path(__file__).parent
INDEX = "index.json"


@dataclass(frozen=True)
class Example:
    """One of them: its ``name``, a ``title`` and ``words`` for people, and the id of its ``run``."""

    name: str
    title: str
    words: str
    run: str

    def demo(self) -> bytes:
        """A page, HTML."""
        return page.composed(json.loads(self.parts.read_text()))

    @property
    def parts(self) -> Path:
        """What :func:`gan_core.sharing.demo.parts` gave, JSON."""
        return FOLDER / f"{self.name}.json"

    @property
    def picture(self) -> Path:
        """Some of its samples, PNG."""
        return FOLDER / f"{self.name}.png"

    @property
    def packed(self) -> Path:
        """A file for :func:`gan_core.sharing.packs.unpack`."""
        return FOLDER / f"{self.name}.zip"


@functools.cache
def examples():
    """``{name: Example}``, in the order in which they are shown; empty where they were left out of the installation."""
    try:
        listed = json.loads((FOLDER / INDEX).read_text())
    except FileNotFoundError:
        return {}
    return {told["name"]: Example(**told) for told in listed}


def open_as_run(store, name):
    """The run of an example, which is in the store from now on; the one that is there already when it was opened before.

    Raises:
        BadInput: when there is no such example.
        StoreError: when the workspace cannot be written.
    """
    example = examples().get(name)
    if example is None:
        raise BadInput(f"There is no example called {name!r}; choose from {', '.join(examples()) or 'none'}.")
    visitors.refuse()
    lock = Path(store.workspace) / "cache" / "examples.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
    except OSError as error:
        raise StoreError(f"The example could not be opened ({error.strerror or error}); make room, or check the permissions "
                         "of the workspace.") from None
    with filelock.FileLock(lock):  # two windows may want it at once
        return next((run for run in store.list() if run.id == example.run), None) or packs.unpack(store, example.packed)
