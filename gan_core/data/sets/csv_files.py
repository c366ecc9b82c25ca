"""The user's own tables: a file, read once and kept in the workspace under a name and a hash of its content.

Kept files are ``datasets/<name>-<hash>.table.npz``: x, the encoded rows, and meta, a JSON text.
"""

import contextlib
import dataclasses
import hashlib
import os
from pathlib import Path

from gan_core.data import columns as described, csv_table, keeping, texts
from gan_core.data.base import TABLE, Dataset
from gan_core.data.choices import NONE_MADE
from gan_core.data.columns import Column
from gan_core.data.kept import WRONG, Kept
from gan_core.errors import BadInput

ORDER = 110
KIND = TABLE
TAKES = ("columns", "missing")  # of the choices
TAKEN = "taken"  # what each column of the file was taken for


def _dataset(name, arrays, meta):
    return Dataset(name, TABLE, arrays["x"], None, note=meta["note"], columns=_columns(meta))


def _facts(meta):
    columns = _columns(meta)
    return {"shape": (sum(column.width for column in columns),), "columns": columns}


def _columns(meta):
    return tuple(Column.from_dict(values) for values in meta["columns"])


KEPT = Kept(KIND, "table", "its table", _dataset, _facts, {"shape": (1,)}, meta=("columns",), newer=(TAKEN,))
infos, load = KEPT.infos, KEPT.load


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
    name = keeping.name_of(path, mark, KEPT.names(workspace), default="table")
    dataset = Dataset(name, TABLE, x, None, note=table.note, columns=table.columns)
    if workspace is not None:
        kept = KEPT.again(name, workspace)
        if kept is not None and taken(name, workspace) in ((), table.taken):
            return kept
        KEPT.write(name, workspace, {"count": len(x), "note": table.note, TAKEN: table.taken,
                                     "columns": [dataclasses.asdict(column) for column in table.columns]}, x=x)
    return dataset


def taken(name, workspace=None) -> tuple[tuple[str, str], ...]:
    """What each column of the file was taken for of which a table is kept, ``(name, kind)``; nothing where nobody knows."""
    with contextlib.suppress(*WRONG):
        return tuple((str(column), str(kind)) for column, kind in KEPT.told(name, workspace)[TAKEN] or ())
    return ()
