"""Labels in a file beside the images: StyleGAN's ``dataset.json``, and tables of file names and classes, .csv or .jsonl."""

import csv
import io
import json
import os
from pathlib import PurePosixPath
from typing import NamedTuple

STYLEGAN = "dataset.json"  # {"labels": [["00000/img00000000.png", 6], ...]}
TABLES = (".csv", ".tsv", ".jsonl")
DIGITS = 15  # of a label that is a number
LARGEST, MOST = 16 * 10**6, 12  # bytes of a list; lists of a set
_FILES = ("file_name", "filename", "file", "image", "image_name", "image_id", "img", "path", "image_path", "id", "name")
_LABELS = ("label", "labels", "class", "class_name", "class_id", "category", "target", "breed", "species", "diagnosis", "y")


class Told(NamedTuple):
    """Labels by the names of images, the file name of the list that they are from, and a sentence that says so."""

    label: dict
    source: str
    sentence: str


def is_list(name) -> bool:
    """Whether a file may be a list of labels."""
    return PurePosixPath(name).name == STYLEGAN or name.lower().endswith(TABLES)


def told(lists, train, test):
    """The :class:`Told` of the first of some lists that has labels for all training images, and labels of test images where
    it has them; None of none.  Lists of one name, as each split has its own, are one.

    Args:
        lists: ``{name: content}``, bytes, names as those of the images.
    """
    for short in dict.fromkeys(PurePosixPath(name).name for name in lists):
        label, words = {}, ""
        for name, content in lists.items():
            if PurePosixPath(name).name == short:
                rows, column = (_stylegan(content), "") if short == STYLEGAN else _table(name, content)
                folder = PurePosixPath(name).parent
                inside = [[image for image in part if PurePosixPath(image).is_relative_to(folder)] for part in (train, test)]
                label |= _matched(rows, *inside) or _matched(rows, train, test)
                words = words or column
        if label and all(image in label for image in train):
            return Told(label, short, f"The classes are those of {short}{words}.")
    return None


def _stylegan(content):
    try:
        listed = json.loads(content)["labels"] or []
        return {str(name): label if isinstance(label, int) else max(range(len(label)), key=label.__getitem__)
                for name, label in listed}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def _table(name, content):
    """``({file: class}, words for the column)`` of a table whose columns say that they are that."""
    try:
        text = content.decode("utf-8-sig")
        if name.lower().endswith(".jsonl"):
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            rows = list(csv.DictReader(io.StringIO(text), delimiter="\t" if name.lower().endswith(".tsv") else
                                       ";" if text[:text.find("\n")].count(";") else ","))
        columns = {str(column).strip().lower(): column for column in rows[0]}
        file, label = (next((columns[word] for word in words if word in columns), None) for words in (_FILES, _LABELS))
        if file is None:
            return {}, ""
        named = _of_columns(rows, file) if label is None else [row[label] for row in rows]
        found = {str(row[file]).strip(): value for row, value in zip(rows, named)}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, csv.Error):
        return {}, ""
    classes = {str(value).strip() for value in found.values()}
    if not all(isinstance(value, (str, int)) for value in found.values()) or "" in classes:
        return {}, ""
    if len(classes) == len(found) > 2:
        return {}, ""  # each its own: a caption, or a number, and no class
    numbers = all(value.isdigit() and value.isascii() and len(value) <= DIGITS for value in classes)
    words = ", whose columns are classes" if label is None else f", column {label}"
    return {key: int(value) if numbers else str(value).strip() for key, value in found.items()}, words


def _of_columns(rows, file):
    """The one column of each row that has a 1 where all others have a 0; ValueError where there is none."""
    classes = [column for column in rows[0] if column != file]
    if len(classes) < 2 or any(sorted(float(row[column]) for column in classes) != [0.0] * (len(classes) - 1) + [1.0]
                               for row in rows):
        raise ValueError("not one-hot")
    return [next(column for column in classes if float(row[column])) for row in rows]


def _matched(rows, train, test):
    """``{name: class}`` of the images that a list has: by their paths below one of the folders above, or by file name, with
    or without its ending, where no two have the same.  What is called like a training image is not meant in a test part."""
    top = os.path.commonprefix([PurePosixPath(name).parts[:-1] for name in [*train, *test]])
    ways = [lambda name, depth=depth: "/".join(PurePosixPath(name).parts[depth:]) for depth in range(len(top) + 1)]
    ways += [lambda name: PurePosixPath(name).name, lambda name: PurePosixPath(name).stem]
    best = {}
    for way in ways if rows else ():
        trained, tested = ({name: way(name) for name in names if way(name) in rows} for names in (train or test, test))
        tested = {name: key for name, key in tested.items() if not train or key not in trained.values()}
        unique = all(len(set(keys.values())) == len(keys) for keys in (trained, tested))
        if unique and len(trained) + len(tested) > len(best):
            best = {name: rows[key] for name, key in (trained | tested).items()}
    return best
