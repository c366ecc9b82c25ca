"""What people imported, as the workspace keeps it: found, described, read and written; each kind says what is its own."""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gan_core.data import keeping
from gan_core.data.base import Dataset, DatasetInfo
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import BadInput, StoreError

DEFAULT_SIZE = 32  # pixels a side of images, where nobody chose
WRONG = DamagedNpz, KeyError, TypeError, ValueError  # what reading a damaged file may raise


@dataclass(frozen=True)
class Kept:
    """Data of one kind, ``datasets/<name>-<hash>.<ending>.npz`` each: arrays, and ``meta``, a JSON text.

    Attributes:
        kind: of the data.
        ending: of the files, such as "table".
        whole: what is imported again in the place of a damaged file, such as "its table".
        dataset: ``dataset(name, arrays, meta)``, the :class:`Dataset` of a file's content; may raise any of :data:`WRONG`.
        facts: ``facts(meta)``, fields of :class:`DatasetInfo`: "shape", and what else the kind has; may raise the same.
        blank: such fields for a damaged file.
        meta: keys of the description beside "title", "count" and "note".
        newer: of these what files of older versions lack.
        arrays, optional: names of the arrays.
    """

    kind: str
    ending: str
    whole: str
    dataset: Callable[[str, dict, dict], Dataset]
    facts: Callable[[dict], dict]
    blank: dict
    meta: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ("x",)
    optional: tuple[str, ...] = ()
    _name: re.Pattern = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "_name", re.compile(rf"(?P<name>.+-[0-9a-f]{{12}}){self._size}\.{self.ending}\.npz"))

    _size = ""

    def names(self, workspace):
        """``{name: file}``; nothing without a workspace."""
        return {match["name"]: file for file, match in self._matches(workspace)}

    def infos(self, workspace=None) -> list[DatasetInfo]:
        return [self.info(name, file) for name, file in self.names(workspace).items()]

    def load(self, name, size=None, workspace=None) -> Dataset:
        """The dataset; KeyError where none of the name is kept, StoreError where its file is damaged."""
        file = self.names(workspace)[name]
        self.info(name, file).without_size(size)
        return self.read(name, file)

    def again(self, name, workspace) -> Dataset | None:
        """The dataset where it is kept and whole: a damaged one is to be made again."""
        with contextlib.suppress(KeyError, StoreError):
            return self.load(name, workspace=workspace)
        return None

    def write(self, name, workspace, meta, **arrays):
        keeping.write(keeping.folder(workspace) / f"{name}.{self.ending}.npz", _titled(name, meta), **arrays)

    def read(self, name, file) -> Dataset:
        """The dataset of a file; StoreError where it is damaged."""
        try:
            arrays = npz_arrays(file, [*self.arrays, "meta"], optional=list(self.optional))
            return self.dataset(name, arrays, self._told(arrays))
        except WRONG as error:
            raise self._damaged(file) from error

    def info(self, name, file) -> DatasetInfo:
        try:
            meta = self._told(npz_arrays(file, ["meta"]))
            return DatasetInfo(name=name, title=meta["title"], kind=self.kind, count=meta["count"], available=True,
                               note=meta["note"], **{"classes": ()} | self.facts(meta))
        except WRONG:
            return DatasetInfo(name=name, title=name, kind=self.kind, classes=(), count=None, available=False,
                               note=str(self._damaged(file)), **self.blank)

    def told(self, name, workspace):
        """The description of a dataset; None where there is none to read."""
        with contextlib.suppress(*WRONG):
            return self._told(npz_arrays(self.names(workspace)[name], ["meta"]))
        return None

    def _told(self, arrays):
        return keeping.meta(arrays, ("title", "count", "note", *self.meta), self.newer)

    def _matches(self, workspace):
        files = sorted(keeping.folder(workspace).glob(f"*.{self.ending}.npz")) if workspace is not None else ()
        return [(file, match) for file in files if (match := self._name.fullmatch(file.name))]

    def _damaged(self, file):
        return StoreError(f"{file} is damaged; delete it and import {self.whole} again.")


class KeptImages(Kept):
    """Of images a file for each size, ``datasets/<name>-<hash>-<size>.<ending>.npz``."""

    _size = r"-(?P<size>\d{1,3})"

    def sizes(self, workspace):
        """``{name: {size: file}}``."""
        found = {}
        for file, match in self._matches(workspace):
            found.setdefault(match["name"], {})[int(match["size"])] = file
        return found

    def names(self, workspace):
        """``{name: file}``, of several sizes that of the usual one, or the largest."""
        return {name: files.get(DEFAULT_SIZE) or files[max(files)] for name, files in self.sizes(workspace).items()}

    def load(self, name, size=None, workspace=None):
        files = self.sizes(workspace)[name]
        if size and size not in files:
            kept = " and ".join(map(str, sorted(files)))
            sentence = f"{name} is kept at {kept} pixels only; for {size} import its folder or zip again with that size."
            raise BadInput(sentence, {"size": sentence})
        return self.read(name, files[size] if size else self.names(workspace)[name])

    def again(self, name, workspace, size):
        with contextlib.suppress(KeyError, StoreError):
            return self.read(name, self.sizes(workspace)[name][size])
        return None

    def write(self, name, workspace, meta, size, **arrays):
        keeping.write(self.path(name, workspace, size), _titled(name, meta), **arrays)

    def path(self, name, workspace, size) -> Path:
        return keeping.folder(workspace) / f"{name}-{size}.{self.ending}.npz"


def _titled(name, meta):
    return {"title": name.rpartition("-")[0]} | meta
