"""Tables among what is scored: rows of .csv files as files of samples would have them, and what their columns are."""

import json
from pathlib import Path

import numpy as np

from gan_core.data import TABLE, DataSpec, csv_table
from gan_core.data import columns as described
from gan_core.data.choices import NONE_MADE
from gan_core.data.columns import Column
from gan_core.errors import BadInput
from gan_core.modalities.base import modality


def read(path, columns=None, choices=NONE_MADE):
    """The rows of a .csv or .parquet file as an .npz file would have them: as the ``columns`` say, or as they themselves do
    and ``choices`` say of them."""
    if not Path(path).is_file():
        raise BadInput(f"There is no file {path}.")
    if columns is None:
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
        table = csv_table.read(content, Path(path).name, choices)
        columns, samples = table.columns, described.encoded(table.columns, table.values)
    else:
        width = sum(column.width for column in columns)
        samples = modality(TABLE).load(path, DataSpec(TABLE, (width,), columns=tuple(columns))).samples
    return {"samples": samples, "kind": np.array(TABLE), "columns": columns}


def columns_of(content, name):
    """The columns of the real rows, by which others are read; BadInput where their file does not say."""
    if columns := _described(content):
        return columns
    raise BadInput(f"{name} does not say what the columns of its table are, so that no .csv file can be read by them; give "
                   "the real table as .csv, too.")


def _described(content):
    """The columns that a file says it has; none where it says nothing, or what cannot be."""
    try:
        columns = content.get("columns", ())
        columns = columns if isinstance(columns, tuple) else tuple(map(Column.from_dict, json.loads(str(columns))))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ()
    samples = content.get("samples")
    return columns if np.shape(samples)[1:] == (sum(column.width for column in columns),) else ()


def common(pair):
    """The columns of two tables; none where no file says; BadInput where they are not the same."""
    real, fake = (_described(content) for content in (pair.real, pair.fake))
    if real and fake and real != fake:
        raise BadInput(f"The columns of {pair.names[1]} are not encoded as those of {pair.names[0]}, so that their numbers "
                       "mean something else; give both tables as .csv.")
    return real or fake
