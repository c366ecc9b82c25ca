"""Which part of a set the folder of a file means: that for training, for tests or for validation, by the names of folders
beside each other, whether they lie above the classes or within each."""

import os
import re
from pathlib import PurePosixPath

from gan_core.data.split_names import SHORT, SPLITS, TEST, TRAIN, VALIDATION, split_of, unaccented
from gan_core.data.texts import shown

# What may stand beside them on one side alone: train and test1, train and test_images.
PLAIN = {"data", "dataset", "set", "images", "image", "imgs", "img", "pictures", "photos", "files", "folder", "dir", "split",
         "full", "small", "large", "resized", "all", "public", "private",
         "de", "d", "del", "des", "du", "di", "da", "do", "para", "per", "pour", "for", "zum", "zur", "donnees", "datos",
         "dati", "dados", "daten", "imagenes", "imagens", "immagini", "bilder", "jeu", "ensemble", "conjunto"}
# trainA, testB: the two domains of unpaired translation.
_DOMAIN = re.compile(r"(train|training|test|testing|val|valid|validation|dev)[ _-]?([ab])", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tar\.gz|7z|rar)$", re.IGNORECASE)  # what is called so may be unpacked
_DEEPER = 3  # folders below those that all have in common in which splits are looked for
PICTURES = {"images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "leftimg8bit", "original", "originals",
            "rgb"}
MASKS = {"masks", "mask", "labels", "label", "annotations", "annotation", "annots", "segmentationclass",
         "segmentationobject", "segmentationclassaug", "segmentation", "segmentations", "trimaps", "gt", "groundtruth",
         "groundtruths", "gtfine", "gtcoarse", "labelmaps"}


def has_domains(names):
    """Whether images lie in folders such as trainA and testB, which are domains and no pairs."""
    return any(_DOMAIN.fullmatch(_ARCHIVE.sub("", part)) for name in names for part in PurePosixPath(name).parts[:-1])


def of_folder(folder):
    """``(split, domain)`` that a folder's name means; None for any other."""
    folder = _ARCHIVE.sub("", folder)
    if match := _DOMAIN.fullmatch(folder):
        return SPLITS[match[1].lower()], match[2].upper()
    split = split_of(folder)
    return (split, "") if split else None


def _words(folder):
    """``(split, the other words)`` of a folder in whose name one word means a split; None of any other."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+", unaccented(_ARCHIVE.sub("", folder)))
    parts = [part.lower() for part in parts]
    found = [part for part in parts if part in SPLITS]
    if not found and len(parts) == 2 and parts[0] in PICTURES | MASKS and parts[1] in SHORT:  # imagesTr, labelsTs
        return SHORT[parts[1]], (parts[0],)
    return (SPLITS[found[0]], tuple(part for part in parts if part not in SPLITS)) if len(found) == 1 else None


def _meant(folders):
    """``{folder: (split, what it adds to the path) or None}`` of folders beside each other, by their names alone: train and
    test; train2017 and val2017, seg_train and seg_test, where what is left of the names is the same, but for what says
    nothing; and cats_train, cats_test, dogs_train, where it is a class."""
    meant = {folder: of_folder(folder) for folder in folders}
    if all(meant.values()):
        return meant
    if all(short := {folder: SHORT.get(folder.lower()) or (meant[folder] or ("",))[0] for folder in folders}.values()):
        return {folder: (split, "") for folder, split in zip(meant, short)}
    words = {folder: told for folder in folders if (told := _words(folder))}
    for plain in (False, True):
        alike = {}
        for folder, (split, rest) in words.items():
            rest = tuple(part for part in rest if part not in PLAIN and not part.isdigit()) if plain else rest
            alike.setdefault(rest, {})[folder] = split
        whole = {rest: group for rest, group in alike.items() if {TRAIN} < set(group.values())}
        if whole and len(alike) > 1 and len(words) == len(folders) and all(rest and set(rest) - PLAIN for rest in alike):
            return {folder: (split, " ".join(rest)) for folder, (split, rest) in words.items()}
        if len(whole) == 1:
            group, = whole.values()
            # Nobody trains on what is called test beside them, whatever else it is called.
            kept = {folder: (split, "") for folder, (split, rest) in words.items()
                    if split != TRAIN and not set(rest) & MASKS}
            return dict.fromkeys(folders) | kept | {folder: (split, "") for folder, split in group.items()}
    if len(words) == len(folders) and any(told and told[0] == TRAIN for told in meant.values()):
        return {folder: (split, "") for folder, (split, _) in words.items()}  # train and TEST_SIMPLE
    return meant


def splits(names):
    """``({split: names}, stray names, {name: path below its split}, {name: the split's folder}, sentences)``: splits above
    the classes, or one within each."""
    folders = {name: PurePosixPath(name).parts[:-1] for name in names}
    depth = len(os.path.commonprefix(list(folders.values())))
    for at in range(depth, min(depth + _DEEPER, max(map(len, folders.values()), default=0))):
        deep = {name: parts for name, parts in folders.items() if len(parts) > at}
        meant, said = _by_their_folders(_meant({parts[at] for parts in deep.values()}), at, deep)
        inside = {name: parts for name, parts in deep.items() if meant[parts[at]]}
        found = {meant[parts[at]][0] for parts in inside.values()}
        if at > depth and 2 * len(inside) < len(names):
            continue  # a few folders of many
        if found == {TEST, VALIDATION} and len(inside) == len(names):
            below = {name: "/".join([*parts[:at], *parts[at + 1:], PurePosixPath(name).name])
                     for name, parts in inside.items()}
            parts = " and ".join(sorted({shown(parts[at]) for parts in inside.values()}))
            return {TRAIN: list(names)}, (), below, {}, [f"The folders {parts} are parts of a set that has none for "
                                                         "training here: all of their images are trained on."]
        # What lies beside both a training and a test part is neither: train, test and extra.
        if not {TRAIN} < found:
            continue
        splits, below, folder_of = {}, {}, {}
        for name, parts in inside.items():
            split, added = meant[parts[at]]
            splits.setdefault(split, []).append(name)
            folder_of[name] = parts[at]
            # The domain of unpaired data is a class; of the path, what is left without the split's folder.
            below[name] = "/".join([*parts[:at], *([added] if added else []), *_undoubled(parts, at, inside),
                                    PurePosixPath(name).name])
        # A class beside others that have parts may have none itself: cat/train, cat/test, dog.
        parents = {parts[:at] for parts in inside.values()}
        if at > depth and all(len(parts) == at + 1 for parts in inside.values()):
            for name, parts in folders.items():
                if name not in inside and len(parts) >= at and parts[:at] not in parents:
                    splits[TRAIN].append(name)
                    below[name] = name
        splits = {split: [name for name in names if name in set(some)] for split, some in splits.items()}
        return splits, tuple(name for name in names if name not in below), below, folder_of, said
    return {TRAIN: list(names)}, (), {name: name for name in names}, {}, []


def _by_their_folders(meant, at, deep):
    """``(meant, sentences)``, where one folder of an unknown name beside parts for tests has the folders of these: it is for
    training, as trainning and learn beside test."""
    unknown = [folder for folder, told in meant.items() if told is None]
    if len(unknown) != 1 or len(meant) < 2 or any(told and told[0] == TRAIN for told in meant.values()):
        return meant, []
    inner = {}
    for parts in deep.values():
        inner.setdefault(parts[at], set()).update(parts[at + 1:at + 2])
    first, *others = (inner[folder] for folder in sorted(meant, key=lambda folder: folder != unknown[0]))
    if len(first) < 2 or any(len(first & other) < 2 or not other <= first for other in others):
        return meant, []
    return meant | {unknown[0]: (TRAIN, "")}, [f"The folder {shown(unknown[0])} was taken for the training part, for it has "
                                               "the classes of the part for tests beside it."]


def _undoubled(parts, at, inside):
    """The folders of a file below that of its split: without one of the same name, or that means the same, in which all of
    the split lies, as an archive that was unpacked into a folder of its name leaves it."""
    rest = parts[at + 1:]
    own = [other[at + 1:] for other in inside.values() if other[at] == parts[at]]
    while rest and all(other[:1] == rest[:1] for other in own) and (
            _ARCHIVE.sub("", rest[0]).casefold() == _ARCHIVE.sub("", parts[at]).casefold()
            or of_folder(rest[0]) is not None and of_folder(rest[0]) == of_folder(parts[at])):
        rest, own = rest[1:], [other[1:] for other in own]
    return rest
