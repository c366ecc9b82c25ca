"""What the names of a set's files mean: which of them train, which test, in which class each is, and which are none of it.

Nothing is guessed in silence: :attr:`Layout.sentences` say what was taken for what.
"""

import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from gan_core.data import label_lists, split_folders
from gan_core.data.split_folders import MASKS, PICTURES
from gan_core.data.split_names import TEST, TRAIN, VALIDATION, squeezed
from gan_core.data.texts import shown

_HASH = re.compile(r"[0-9a-fA-F]{16,}")
MANY, FEW = 20, 3  # images from which on classes of one or two are remarkable; names in a sentence
# Folders that somebody has cut a set into, by number.
_PARTS = re.compile(r"(?P<word>fold|part|batch|shard|chunk|split|subset|set|dataset|data|disk|vol|volume|archive|images|"
                    r"imgs|img|photos|pictures|files|folder|teil|partie|parte)[ _.-]*\(?\d+\)?", re.IGNORECASE)
# What systems leave in people's folders, and how the files begin or end that editors and half downloads leave.
LITTER = {"@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin", "recycler", "lost+found",
          "found.000", "system volume information", "network trash folder", "temporary items", "__macosx", "__pycache__",
          "thumbs.db", "desktop.ini", "ehthumbs.db", "thumbnails", "thumbs", "_thumbs", "picasa.ini", "@tmp", "@sharebin",
          "@transcode", "@synoresource", "@database", "@appstore", "@apphome", "@docker", "@__thumb", "_vti_cnf", "_vti_pvt",
          "node_modules", "folder.jpg", "albumartsmall.jpg", "zbthumbnail.info", "icon\r"}
LEFT_BEFORE = (".", "~$")
LEFT_AFTER = ("~", ".bak", ".orig", ".swp", ".tmp", ".part", ".partial", ".crdownload", ".download")
BESIDE, FOR_VALIDATION, IN_NO_CLASS = "beside the folders", "for validation", "in no class folder"
MASKED, WITHOUT_LABEL = "masks beside the images", "without a label"
UNTRAINED = "for tests, in classes that no training image is in"


@dataclass(frozen=True)
class Layout:
    """Attributes:
        train, test: names of files, in order.
        label: ``{name of a file: its class}`` of both; empty without labels.
        classes: names of the classes in order.
        unused: ``{why: names of files}`` of images that are neither.
        sentences: what was taken for what, where that is not plain.
        remarks: what may have been meant otherwise, though it was taken as it always is.
        listed: the file name of the list beside the images that the classes are from; "" of none.
    """

    train: tuple[str, ...]
    test: tuple[str, ...] = ()
    label: dict[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    unused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    listed: str = ""

    @property
    def plain(self):
        """Whether all files train, and their folders, if any, are classes in the order of the alphabet."""
        return not self.test and not self.unused and not self.sentences and list(self.classes) == sorted(self.classes)


def is_litter(name):
    """Whether a path below the set's top is hidden, or lies where systems put what is none of the set."""
    parts = PurePosixPath(name).parts
    return parts[-1].lower().endswith(LEFT_AFTER) or any(
        part.startswith(LEFT_BEFORE) and part != "." or part.lower() in LITTER for part in parts)


def natural(text):
    """By which names are sorted as people count: 2 before 10."""
    return [(0, len(part.lstrip("0")), part.lstrip("0")) if part.isdigit() and part.isascii() else (1, 0, part.casefold())
            for part in re.split(r"(\d+)", unicodedata.normalize("NFC", text)) if part], text


def of(names, lists=None) -> Layout:
    """The :class:`Layout` of images of these names, paths with "/" between.

    Args:
        lists: ``{name: bytes}`` of the files beside them that may hold labels, see :mod:`gan_core.data.label_lists`.
    """
    names = sorted(names, key=lambda name: natural(name)[0])
    parts, strays, below, folder_of, of_splits = split_folders.splits(names)
    train, test = parts.get(TRAIN, ()), parts.get(TEST, ())
    unused = {BESIDE: strays} if strays else {}
    if VALIDATION in parts and test:
        unused[FOR_VALIDATION] = parts[VALIDATION]
    elif VALIDATION in parts:
        test = parts[VALIDATION]
    # A list that is made for it says more than folders; any other table only where these say nothing.
    made = {name: content for name, content in (lists or {}).items() if PurePosixPath(name).name == label_lists.STYLEGAN}
    told, on_lists = label_lists.told(made, train, test)
    classes, label, loose, masks, words, by_list = (), {}, (), (), [], False
    if told is None:
        classes, label, loose, masks, words = _classes({name: below[name] for name in [*train, *test]},
                                                      set(train))
    if masks:
        unused[MASKED] = tuple(masks)
        train, test = ([name for name in part if name not in set(masks)] for part in (train, test))
    if not label and not told:
        told, on_lists = label_lists.told(lists or {}, train, test)
    if not label and told:
        if not test and TRAIN in (named := {told.splits.get(name, TRAIN) for name in train}) and len(named) > 1:
            by_split = {split: [name for name in train if told.splits.get(name, TRAIN) == split] for split in named}
            train, test = by_split[TRAIN], by_split.get(TEST) or by_split[VALIDATION]
            if TEST in by_split and VALIDATION in by_split:
                unused[FOR_VALIDATION] = tuple(by_split[VALIDATION])
            by_list = True
        classes = sorted(set(told.label.values()), key=lambda value: value if isinstance(value, int) else natural(value))
        label, words = {name: classes.index(value) for name, value in told.label.items()}, [told.sentence]
        loose = [name for name in (*train, *test) if name not in label]
    if loose and label:
        unused[WITHOUT_LABEL if told else IN_NO_CLASS] = tuple(loose)
        train, test = ([name for name in part if name in label] for part in (train, test))
    trained = {label[name] for name in train} if label else set()
    odd = sorted({label[name] for name in test} - trained) if label else []
    if test and odd and not trained.intersection(label[name] for name in test):
        unused[UNTRAINED], test = tuple(test), []  # folders that are no classes, or of another set
        classes = [name for number, name in enumerate(classes) if number in trained]
        label = {name: sorted(trained).index(label[name]) for name in train}
    folders = sorted({folder_of[name] for name in test if name in folder_of}, key=natural)
    said = [_on_tests(len(test), "image", folders)] if folders else []
    if by_list and test:
        of_splits = [*of_splits, f"{_are(len(test), 'image')} the test set and not trained on, as {shown(told.source)} "
                                 "says."]
    names_of_classes = tuple(shown(str(name)) for name in classes)
    return Layout(tuple(train), tuple(test), label, names_of_classes, unused, (*said, *of_splits, *words),
                  (*(_remarks(classes, label, below) if not told else ()), *_on_odd(odd if test else (), names_of_classes),
                   *on_lists), told.source if told else "")


def parted(names, noun="image"):
    """``({TRAIN: {name: path}, TEST: {name: path}}, {why: names of neither}, what is the test set, in sentences)`` of images
    that have no classes, such as pairs: paths are without the split's folder.

    Of ``trainA`` and ``testB`` a path begins with the domain: A or B.
    """
    splits, strays, below, folder_of, said = split_folders.splits(sorted(names, key=lambda name: natural(name)[0]))
    test, unused = splits.get(TEST, ()), {BESIDE: strays} if strays else {}
    if VALIDATION in splits and test:
        unused[FOR_VALIDATION] = tuple(splits[VALIDATION])
    test = test or splits.get(VALIDATION, ())
    if folders := sorted({folder_of[name] for name in test if name in folder_of}, key=natural):
        said = [_on_tests(len(test), noun, folders), *said]
    return {TRAIN: {name: below[name] for name in splits[TRAIN]}, TEST: {name: below[name] for name in test}}, unused, said


def _number(count, noun):
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _are(count, noun):
    return f"{_number(count, noun)} {'is' if count == 1 else 'are'}"


def _on_tests(count, noun, folders):
    """A sentence on what is not trained on, by its folders."""
    return (f"{_number(count, noun)} of the folder{'s' if len(folders) > 1 else ''} {', '.join(map(shown, folders))} "
            f"{'is' if count == 1 else 'are'} the test set and not trained on.")


def _classes(below, counted):
    """``(classes, {name: label}, names in no class, masks, sentences)`` by the first folder below the deepest one common to
    all.  Where half of the ``counted`` names lie in none, there are no classes."""
    folders = {name: PurePosixPath(path).parts[:-1] for name, path in below.items()}
    if masks := _masks(folders):
        pictures = {name: path for name, path in below.items() if name not in masks}
        classes, label, loose, more, sentences = _classes(pictures, counted)
        return classes, label, loose, (*masks, *more), sentences
    depth = len(os.path.commonprefix(list(folders.values())))
    if all(len(parts) == depth for parts in folders.values()):
        return (), {}, (), (), []
    loose = [name for name, parts in folders.items() if len(parts) == depth]
    outside, counted = counted.intersection(loose), counted.intersection(below)
    if 2 * len(outside) >= len(counted):
        said = f"{_number(len(outside), 'image')} of {len(counted):,} lie in no class folder, so that none has a label."
        return (), {}, (), (), [said]
    if loose:  # what lies in folders may have more folders in common
        inside = {name: path for name, path in below.items() if name not in set(loose)}
        classes, label, more, masks, sentences = _classes(inside, counted)
        return classes, label, (*loose, *more), masks, sentences
    named = {name: shown(parts[depth]) for name, parts in folders.items()}
    some = sorted(set(named.values()), key=natural)
    if _are_parts(some):
        under = {name: "/".join([*parts[:depth], *parts[depth + 1:], PurePosixPath(name).name])
                 for name, parts in folders.items()}
        classes, label, loose, masks, sentences = _classes(under, counted)
        return classes, label, loose, masks, [f"The folders {some[0]} to {some[-1]} were taken for parts of one set and no "
                                              "classes; call them otherwise if they are classes.", *sentences]
    if _are_shards({name: (folder, PurePosixPath(name).stem) for name, folder in named.items()}):
        return (), {}, (), (), [f"Its {len(set(named.values())):,} numbered folders are parts of one set and no classes."]
    classes = sorted(set(named.values()), key=natural)
    number = {folder: index for index, folder in enumerate(classes)}
    alike = {}
    for name, parts in folders.items():
        alike.setdefault(named[name], set()).add(unicodedata.normalize("NFC", parts[depth]))
    twins = [name for name in classes if len(alike[name]) > 1]
    said = [f"Folders whose names differ in nothing that can be seen are one class: {', '.join(twins)}."] if twins else []
    return tuple(classes), {name: number[folder] for name, folder in named.items()}, (), (), said


def _are_parts(folders):
    """Whether several folders are numbered by one word: fold1, fold2."""
    words = {match and match["word"].lower() for match in map(_PARTS.fullmatch, folders)}
    return len(folders) > 1 and len(words) == 1 and None not in words


def _masks(folders):
    """The names, in order, of what lies in a folder for masks that is beside one for pictures, and beside nothing else."""
    children = {}
    for parts in set(folders.values()):
        for at, part in enumerate(parts):
            children.setdefault(parts[:at], set()).add(squeezed(part))
    both = {above for above, words in children.items() if words <= PICTURES | MASKS and words & PICTURES and words & MASKS}
    return {name: None for name, parts in folders.items()
            if any(parts[:at] in both and squeezed(part) in MASKS for at, part in enumerate(parts))}


def _remarks(classes, label, below):
    """Sentences on classes that are told from folders: called as parts of a set are, of names that differ in capitals alone,
    of few images, or with folders of their own."""
    if parts := [name for name in classes if split_folders.of_folder(name) and not split_folders.of_folder(name)[1]]:
        yield (f"The folder{'s' * (len(parts) > 1)} {', '.join(parts)} became {'classes' if len(parts) > 1 else 'a class'}, "
               "and all images are trained on: if they are parts of the set, call them train and test, with nothing else "
               "beside them.")
    alike = {}
    for name in classes:
        alike.setdefault(name.lower(), []).append(name)
    if twins := "; ".join(" and ".join(names) for names in alike.values() if len(names) > 1):
        yield f"Classes that differ in capitals alone are kept apart: {twins} (rename makes them one)."
    if len(label) >= MANY and 2 * len(classes) > len(label):
        yield f"Its {len(classes):,} classes have {len(label) / len(classes):.1f} images each, if these folders are classes."
    inner = {}
    for name, number in label.items():
        parts = PurePosixPath(below[name]).parts[:-1]
        names = [shown(part) for part in parts]
        at = names.index(classes[number]) if classes[number] in names else 0
        inner.setdefault(number, set()).update(parts[at + 1:at + 2])
    alike = list(inner.values())
    if alike and all(map(_are_parts, alike)):
        return
    if len(alike) > 1 and len(alike[0]) > 1 and all(folders == alike[0] for folders in alike):
        some = sorted(alike[0], key=natural)
        yield (f"Each class has the same folders ({', '.join(map(shown, some[:FEW]))}{', ...' if len(some) > FEW else ''}), "
               "which are not told apart: if they are the classes, give one of the folders above them alone, or call those "
               "train and test if they are parts of the set.")
    elif any(len(folders) > 1 for folders in inner.values()):
        some = sorted(set().union(*inner.values()), key=natural)
        yield (f"Folders within the classes are not told apart: {', '.join(map(shown, some[:FEW]))}"
               f"{', ...' if len(some) > FEW else ''}.")


def _on_odd(odd, classes):
    """A sentence on classes that test images alone are in, as those of what is odd are."""
    if odd:
        some = ", ".join(classes[number] for number in odd[:FEW]) + (", ..." if len(odd) > FEW else "")
        yield f"{len(odd):,} of the classes {'has' if len(odd) == 1 else 'have'} test images alone: {some}."


def _are_shards(places):
    """Whether folders are numbered parts: 00000, 00001, ... as StyleGAN writes them, or the thousands of their files."""
    numbers = [folder for folder, _ in places.values()]
    if all(_HASH.fullmatch(stem) and stem.lower().startswith(folder.lower()) and len(folder) <= 3
           for folder, stem in places.values()):
        return True  # the first digits of a hash
    if not all(folder.isdigit() and folder.isascii() for folder in numbers):
        return False
    if all(len(folder) == 5 for folder in numbers):
        return not _begin_anew(places.values())
    if all(len(folder) > 2 for folder in numbers) and all(  # Danbooru's, by the rest of a division
            stem.isdigit() and stem.isascii() and int(stem) % 1000 == int(folder) for folder, stem in places.values()):
        return True
    digits = {name: re.search(r"(\d+)$", stem) for name, (_, stem) in places.items()}
    return all(digits.values()) and any(
        all(int(digits[name][1]) // size == int(folder) for name, (folder, _) in places.items()) for size in (1000, 10_000))


def _begin_anew(places):
    """Whether the files of each of several folders are counted from the start, as those of classes are and those of parts
    of one set are not."""
    reach, stems = {}, {}
    for folder, stem in places:
        number = re.search(r"(\d+)$", stem)
        reach.setdefault(folder, []).append(int(number[1]) if number else -1)
        stems.setdefault(stem, set()).add(folder)
    ends = sorted((min(numbers), max(numbers)) for numbers in reach.values())
    return any(len(folders) > 1 for folders in stems.values()) or any(
        after[0] <= before[1] for before, after in zip(ends, ends[1:]) if before[1] >= 0)
