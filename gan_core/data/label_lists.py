"""Labels in a file beside the images: StyleGAN's ``dataset.json``, and tables of file names and classes, .csv or .jsonl."""

import csv
import json
import os
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from gan_core.data import texts
from gan_core.data.split_names import TEST, TRAIN, VALIDATION, split_of, squeezed

STYLEGAN = "dataset.json"  # {"labels": [["00000/img00000000.png", 6], ...]}
TABLES = (".csv", ".tsv", ".jsonl")
LARGEST, MOST = 16 * 10**6, 12  # bytes of a list; lists of a set
# Columns are known in small letters, without accents and what parts their words, and in the singular.
_FILES = ("filename", "file", "image", "imagename", "imagefile", "imageid", "img", "imgname", "path", "filepath",
          "imagepath", "imgpath", "id", "name")
LABELS = ("label", "labelname", "class", "classname", "classid", "classlabel", "category", "target", "breed", "species",
          "diagnosis", "y", "dx", "klasse", "kategorie", "clase", "classe", "categoria", "etiqueta", "etichetta", "klass",
          "klasa", "etykieta", "sinif", "etiket", "класс", "метка", "категория", "клас", "标签", "类别", "標籤", "類別",
          "ラベル", "クラス", "라벨", "레이블", "클래스")
_PARTS = ("split", "subset", "partition", "dataset", "set", "fold", "usage", "part")
_SURELY_PARTS = ("split", "subset", "partition", "usage")  # of which it is said where their words are not understood
_IS_PART = {f"is{word}": part for part, words in {TEST: ("test", "testset", "testing"), TRAIN: ("train", "training"),
                                                  VALIDATION: ("val", "valid", "validation")}.items() for word in words}
_YES, _NO = {"1", "1.0", "true", "yes", "y", "t"}, {"0", "0.0", "false", "no", "n", "f"}
# What pandas, databases and spreadsheets write where there is no label.
_MISSING = {"nan", "<na>", "n/a", "#n/a", "null", "nat"}
_LOOKED_AT = 500  # rows by which the column of file names is found
_MOST_NAMED = 8  # columns in a sentence
_WHOLE = re.compile(r"(-?\d{1,15})(\.0+)?", re.ASCII)  # 3.0 is what pandas makes of 3 beside a missing value


class Told(NamedTuple):
    """Labels by the names of images, the file name of the list that they are from, a sentence that says so, and the part of
    the set that the list says an image is in, by its name; {} where it does not say."""

    label: dict
    source: str
    sentence: str
    splits: dict = {}


class _Listed(NamedTuple):
    """What one list says: the class of each file, the part of the set that it is in, words for the column of classes, why it
    cannot be used, and what else of it was not."""

    label: dict = {}
    splits: dict = {}
    column: str = ""
    wrong: str = ""
    doubt: str = ""


def is_list(name) -> bool:
    """Whether a file may be a list of labels."""
    return PurePosixPath(name).name == STYLEGAN or name.lower().endswith(TABLES)


def told(lists, train, test):
    """``(Told, sentences)``: of the first of some lists that has labels for more than half of the training images, and
    labels of test images where it has them; None of none.  The sentences say which lists were not used though they have
    labels.  Lists of one name, as each split has its own, are one.

    Args:
        lists: ``{name: content}``, bytes, names as those of the images.
    """
    found, said = None, []
    known = {part for name in (*train, *test) for part in (PurePosixPath(name).name, PurePosixPath(name).stem)}
    for short in dict.fromkeys(PurePosixPath(name).name for name in lists):
        label, parts, words, why, doubt = {}, {}, "", "", ""
        for name, content in lists.items():
            if PurePosixPath(name).name == short:
                listed = _stylegan(content) if short == STYLEGAN else _table(name, content, known)
                folder = PurePosixPath(name).parent
                inside = [[image for image in part if PurePosixPath(image).is_relative_to(folder)]
                          for part in (train, test)]
                label |= _matched(listed.label, *inside) or _matched(listed.label, train, test)
                parts |= _matched(listed.splits, train, ())
                words, why, doubt = words or listed.column, why or listed.wrong, doubt or listed.doubt
        count = sum(image in label for image in train)
        if label and 2 * count > len(train):
            if found is None:
                found = Told(label, short, f"The classes are those of {texts.shown(short)}{words}.", parts)
                said += [f"Of {texts.shown(short)} {doubt}."] if doubt else []
            else:
                said.append(f"{texts.shown(short)} has labels, too, and was not used.")
        elif why:
            said.append(f"The labels in {texts.shown(short)} were not used: {why}.")
        elif count:
            said.append(f"The labels in {texts.shown(short)} were not used: it has those of {count:,} of {len(train):,} "
                        "training images, and of more than half they are needed.")
    return found, said


def _stylegan(content):
    """What StyleGAN writes; nothing where it has no labels at all."""
    try:
        listed = json.loads(content)["labels"] or []
        listed = listed.items() if isinstance(listed, dict) else listed
        listed = [(_key(name), label) for name, label in listed if label is not None]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _Listed()
    try:
        return _Listed({name: _class(label) for name, label in listed})
    except (ValueError, TypeError):
        return _Listed(wrong="they are not one class an image")


def _class(label):
    """A class as a whole number or a text, of what a list has in its place; ValueError where that is no class."""
    if isinstance(label, (bool, dict)):
        raise ValueError("no class")
    if isinstance(label, int):
        return label
    if isinstance(label, (str, float)):
        text = texts.shown(str(label))
        return int(_WHOLE.fullmatch(text)[1]) if _WHOLE.fullmatch(text) else text
    return _place(label)


def _table(name, content, known):
    """A table that lists images; ``known`` are the names of those that there are."""
    nothing = _Listed()
    try:
        rows, header = _rows(name, content, known)
        columns = {squeezed(column).removesuffix("s"): column for column in reversed(header)}
        file, label = (_column(columns, words) for words in (_FILES, LABELS))
        split = _column(columns, _PARTS)
        if not _lists(rows, file, known):
            others = (column for column in header if column not in (label, split))
            file = next((column for column in others if _lists(rows, column, known, each=True)), file)
        is_part = next((column for word, column in columns.items() if word in _IS_PART), None) if split is None else None
        if file is None:
            return nothing
        if header.count(label) > 1:
            return _Listed(wrong=f"several of its columns are called {texts.brief(label)}")
        others = [column for column in header if column not in (file, split, is_part) and squeezed(column)]
        alone = label is None and len(others) == 1
        label = others[0] if alone else label
        try:
            named = _of_columns(rows, file) if label is None else [row[label] for row in rows]
        except (ValueError, TypeError):
            if not others or not _lists(rows, file, known):
                return nothing
            some = ", ".join(map(texts.brief, others[:_MOST_NAMED])) + (", ..." if len(others) > _MOST_NAMED else "")
            return _Listed(wrong=f"in which of its columns ({some}) they are cannot be told; call that one label")
        found = {_key(row[file]): value for row, value in zip(rows, named)}
        if any(found[_key(row[file])] != value for row, value in zip(rows, named)):
            return nothing if alone else _Listed(wrong="some images are in several of its classes")
        parts, doubt = _of_parts(rows, file, split, is_part)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, csv.Error):
        return nothing
    if not all(value is None or isinstance(value, (str, int, float)) for value in found.values()):
        return nothing
    found = {key: value for key, given in found.items() if given is not None and (value := texts.shown(str(given)))
             and value.lower() not in _MISSING}
    classes = set(found.values())
    if len(classes) == len(found) > 2 or alone and 2 * len(classes) > len(found):
        return nothing  # each its own: a caption, or a number, and no class
    numbers = all(map(_WHOLE.fullmatch, classes))
    words = ", whose columns are classes" if label is None else f", column {texts.shown(label)}"
    found = {key: int(_WHOLE.fullmatch(value)[1]) if numbers else value for key, value in found.items()}
    return _Listed(found, parts, words, doubt=doubt)


def _rows(name, content, known):
    """``(rows as {column: value}, columns)`` of a table; of one without a header the columns are numbers."""
    text = texts.decoded(content)
    if name.lower().endswith(".jsonl"):
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        return rows, list(rows[0])
    delimiter, lines = texts.table(text)
    header = next(csv.reader(lines, delimiter=delimiter), [])
    if any(_names(value) & known for value in header) and len(header) > 1:
        delimiter, lines = texts.table(text)
        header = [str(number) for number in range(1, len(header) + 1)]
    return list(csv.DictReader(lines, header, delimiter=delimiter)), header


def _column(columns, words):
    """The first of the columns that one of these words means."""
    return next((columns[word] for word in (squeezed(word).removesuffix("s") for word in words) if word in columns), None)


def _lists(rows, column, known, each=False):
    """Whether a column has the names of images that there are; ``each`` in one row alone, as small numbers seldom are."""
    seen = [row.get(column) for row in rows[:_LOOKED_AT]]
    if each and len(set(map(str, seen))) < len(seen):
        return False
    return column is not None and 2 * sum(isinstance(name, str) and bool(_names(name) & known) for name in seen) > len(seen)


def _names(value):
    path = PurePosixPath(_key(value))
    return {path.name, path.stem}


def _of_parts(rows, file, split, is_part):
    """``({file: part of the set}, what of it was not used)``, by a column of words, or by one that says yes and no."""
    if is_part is not None:
        part = _IS_PART[squeezed(is_part).removesuffix("s")]
        said = {_key(row[file]): str(row[is_part]).strip().lower() for row in rows}
        if set(said.values()) <= _YES | _NO:
            other = TEST if part == TRAIN else TRAIN
            return {key: part if value in _YES else other for key, value in said.items()}, ""
        return {}, f"the column {texts.brief(is_part)} was not used, for it says more than yes and no"
    parts = {} if split is None else {_key(row[file]): split_of(row[split]) for row in rows}
    if None not in parts.values():
        return parts, ""
    said = split is not None and squeezed(split).removesuffix("s") in _SURELY_PARTS
    return {}, f"the column {texts.brief(split)} was not used, for not all of its words mean train, test or val" * said


def _key(name):
    """A file's name in a list as that of an image is written: with "/" between, whatever system wrote it."""
    return str(name).strip().replace("\\", "/").removeprefix("./")


def _of_columns(rows, file):
    """The one column of each row that has a 1 where all others have a 0; ValueError where there is none."""
    classes = [column for column in rows[0] if column != file]
    return [classes[_place([float(row[column]) for column in classes])] for row in rows]


def _place(values):
    """Where the one 1 is among zeros; ValueError where they are something else."""
    if len(values) < 2 or sorted(values) != [0] * (len(values) - 1) + [1]:
        raise ValueError("not one-hot")
    return list(values).index(1)


def _matched(rows, train, test):
    """``{name: class}`` of the images that a list has: by their paths below one of the folders above, or by file name, with
    or without its ending, where no two have the same.  What is called like a training image is not meant in a test part."""
    top = os.path.commonprefix([PurePosixPath(name).parts[:-1] for name in [*train, *test]])
    ways = [lambda name, depth=depth: "/".join(PurePosixPath(name).parts[depth:]) for depth in range(len(top) + 1)]
    ways += [lambda name: PurePosixPath(name).name, lambda name: PurePosixPath(name).stem]
    best = {}
    for listed in (rows, _short(rows, "name"), _short(rows, "stem")):  # a list that was made elsewhere has other paths
        for way in ways if listed else ():
            trained, tested = ({name: way(name) for name in names if way(name) in listed} for names in (train or test, test))
            tested = {name: key for name, key in tested.items() if not train or key not in trained.values()}
            unique = all(len(set(keys.values())) == len(keys) for keys in (trained, tested))
            if unique and len(trained) + len(tested) > len(best):
                best = {name: listed[key] for name, key in (trained | tested).items()}
    return best


def _short(rows, part):
    """A list by a part of its paths; empty where two have the same, for then nobody knows which is meant."""
    names = [getattr(PurePosixPath(key), part) for key in rows]
    return dict(zip(names, rows.values())) if len(set(names)) == len(names) else {}
