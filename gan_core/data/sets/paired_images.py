"""The user's own pairs of images: a folder or a zip with the folders ``source`` and ``target``, or ``A`` and ``B``, that
hold files of equal names, or of pictures that are two, side by side; kept in the workspace as single images are.  Folders
such as train, val and test, above the two or within both, are what their names say.

Kept files are ``datasets/<name>-<hash>-<size>.pairs.npz``: x, the targets, source, x_test and source_test of a test set, and
meta, a JSON text.
"""

import contextlib
import dataclasses
import hashlib
import os
import unicodedata
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from gan_core.data import csv_table, keeping, layout, palettes, split_folders, texts
from gan_core.data.array_files import is_array_file
from gan_core.data.base import PAIRS, Dataset
from gan_core.data.choices import AUTO, LEFT_RIGHT, NONE, NONE_MADE, SIDES
from gan_core.data.kept import DEFAULT_SIZE, KeptImages
from gan_core.data.pictures import Pictures, doubts
from gan_core.data.pixels import LEFT, MIN_SIZE, RIGHT, Unreadable, check_total, decoding, dimensions
from gan_core.data.sources import open_source
from gan_core.errors import BadInput

ORDER = 120
FOLDERS = ("A", "B")
NAMES = (("source", "target"), FOLDERS)
FEWEST = 10  # pairs, below which a model has little to learn from
NAMED = 3  # files that a sentence names before it only counts
LOOKED_AT, LARGE = 24, 256  # sources, and their pixels a side, by which label maps are told
UNEQUAL = "of which one image becomes more squares than the other"


def _dataset(name, arrays, meta):
    held = {"x_test": arrays["x_test"], "more_test": {"source": arrays["source_test"]}} if "x_test" in arrays else {}
    return Dataset(name, PAIRS, arrays["x"], None, skipped=meta["skipped"], note=meta["note"],
                   more={"source": arrays["source"]}, label_maps=meta["label_maps"], **held)


def _facts(meta):
    return _told(meta["shape"], meta["source"])


def _told(shape, source):
    return {"shape": tuple(shape), "beside": (("source", tuple(source)),)}


KEPT = KeptImages(PAIRS, "pairs", "its folder or zip", _dataset, _facts, _told(*2 * [(DEFAULT_SIZE, DEFAULT_SIZE, 3)]),
                  meta=("shape", "source", "skipped"), newer=("label_maps",), arrays=("x", "source"),
                  optional=("x_test", "source_test"))
infos, load = KEPT.infos, KEPT.load


def claims(path, choices=NONE_MADE) -> bool:
    """Whether pairs are asked for, or there are the two folders, see :func:`_folders`."""
    if choices.pairs != AUTO:
        return choices.pairs != NONE
    with contextlib.suppress(BadInput), open_source(path) as source:  # what cannot be opened is refused by who reads images
        found = _parts({entry.name: entry for entry in source.entries}, source.folders)
        # Within train and test A and B are classes, unless somebody says that they are pairs.
        return found is not None and (len(found[0]) == 1 or _names_pairs(_folders(*found[0][0])[0]))
    return False


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """The pairs as squares of ``size`` (default 32) pixels, from the workspace if they are kept there."""
    path, size = os.path.abspath(path), size or DEFAULT_SIZE
    label = texts.label(path)
    if os.path.isfile(path) and csv_table.is_table(path):
        raise BadInput(f"Pairs are made of images, and {label} is a table; choose other data, or leave "
                       f"pairs={choices.pairs} out.")
    if os.path.isfile(path) and is_array_file(path):
        raise BadInput(f"{label} holds arrays, which cannot be halved or matched by their names (pairs={choices.pairs}); "
                       "give pictures in a folder or a zip, or make pairs of the arrays by a recipe.")
    with open_source(path) as source:
        found = _side_by_side(source, label) if choices.pairs in SIDES else _in_folders(source, label)
        if choices.rename:
            choices.renamed(())
        mark = source.fingerprint()
        mark = _hashed(f"{mark} {choices.made}") if choices.made else mark
        mark = _hashed(f"{mark} test") if found.test else mark  # older versions trained on them
        # What is told to be label maps by itself is other data than what an older version kept.
        for known in (_hashed(f"{mark} palette"), mark):
            name = keeping.name_of(path, known, KEPT.names(workspace))
            if (kept := KEPT.again(name, workspace, size)) is not None:
                return kept
        dataset, snapped = _decoded(source, found, size, label, choices)
        if snapped and choices.palette == AUTO:
            mark = _hashed(f"{mark} palette")
        dataset = dataclasses.replace(dataset, name=keeping.name_of(path, mark, KEPT.names(workspace)),
                                      note=" ".join([dataset.note, *found.said]))
    if workspace is not None:
        meta = {"shape": dataset.x.shape[1:], "count": len(dataset), "source": dataset.more["source"].shape[1:],
                "skipped": dataset.skipped, "note": dataset.note, "label_maps": dataset.label_maps}
        held = {} if dataset.x_test is None else {"x_test": dataset.x_test, "source_test": dataset.more_test["source"]}
        KEPT.write(dataset.name, workspace, meta, size, x=dataset.x, source=dataset.more["source"], **held)
    return dataset


def _hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Found(NamedTuple):
    """Pairs to learn from, and those of the test set, each ``[(entry of the source, entry of the target)]``; what is not
    used and what is the test set, in sentences."""

    train: list
    test: list
    said: list


def _side_by_side(source, label):
    """:class:`Found` of pictures of two halves."""
    if not source.entries:
        raise BadInput(f"{label} holds no images (jpg, png, webp, avif, bmp, gif, tiff or pgm).")
    return _told_apart({entry.name: (entry, entry) for entry in source.entries}, [])


def _in_folders(source, label):
    """:class:`Found` of two folders of equal names.  BadInput where there are none, or one of a pair is missing."""
    entries = {entry.name: entry for entry in source.entries}
    found = _parts(entries, source.folders)
    if found is None:
        raise BadInput(f"{label} has no two folders of pairs; name them source and target, or A and B, and give both images "
                       "of a pair the same name. Of pictures side by side choose left-right or right-left.")
    parts, said = found
    matched = [_matched(*part, label) for part in parts]
    said += [beside for _, beside in matched if beside]
    if len(parts) == 2:  # train and test, with the two folders in each
        return Found(matched[0][0], matched[1][0], said)
    return _told_apart({pair[0].name: pair for pair in matched[0][0]}, said)


def _told_apart(pairs, said):
    """:class:`Found` of pairs by a name of each, some of which may lie in folders such as train and test."""
    parts, unused, told = layout.parted(pairs, "pair")
    train, test = ([pair for name, pair in pairs.items() if name in parts[part]] for part in (layout.TRAIN, layout.TEST))
    return Found(train, test, [*told, *said, *_left_out(unused)])


def _parts(entries, folders):
    """``([(images {path: entry}, paths of folders)], sentences)``: the whole, in which two folders hold pairs; or two of
    them, what trains and what tests, with the two folders in each; None where there are no pairs."""
    if _folders(entries, folders) is not None:
        return [(entries, folders)], []
    if not entries or split_folders.has_domains(entries):
        return None
    found, unused, said = layout.parted(entries)
    parts = []
    for part in (layout.TRAIN, layout.TEST):
        inside = {path: entries[name] for name, path in found[part].items()}
        parts.append((inside, {str(above) for path in inside for above in PurePosixPath(path).parents}))
    if any(_folders(*part) is None for part in parts):
        return None
    return parts, [*said, *_left_out(unused, "image")]


def _matched(entries, folders, label):
    """``(pairs, what is not used, in a sentence)`` of images ``{path: entry}`` in two of the folders (paths)."""
    first, second = _folders(entries, folders)
    one, other = _by_stem(entries, first), _by_stem(entries, second)
    classes = "" if _names_pairs(first) else f", or, where {first} and {second} are classes, rename these folders"
    if alone := sorted(one.keys() ^ other.keys()):
        where, lacking = (first, second) if alone[0] in one else (second, first)
        file = (one | other)[alone[0]][0]
        more = f" ({len(alone) - 1:,} more lack their partner, too)" if len(alone) > 1 else ""
        file = entries[f"{where}/{file}"].name
        raise BadInput(f"{label} has {file} and no such image in {lacking}{more}; give both images of a pair the "
                       f"same name{classes}.")
    # Of two files of one name and two endings each may still have a partner of its own ending.
    if double := [stem for stem in sorted(one) if max(len(one[stem]), len(other[stem])) > 1 and one[stem] != other[stem]]:
        where, files = max(((first, one[double[0]]), (second, other[double[0]])), key=lambda side: len(side[1]))
        more = f" ({len(double) - 1:,} more names are there twice, too)" if len(double) > 1 else ""
        raise BadInput(f"{label} has {' and '.join(f'{where}/{file}' for file in files[:2])}, and which of them belongs to "
                       f"the pair cannot be told{more}; leave one of them out{classes}.")
    pairs = [(entries[f"{first}/{name}"], entries[f"{second}/{partner}"])
             for stem in sorted(one) for name, partner in zip(one[stem], other[stem])]
    beside = len(entries) - 2 * len(pairs)
    return pairs, f"Not used: {keeping.number(beside, 'image')} beside {first} and {second}." if beside else ""


def _by_stem(names, folder):
    """``{path in the folder without its ending: paths}``: a label map may be a PNG, and its photograph a JPEG; and systems
    write the same letter in two ways."""
    stems = {}
    for name in sorted(_inside(names, folder)):
        stems.setdefault(unicodedata.normalize("NFC", str(PurePosixPath(name).with_suffix(""))), []).append(name)
    return stems


def _folders(names, folders):
    """The paths of the two folders of pairs, which other folders may enclose; None where there are none.

    Of ``source`` and ``target`` one may be empty.  ``A`` and ``B`` may be names of classes: they are pairs when most of
    their images have the same names in both, and when there is no third folder beside them.
    """
    names = list(names)
    if not names:
        return None
    top = PurePosixPath(*os.path.commonprefix([PurePosixPath(name).parts[:-1] for name in names]))
    for base in (top, *top.parents):
        for part in NAMES:
            first, second = (_called((base / folder).as_posix(), folders) for folder in part)
            if not (first and second):
                continue
            one, other = (_by_stem(names, folder).keys() for folder in (first, second))
            inside = sum(len(_inside(names, folder)) for folder in (first, second))
            beside = [name for name in names if PurePosixPath(name).parent != base]
            if not one and not other:
                continue
            if _names_pairs(first) or inside == len(beside) and 2 * len(one & other) > len(one | other):
                return first, second
    return None


def _called(path, folders):
    """The folder of that path, or one that is written otherwise (Source); "" of none.  Folders a and b are classes."""
    if path in folders or PurePosixPath(path).name in FOLDERS:
        return path if path in folders else ""
    return next((folder for folder in sorted(folders) if folder.lower() == path.lower()), "")


def _names_pairs(folder):
    return PurePosixPath(folder).name.lower() == NAMES[0][0]


def _decoded(origin, found, size, label, choices):
    """``(dataset, whether its sources are label maps)``."""
    pairs, tested = [*found.train, *found.test], []
    halves = {LEFT_RIGHT: (LEFT, RIGHT), "right-left": (RIGHT, LEFT)}.get(choices.pairs, ("", ""))
    colours = _palette(origin, pairs, choices, halves[0])
    sources, targets = (Pictures(size, choices, len(pairs), half=half, crisp=crisp)
                        for half, crisp in zip(halves, (colours is not None, False)))
    used, unlike, unused = 0, 0, {}
    with decoding():
        for number, pair in enumerate(pairs):
            both = []
            try:
                for side, entry in zip((sources, targets), pair):
                    both.append(side.decoded(origin.read(entry)))
            except Unreadable as error:
                unused.setdefault(error.why, []).append(pair[len(both)].name)
                continue
            source, target = both
            if len(source.squares) != len(target.squares):
                unused.setdefault(UNEQUAL, []).append(pair[0].name)
                continue
            unlike += source.shape != target.shape
            sources.add(source)
            tested += [number >= len(found.train)] * targets.add(target)
            used += 1
    test = np.array(tested, bool)
    if (~test).sum() < 2:
        said = (f"{label} holds {(~test).sum()} usable of {keeping.number(len(found.train), 'pair')}; a dataset needs at "
                "least two.")
        raise BadInput(" ".join([said, *_left_out(unused)]))
    (source, of_source), (target, of_target) = sources.together(), targets.together()
    check_total(2 * len(target), size, max(source.shape[-1], target.shape[-1]))
    said = [f"Imported from {label}.", *_left_out(unused)]
    if unlike:
        said.append(f"Of {keeping.number(unlike, 'pair')} the two images differ in size: each became a square by itself.")
    if colours is not None:
        if source.shape[-1] < colours.shape[-1]:
            source = np.repeat(source, colours.shape[-1], axis=-1)
        source = palettes.snapped(source, colours)
        said.append(f"The sources are label maps of {len(colours)} colours: each pixel has one of them.")
    if (~test).sum() < FEWEST:
        said.append(f"{(~test).sum()} pairs are few: a model learns them by heart, and nothing that others have in common.")
    note = " ".join([*said, *_of_both(of_source, of_target), *doubts(target)])
    held = {"x_test": target[test], "more_test": {"source": source[test]}} if test.any() else {}
    dataset = Dataset("", PAIRS, target[~test], None, skipped=len(pairs) - used, note=note,
                      more={"source": source[~test]}, label_maps=colours is not None, **held)
    return dataset, colours is not None


def _left_out(pairs, noun="pair"):
    """A sentence on the pairs that are not used, with their number and a few names for each reason."""
    told = [f"{keeping.number(len(names), noun)} {why} ({', '.join(map(texts.shown, names[:NAMED]))}"
            f"{', ...' if len(names) > NAMED else ''})" for why, names in pairs.items()]
    return [f"Not used: {'; '.join(told)}."] if told else []


def _of_both(of_source, of_target):
    """What was done to both sides, and what to one of them alone, which then is named."""
    both = [sentence for sentence in of_target if sentence in of_source]
    alone = [f"Of the {side}: {sentence[0].lower()}{sentence[1:]}" for side, said in (("targets", of_target),
                                                                                     ("sources", of_source))
             for sentence in said if sentence not in both]
    return [*both, *alone]


def _palette(origin, pairs, choices, half):
    """The colours of the sources where they are label maps, None where they are pictures."""
    if choices.palette == NONE:
        return None
    side = LARGE
    with contextlib.suppress(Unreadable):  # no larger than they are: JPEG's mixtures would become patches
        width, height = dimensions(origin.read(pairs[0][0]))
        side = max(MIN_SIZE, min(LARGE, width // 2 if half else width, height))
    some = Pictures(side, choices, LOOKED_AT, half=half, crisp=True)
    with decoding():
        for source, _ in pairs[::max(1, len(pairs) // LOOKED_AT)][:LOOKED_AT]:
            with contextlib.suppress(Unreadable):
                some.add(some.decoded(origin.read(source)))
    maps, _ = some.together()
    if not len(maps) or maps.shape[-1] == 4:
        return None
    return palettes.found(maps, None if choices.palette == AUTO else int(choices.palette))


def _inside(names, folder):
    return {name.removeprefix(f"{folder}/") for name in names if name.startswith(f"{folder}/")}
