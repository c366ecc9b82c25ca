"""The user's own pairs of images: a folder or a zip with the folders ``source`` and ``target``, or ``A`` and ``B``, that
hold files of equal names; kept in the workspace as single images are.

Kept files are ``datasets/<name>-<hash>-<size>.pairs.npz``: x, the targets, source, and meta, a JSON text.
"""

import contextlib
import dataclasses
import hashlib
import os
import re
from pathlib import Path, PurePosixPath

from gan_core.data import keeping, texts
from gan_core.data.base import PAIRS, Dataset, DatasetInfo
from gan_core.data.choices import NONE_MADE
from gan_core.data.imported import DEFAULT_SIZE
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.data.pictures import Pictures, doubts
from gan_core.data.pixels import Unreadable, check_total, decoding
from gan_core.data.sources import open_source
from gan_core.errors import BadInput, StoreError

ORDER = 120
FOLDERS = (("source", "target"), ("A", "B"))
META = ("title", "shape", "source", "count", "skipped", "note")
_KEPT = re.compile(r"(?P<name>.+-[0-9a-f]{12})-(?P<size>\d{1,3})\.pairs\.npz")


def infos(workspace=None) -> list[DatasetInfo]:
    return [_info(name, files) for name, files in _kept(workspace).items()]


def load(name, size=None, workspace=None) -> Dataset:
    files = _kept(workspace)[name]
    size = size or _preferred(files)
    if size not in files:
        kept = " and ".join(map(str, sorted(files)))
        sentence = f"{name} is kept at {kept} pixels only; for {size} import its folder or zip again with that size."
        raise BadInput(sentence, {"size": sentence})
    return _read(files[size], name)


def claims(path) -> bool:
    """Whether there are the two folders, see :func:`_folders`."""
    with contextlib.suppress(BadInput), open_source(path) as source:  # what cannot be opened is refused by who reads images
        return _folders(source) is not None
    return False


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """The pairs as squares of ``size`` (default 32) pixels, from the workspace if they are kept there."""
    path, size = os.path.abspath(path), size or DEFAULT_SIZE
    with open_source(path) as source:
        entries = {entry.name: entry for entry in source.entries}
        first, second = _folders(source)
        label = texts.label(path)
        inside = _inside(entries, first)
        if alone := sorted(inside ^ _inside(entries, second)):
            where, other = (first, second) if alone[0] in inside else (second, first)
            classes = "" if _names_pairs(first) else f", or, where {first} and {second} are classes, rename these folders"
            raise BadInput(f"{label} has {where}/{alone[0]} and no such image in {other}; give both images of a pair the "
                           f"same name{classes}.")
        if choices.rename:
            choices.renamed(())
        mark = source.fingerprint()
        mark = hashlib.sha256(f"{mark} {choices.made}".encode()).hexdigest()[:12] if choices.made else mark
        name = keeping.name_of(path, mark, _kept(workspace))
        file = None if workspace is None else keeping.folder(workspace) / f"{name}-{size}.pairs.npz"
        if file is not None and file.exists():
            with contextlib.suppress(StoreError):  # a damaged one is made again
                return _read(file, name)
        pairs = [(entries[f"{first}/{image}"], entries[f"{second}/{image}"]) for image in sorted(inside)]
        dataset = _decoded(name, source, pairs, size, label, choices)
        if beside := len(entries) - 2 * len(pairs):
            said = f"{dataset.note} Not used: {keeping.number(beside, 'image')} beside {first} and {second}."
            dataset = dataclasses.replace(dataset, note=said)
    if file is not None:
        meta = {"title": name.rpartition("-")[0], "shape": dataset.x.shape[1:], "count": len(dataset),
                "source": dataset.more["source"].shape[1:], "skipped": dataset.skipped, "note": dataset.note}
        keeping.write(file, meta, x=dataset.x, source=dataset.more["source"])
    return dataset


def _folders(source):
    """The paths of the two folders of pairs, which other folders may enclose; None where there are none.

    Of ``source`` and ``target`` one may be empty.  ``A`` and ``B`` may be names of classes: they are pairs when most of
    their images have the same names in both, and when there is no third folder beside them.
    """
    names = [entry.name for entry in source.entries]
    if not names:
        return None
    top = PurePosixPath(*os.path.commonprefix([PurePosixPath(name).parts[:-1] for name in names]))
    for base in (top, *top.parents):
        for part in FOLDERS:
            first, second = ((base / folder).as_posix() for folder in part)
            if not {first, second} <= source.folders:
                continue
            one, other = _inside(names, first), _inside(names, second)
            beside = [name for name in names if PurePosixPath(name).parent != base]
            if not one and not other:
                continue
            if _names_pairs(first) or len(one) + len(other) == len(beside) and 2 * len(one & other) > len(one | other):
                return first, second
    return None


def _names_pairs(folder):
    return PurePosixPath(folder).name == FOLDERS[0][0]


def _decoded(name, origin, pairs, size, label, choices):
    sources, targets = (Pictures(size, choices, len(pairs)) for _ in range(2))
    used = 0
    with decoding():
        for pair in pairs:
            with contextlib.suppress(Unreadable):
                source, target = (sides.decoded(origin.read(entry)) for sides, entry in zip((sources, targets), pair))
                if len(source.squares) == len(target.squares):
                    sources.add(source)
                    targets.add(target)
                    used += 1
    skipped = len(pairs) - used
    if used < 2:
        raise BadInput(f"{label} holds {used} usable of {keeping.number(len(pairs), 'pair')}; a dataset needs at least two.")
    (source, of_source), (target, of_target) = sources.together(), targets.together()
    check_total(2 * len(target), size, max(source.shape[-1], target.shape[-1]))
    note = f"Imported from {label}" + (f"; {keeping.number(skipped, 'pair')} could not be decoded." if skipped else ".")
    note = " ".join([note, *dict.fromkeys([*of_target, *of_source]), *doubts(target)])
    return Dataset(name, PAIRS, target, None, skipped=skipped, note=note, more={"source": source})


def _inside(names, folder):
    return {name.removeprefix(f"{folder}/") for name in names if name.startswith(f"{folder}/")}


def _kept(workspace) -> dict[str, dict[int, Path]]:
    kept = {}
    for file in sorted(keeping.folder(workspace).glob("*.pairs.npz")) if workspace is not None else ():
        if match := _KEPT.fullmatch(file.name):
            kept.setdefault(match["name"], {})[int(match["size"])] = file
    return kept


def _preferred(files):
    return DEFAULT_SIZE if DEFAULT_SIZE in files else max(files)


def _info(name, files):
    size = _preferred(files)
    try:
        meta = keeping.meta(npz_arrays(files[size], ["meta"]), META)
        return DatasetInfo(name, meta["title"], PAIRS, tuple(meta["shape"]), (), meta["count"], True, meta["note"],
                           beside=(("source", tuple(meta["source"])),))
    except DamagedNpz:
        return DatasetInfo(name, name, PAIRS, (size, size, 3), (), None, False, str(_damaged(files[size])),
                           beside=(("source", (size, size, 3)),))


def _read(file, name):
    try:
        arrays = npz_arrays(file, ["x", "source", "meta"])
        meta = keeping.meta(arrays, META)
    except DamagedNpz as error:
        raise _damaged(file) from error
    return Dataset(name, PAIRS, arrays["x"], None, skipped=meta["skipped"], note=meta["note"],
                   more={"source": arrays["source"]})


def _damaged(file):
    return StoreError(f"{file} is damaged; delete it and import its folder or zip again.")
