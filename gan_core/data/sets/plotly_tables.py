"""Two tables that Plotly ships: countries over sixty years, and what guests of a restaurant left on the table."""

import functools
import gzip
import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core.data import columns as described, csv_table
from gan_core.data.base import TABLE, Dataset, DatasetInfo
from gan_core.data.choices import Choices
from gan_core.errors import BadInput

ORDER = 52
_TEST_SHARE = 6  # one of so many


class _Table(NamedTuple):
    title: str
    choices: Choices
    note: str
    licence: str


_TABLES = {
    "gapminder": _Table(
        # The codes of a country and its place say its name again.
        "Countries, 1952 to 2007, a table of 6 columns",
        Choices(columns="iso_alpha=out, iso_num=out, centroid_lon=out, centroid_lat=out"),
        "Life expectancy, population and income of 142 countries every five years, which Plotly ships; a sixth of the rows "
        "is held out.", "CC BY 4.0 (Gapminder.org)"),
    "tips": _Table(
        "Tips in a restaurant, a table of 7 columns", Choices(),
        "244 bills, what was tipped, and by whom, which Plotly ships; a sixth of the rows is held out.",
        "MIT (Plotly); of the data themselves (Bryant and Smith 1995) none is stated"),
}


def infos(workspace=None) -> list[DatasetInfo]:
    return [_info(name) for name in _TABLES]


def load(name, size=None, workspace=None) -> Dataset:
    info = _info(name)
    info.without_size(size)
    if not info.available:
        raise BadInput(info.note)
    columns, x = _read(name)
    test = np.random.RandomState(0).permutation(len(x)) < len(x) // _TEST_SHARE  # in both the order of rows means something
    return Dataset(name, TABLE, x[~test], None, x_test=x[test], note=_TABLES[name].note, columns=columns)


def _info(name):
    known = _TABLES[name]
    try:
        columns, x = _read(name)
    except (OSError, ValueError, AttributeError, BadInput):
        return DatasetInfo(name, known.title, TABLE, (1,), (), None, False,
                           f"This version of Plotly does not ship {name}.csv.gz; choose other data.")
    return DatasetInfo(name, known.title, TABLE, x.shape[1:], (), len(x) - len(x) // _TEST_SHARE, True, known.note, columns,
                       licence=known.licence)


@functools.cache
def _read(name):
    """``(columns, rows)``; straight from the file, because Plotly takes a second to import."""
    package = Path(importlib.util.find_spec("plotly").origin).parent
    content = gzip.decompress((package / "package_data" / "datasets" / f"{name}.csv.gz").read_bytes())
    table = csv_table.read(content, f"{name}.csv", _TABLES[name].choices)
    return table.columns, described.encoded(table.columns, table.values)
