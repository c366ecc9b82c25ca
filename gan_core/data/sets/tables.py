"""Two small tables that scikit-learn ships: measurements of wines and of tumours, with their classes as labels."""

import csv
import functools
import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gan_core.data import column_kinds, columns as described
from gan_core.data.base import TABLE, Dataset, DatasetInfo
from gan_core.errors import BadInput

ORDER = 50
_TEST_EVERY = 6


class _Table(NamedTuple):
    title: str
    file: str
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    note: str


_SIZES = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
          "fractal dimension")
_TABLES = {
    "wine": _Table(
        "Wines, a table of 13 numbers", "wine_data.csv",
        ("alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
         "nonflavanoid phenols", "proanthocyanins", "colour intensity", "hue", "OD280/OD315", "proline"),
        ("class 0", "class 1", "class 2"),
        "178 chemical analyses of wines of three growers, which scikit-learn ships; every sixth is held out."),
    "breast_cancer": _Table(
        "Breast cancer, a table of 30 numbers", "breast_cancer.csv",
        tuple(f"{kind} {size}" for kind in ("mean", "error of", "worst") for size in _SIZES), ("malignant", "benign"),
        "569 measurements of cell nuclei (Wisconsin), which scikit-learn ships; every sixth is held out."),
}


def infos(workspace=None) -> list[DatasetInfo]:
    return [_info(name) for name in _TABLES]


def load(name, size=None, workspace=None) -> Dataset:
    """Standardised numbers, float32 (N, 13 or 30), and the classes as labels."""
    info, known = _info(name), _TABLES[name]
    info.without_size(size)
    if not info.available:
        raise BadInput(info.note)
    columns, x, y = _read(name)
    test = np.arange(len(x)) % _TEST_EVERY == _TEST_EVERY - 1
    return Dataset(name, TABLE, x[~test], y[~test], known.classes, x[test], y[test], note=known.note, columns=columns)


def _info(name):
    known = _TABLES[name]
    try:
        columns, x, _ = _read(name)
    except (OSError, ValueError, AttributeError):
        return DatasetInfo(name, known.title, TABLE, (len(known.columns),), known.classes, None, False,
                           f"This version of scikit-learn does not ship {known.file}; choose other data.")
    return DatasetInfo(name, known.title, TABLE, x.shape[1:], known.classes, len(x) - len(x) // _TEST_EVERY, True,
                       known.note, columns, licence="CC BY 4.0 (UCI Machine Learning Repository)")


@functools.cache
def _read(name):
    """``(columns, rows, labels)``; straight from the file, because scikit-learn takes seconds to import."""
    known = _TABLES[name]
    package = Path(importlib.util.find_spec("sklearn").origin).parent
    with open(package / "datasets" / "data" / known.file, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    *values, labels = zip(*rows)
    values = [[float(text) for text in column] for column in values]
    decimals = [max(map(column_kinds.decimals_of, column)) for column in list(zip(*rows))[:-1]]
    columns = tuple(described.number(title, column, places)
                    for title, column, places in zip(known.columns, values, decimals, strict=True))
    return columns, described.encoded(columns, values), np.array(labels, np.int32)
