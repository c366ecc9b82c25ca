"""The user's own tables: a file, read once and kept in the workspace under a name and a hash of its content.

Kept files are ``datasets/<name>-<hash>.table.npz``: x, the encoded rows, and meta, a JSON text.
"""

import contextlib
import dataclasses
import hashlib
import os
import re
from pathlib import Path

from gan_core.data import columns as described, csv_table, keeping, texts
from gan_core.data.base import TABLE, Dataset, DatasetInfo
from gan_core.data.choices import NONE_MADE
from gan_core.data.columns import Column
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.errors import BadInput, StoreError

ORDER = 110
KIND = TABLE
TAKES = ("columns", "missing")  # of the choices
META = ("title", "count", "columns", "note")
TAKEN = "taken"  # what each column of the file was taken for
_KEPT = re.compile(r"(?P<name>.+-[0-9a-f]{12})\.table\.npz")


def infos(workspace=None) -> list[DatasetInfo]:
    return [_info(name, file) for name, file in _kept(workspace).items()]


def load(name, size=None, workspace=None) -> Dataset:
    file = _kept(workspace)[name]
    _info(name, file).without_size(size)
    try:
        arrays = npz_arrays(file, ["x", "meta"])
        meta = keeping.meta(arrays, META)
    except DamagedNpz as error:
        raise _damaged(file) from error
    return Dataset(name, TABLE, arrays["x"], None, note=meta["note"], columns=_columns(meta))


def claims(path, choices=NONE_MADE) -> bool:
    return os.path.isfile(path) and csv_table.is_table(path)


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """The rows of a file; numbers are standardised, and categories 1 among zeros: see :mod:`gan_core.data.columns`.

    Mean and deviation are of all rows, whatever share of them is kept apart later: they belong to the data.
    """
    label = texts.label(path)
    if size is not None:
        sentence = f"{label} is a table and has no size in pixels; leave the size out."
        raise BadInput(sentence, {"size": sentence})
    try:
        if os.path.getsize(path) > csv_table.LARGEST:
            raise BadInput(f"{label} has {os.path.getsize(path) / 10**6:,.0f} MB and a table may have "
                           f"{csv_table.LARGEST / 10**6:,.0f}; take a part of its rows.")
        data = Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"{label} cannot be read: {error.strerror}.") from error
    table = csv_table.read(data, label, choices)
    x = described.encoded(table.columns, table.values)
    mark = hashlib.sha256(x.tobytes() + repr(table.columns).encode()).hexdigest()[:12]
    name = keeping.name_of(path, mark, _kept(workspace), default="table")
    dataset = Dataset(name, TABLE, x, None, note=table.note, columns=table.columns)
    if workspace is not None:
        with contextlib.suppress(KeyError, StoreError):  # not kept yet, or a damaged one, which is made again
            kept = load(name, workspace=workspace)
            if taken(name, workspace) in ((), table.taken):
                return kept
        meta = {"title": name.rpartition("-")[0], "count": len(x), "note": table.note,
                "columns": [dataclasses.asdict(column) for column in table.columns], TAKEN: table.taken}
        keeping.write(keeping.folder(workspace) / f"{name}.table.npz", meta, x=x)
    return dataset


def taken(name, workspace=None) -> tuple[tuple[str, str], ...]:
    """What each column of the file was taken for of which a table is kept, ``(name, kind)``; nothing where nobody knows."""
    if name not in _kept(workspace):
        return ()
    try:
        meta = keeping.meta(npz_arrays(_kept(workspace)[name], ["meta"]), META, newer=(TAKEN,))
        return tuple((str(column), str(kind)) for column, kind in meta[TAKEN] or ())
    except (DamagedNpz, KeyError, TypeError, ValueError):
        return ()


def _kept(workspace) -> dict[str, Path]:
    if workspace is None:
        return {}
    files = sorted(keeping.folder(workspace).glob("*.table.npz"))
    return {match["name"]: file for file in files if (match := _KEPT.fullmatch(file.name))}


def _info(name, file):
    try:
        meta = keeping.meta(npz_arrays(file, ["meta"]), META)
        columns = _columns(meta)
        return DatasetInfo(name, meta["title"], TABLE, (sum(column.width for column in columns),), (), meta["count"], True,
                           meta["note"], columns)
    except (DamagedNpz, TypeError, KeyError):
        return DatasetInfo(name, name, TABLE, (1,), (), None, False, str(_damaged(file)))


def _columns(meta):
    return tuple(Column.from_dict(values) for values in meta["columns"])


def _damaged(file):
    return StoreError(f"{file} is damaged; delete it and import its table again.")
