"""The user's own pairs of images: a folder or a zip with the folders ``source`` and ``target``, or ``A`` and ``B``, that
hold files of equal names; kept in the workspace as single images are.

Kept files are ``datasets/<name>-<hash>-<size>.pairs.npz``: x, the targets, source, and meta, a JSON text.
"""

import contextlib
import os
import re
import zipfile
from pathlib import Path

import numpy as np

from gan_core.data import keeping
from gan_core.data.base import PAIRS, Dataset, DatasetInfo
from gan_core.data.imported import DEFAULT_SIZE
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.data.pixels import Unreadable, check_total, decode, decoding
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
    """Whether there are the two folders; of ``A`` and ``B``, which may be names of classes, also with equal names in
    both."""
    names = _names(path)
    parts = [part for part in FOLDERS if all(any(name.startswith(f"{folder}/") for name in names) for folder in part)]
    return any(part == FOLDERS[0] or _inside(names, part[0]) == _inside(names, part[1]) for part in parts)


def load_path(path, size, workspace) -> Dataset:
    """The pairs as squares of ``size`` (default 32) pixels, from the workspace if they are kept there."""
    path, size = os.path.abspath(path), size or DEFAULT_SIZE
    with open_source(path) as source:
        entries = {entry.name: entry for entry in source.entries}
        first, second = next(part for part in FOLDERS if any(name.startswith(f"{part[0]}/") for name in entries))
        label = os.path.basename(path)
        inside = _inside(entries, first)
        if alone := sorted(inside ^ _inside(entries, second)):
            where = first if alone[0] in inside else second
            raise BadInput(f"{label} has {where}/{alone[0]} and no such file in {second if where == first else first}; give "
                           "both images of a pair the same name.")
        name = keeping.name_of(path, source.fingerprint(), _kept(workspace))
        file = None if workspace is None else keeping.folder(workspace) / f"{name}-{size}.pairs.npz"
        if file is not None and file.exists():
            with contextlib.suppress(StoreError):  # a damaged one is made again
                return _read(file, name)
        pairs = [(entries[f"{first}/{image}"], entries[f"{second}/{image}"]) for image in sorted(inside)]
        dataset = _decoded(name, source, pairs, size, label)
    if file is not None:
        meta = {"title": name.rpartition("-")[0], "shape": dataset.x.shape[1:], "count": len(dataset),
                "source": dataset.more["source"].shape[1:], "skipped": dataset.skipped, "note": dataset.note}
        keeping.write(file, meta, x=dataset.x, source=dataset.more["source"])
    return dataset


def _decoded(name, origin, pairs, size, label):
    check_total(2 * len(pairs), size, channels=1)
    sources, targets = [], []
    with decoding():
        for pair in pairs:
            with contextlib.suppress(Unreadable):
                source, target = (decode(origin.read(entry), size) for entry in pair)
                sources.append(source)
                targets.append(target)
    skipped = len(pairs) - len(targets)
    if len(targets) < 2:
        raise BadInput(f"{label} holds {len(targets)} usable of {keeping.number(len(pairs), 'pair')}; a dataset needs at "
                       "least two.")
    note = f"Imported from {label}" + (f"; {keeping.number(skipped, 'pair')} could not be decoded." if skipped else ".")
    return Dataset(name, PAIRS, _stacked(targets), None, skipped=skipped, note=note, more={"source": _stacked(sources)})


def _stacked(images):
    """uint8 (N, H, W, C): all with colour when one has it."""
    channels = max(image.shape[-1] for image in images)
    check_total(2 * len(images), images[0].shape[0], channels)
    return np.stack([np.broadcast_to(image, (*image.shape[:2], channels)) for image in images])


def _names(path):
    """The paths of the files at ``path``, as far down as two folders."""
    if os.path.isdir(path):
        tops = {folder for part in FOLDERS for folder in part if os.path.isdir(os.path.join(path, folder))}
        return [f"{top}/{file}" for top in tops for file in os.listdir(os.path.join(path, top)) if not file.startswith(".")]
    if not os.path.isfile(path):  # a pipe would be waited for
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in archive.namelist() if not name.endswith("/")]
    except Exception:  # no zip, or a damaged one: not for this source
        return []


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
