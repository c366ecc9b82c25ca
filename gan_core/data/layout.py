"""What the names of a set's files mean: which of them train, which test, in which class each is, and which are none of it.

Nothing is guessed in silence: :attr:`Layout.sentences` say what was taken for what.
"""

import json
import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePosixPath

TRAIN, TEST, VALIDATION = "train", "test", "validation"
SPLITS = {word: split for split, words in {
    TRAIN: ("train", "training", "trn", "train_set", "trainset", "training_set"),
    TEST: ("test", "testing", "tst", "test_set", "testset", "eval", "evaluation", "holdout", "held_out"),
    VALIDATION: ("val", "valid", "validation", "dev", "val_set", "validation_set")}.items() for word in words}
# trainA, testB: the two domains of unpaired translation.
_DOMAIN = re.compile(r"(train|test|val)[ _-]?([ab])", re.IGNORECASE)
LABELS = "dataset.json"  # StyleGAN's: {"labels": [["00000/img00000000.png", 6], ...]}
# What systems leave in people's folders.
LITTER = {"@eadir", "#recycle", "$recycle.bin", "lost+found", "system volume information", "__macosx", "thumbs.db",
          "desktop.ini", "ehthumbs.db", "thumbnails", "thumbs", "_thumbs", "picasa.ini"}
BESIDE, FOR_VALIDATION, IN_NO_CLASS = "beside the folders", "for validation", "in no class folder"


@dataclass(frozen=True)
class Layout:
    """Attributes:
        train, test: names of files, in order.
        label: ``{name of a file: its class}`` of both; empty without labels.
        classes: names of the classes in order.
        unused: ``{why: names of files}`` of images that are neither.
        sentences: what was taken for what, where that is not plain.
    """

    train: tuple[str, ...]
    test: tuple[str, ...] = ()
    label: dict[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    unused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()

    @property
    def plain(self):
        """Whether all files train, and their folders, if any, are classes in the order of the alphabet."""
        return not self.test and not self.unused and not self.sentences and list(self.classes) == sorted(self.classes)


def is_litter(name):
    """Whether a path below the set's top is hidden, or lies where systems put what is none of the set."""
    return any(part.startswith(".") and part != "." or part.lower() in LITTER for part in PurePosixPath(name).parts)


def natural(text):
    """By which names are sorted as people count: 2 before 10."""
    return [(0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part.casefold())
            for part in re.split(r"(\d+)", unicodedata.normalize("NFC", text)) if part], text


def of(names, labels=None) -> Layout:
    """The :class:`Layout` of images of these names, paths with "/" between.

    Args:
        labels: the content of a ``dataset.json``, bytes, if there is one.
    """
    names = sorted(names, key=lambda name: natural(name)[0])
    parts, strays, below = _splits(names)
    train, test = parts.get(TRAIN, ()), parts.get(TEST, ())
    unused = {BESIDE: strays} if strays else {}
    if VALIDATION in parts and test:
        unused[FOR_VALIDATION] = parts[VALIDATION]
    elif VALIDATION in parts:
        test = parts[VALIDATION]
    sentences = []
    if test:
        sentences.append(f"{_number(len(test), 'image')} of the folder{_folders(test)} are the test set and not trained on.")
    told = None if labels is None else _told(labels, [*train, *test])
    if told is not None:
        classes = sorted(set(told.values()))
        sentences.append(f"The classes are those of {LABELS}.")
        return Layout(tuple(train), tuple(test), {name: classes.index(number) for name, number in told.items()},
                      tuple(map(str, classes)), unused, tuple(sentences))
    classes, label, loose, words = _classes({name: below[name] for name in [*train, *test]})
    sentences += words
    if loose and label:
        unused[IN_NO_CLASS] = tuple(loose)
        train, test = ([name for name in part if name in label] for part in (train, test))
    return Layout(tuple(train), tuple(test), label, classes, unused, tuple(sentences))


def _number(count, noun):
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _folders(names):
    tops = sorted({part for name in names for part in PurePosixPath(name).parts[:-1] if _split_of(part)}, key=natural)
    return f"{'s' if len(tops) > 1 else ''} {', '.join(tops)}" if tops else ""


def _split_of(folder):
    """``(split, domain)`` that a folder's name means; None for any other."""
    if match := _DOMAIN.fullmatch(folder):
        return SPLITS[match[1].lower()], match[2].upper()
    split = SPLITS.get(re.sub(r"[ -]", "_", folder.lower()))
    return (split, "") if split else None


def _splits(names):
    """``({split: names}, stray names, {name: path below its split})``: splits above the classes, or one within each."""
    folders = {name: PurePosixPath(name).parts for name in names}
    depth = len(os.path.commonprefix([parts[:-1] for parts in folders.values()]))
    for at in (depth, depth + 1):
        inside = {name: parts for name, parts in folders.items() if len(parts) > at + 1}
        words = {parts[at] for parts in inside.values()}
        meant = {word: _split_of(word) for word in words}
        if len(words) > 1 and all(meant.values()) and {TRAIN} < {split for split, _ in meant.values()}:
            splits = {}
            for name, parts in inside.items():
                splits.setdefault(meant[parts[at]][0], []).append(name)
            # The domain of unpaired data is a class; of the path, what is left without the split's folder.
            below = {name: "/".join([*parts[:at], *filter(None, [meant[parts[at]][1]]), *parts[at + 1:]])
                     for name, parts in inside.items()}
            return splits, tuple(name for name in names if name not in inside), below
    return {TRAIN: list(names)}, (), {name: name for name in names}


def _classes(below):
    """``(classes, {name: label}, names in no class, sentences)`` by the first folder below the deepest one common to all."""
    folders = {name: PurePosixPath(path).parts[:-1] for name, path in below.items()}
    depth = len(os.path.commonprefix(list(folders.values())))
    if all(len(parts) == depth for parts in folders.values()):
        return (), {}, (), []
    loose = [name for name, parts in folders.items() if len(parts) == depth]
    if 2 * len(loose) >= len(below):
        said = f"{_number(len(loose), 'image')} of {len(below):,} lie in no class folder, so that none has a label."
        return (), {}, (), [said]
    if loose:  # what lies in folders may have more folders in common
        classes, label, more, sentences = _classes({name: path for name, path in below.items() if name not in set(loose)})
        return classes, label, (*loose, *more), sentences
    named = {name: unicodedata.normalize("NFC", parts[depth]) for name, parts in folders.items()}
    if _are_shards({name: (folder, PurePosixPath(name).stem) for name, folder in named.items()}):
        return (), {}, (), [f"Its {len(set(named.values())):,} numbered folders are parts of one set and no classes."]
    classes = sorted(set(named.values()), key=natural)
    number = {folder: index for index, folder in enumerate(classes)}
    return tuple(classes), {name: number[folder] for name, folder in named.items()}, tuple(loose), []


def _are_shards(places):
    """Whether folders are numbered parts: 00000, 00001, ... as StyleGAN writes them, or the thousands of their files."""
    numbers = [folder for folder, _ in places.values()]
    if not all(folder.isdigit() and folder.isascii() for folder in numbers):
        return False
    if all(len(folder) == 5 for folder in numbers):
        return True
    digits = {name: re.search(r"(\d+)$", stem) for name, (_, stem) in places.items()}
    return all(digits.values()) and any(
        all(int(digits[name][1]) // size == int(folder) for name, (folder, _) in places.items()) for size in (1000, 10_000))


def _told(content, names):
    """``{name: number of its class}`` as a ``dataset.json`` says; None where it has no labels for all."""
    try:
        listed = json.loads(content)["labels"] or []
        by_name = {str(name): label if isinstance(label, int) else max(range(len(label)), key=label.__getitem__)
                   for name, label in listed}
    except (ValueError, KeyError, TypeError):
        return None
    top = os.path.commonprefix([PurePosixPath(name).parts[:-1] for name in names])
    for depth in range(len(top) + 1):  # the paths in it begin where it lies
        told = {name: by_name.get("/".join(PurePosixPath(name).parts[depth:])) for name in names}
        if all(label is not None for label in told.values()):
            return told
    return None
