"""The user's own images: read once from a folder, a zip or an .npz file, or drawn, then kept in the workspace under a name.

The name is made of the source's name and a hash of its listing, so it stands for the same pixels wherever the source
has gone.  Kept files are ``datasets/<name>-<size>.npz``: x and labels y, x_test and y_test of a test set, meta as JSON.
"""

import contextlib
import dataclasses
import hashlib
import math
import os
import re
import shutil
from pathlib import Path

import numpy as np

from gan_core.data import arrays, keeping, layout
from gan_core.data.base import IMAGES, Dataset, DatasetInfo
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.data.pixels import Unreadable, check_total, decode, decoding, resized
from gan_core.data.sources import open_source
from gan_core.errors import BadInput, StoreError

DEFAULT_SIZE = 32
NAMED = 3  # files that a sentence names before it only counts
_LEFT_FREE = 50 * 10**6  # bytes of the disk: runs go on writing
META = ("title", "shape", "count", "classes", "skipped", "note")
_KEPT = re.compile(r"(?P<name>.+-[0-9a-f]{12})-(?P<size>\d{1,3})\.npz")


def infos(workspace) -> list[DatasetInfo]:
    """What ``workspace`` keeps, one line a name; a damaged file is listed too, as not available."""
    return [_info(name, files) for name, files in _kept(workspace).items()]


def names(workspace) -> list[str]:
    return list(_kept(workspace))


def load_name(name, size, workspace) -> Dataset:
    """What the workspace keeps under ``name``; with no ``size``, at the default one or else the largest there is."""
    files = _kept(workspace)[name]
    size = size or _preferred(files)
    if size not in files:
        sentence = f"{name} is kept at {_pixels(files)} only; for {size} import its folder or zip again with that size."
        raise BadInput(sentence, {"size": sentence})
    return _read(files[size], name)


def load_path(path, size, workspace) -> Dataset:
    """The images of a folder or a zip as squares of ``size`` (default 32) pixels, from the workspace if kept there.

    Of an .npz file those of its array ``samples``, at their own size by default.
    """
    path = os.path.abspath(path)
    if path.endswith(".npz"):
        return _from_arrays(path, size, workspace)
    size = size or DEFAULT_SIZE
    with open_source(path) as source:
        if not source.entries:
            said = f"{os.path.basename(path)} holds no images (jpg, png, webp, avif, bmp, gif, tiff or pgm)."
            raise BadInput(" ".join([said, *_left_out(source.left_out)]))
        name = keeping.name_of(path, _mark(source), names(workspace))
        file = None if workspace is None else keeping.folder(workspace) / f"{name}-{size}.npz"
        if file is not None and file.exists():
            with contextlib.suppress(StoreError):  # a damaged one is made again
                return _read(file, name)
        dataset = _decoded(name, source, size, os.path.basename(path))
    if file is not None:
        _write(file, dataset)
    return dataset


def _from_arrays(path, size, workspace):
    dataset = arrays.dataset(path)
    x, note = resized(dataset.x, size)
    name = keeping.name_of(path, dataset.name, names(workspace))
    dataset = dataclasses.replace(dataset, name=name, x=x, note=f"{dataset.note} {note}".rstrip())
    if workspace is not None:
        _write(keeping.folder(workspace) / f"{name}-{x.shape[1]}.npz", dataset)
    return dataset


def check_name(title, workspace) -> str:
    """The name, without its hash, of a dataset that a person calls ``title``; BadInput when it cannot be called so."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}", title):
        raise BadInput("The name of a dataset must begin with a letter or a digit, and have at most 40 letters, digits, "
                       "spaces, hyphens and underscores.")
    slug = keeping.slug(title)
    if slug in (name.rpartition("-")[0] for name in names(workspace)):
        raise BadInput(f"There is a dataset called {slug} already; choose another name.")
    return slug


def check_room(count, shape, workspace):
    """BadInput or StoreError when ``count`` images of a shape are too many for memory, or for the workspace's disk."""
    check_total(count, shape[0], shape[-1])
    free, needed = shutil.disk_usage(workspace).free, count * math.prod(shape)
    if needed + _LEFT_FREE > free:
        raise StoreError(f"{count:,} images take {needed / 10**6:,.0f} MB and the disk of {workspace} has "
                         f"{max(free - _LEFT_FREE, 0) / 10**6:,.0f} MB for them; make room or keep fewer.")


def keep(title, x, y, classes, workspace, note) -> Dataset:
    """Keep images, uint8 (N, H, W, C), and labels or None in ``workspace`` as the dataset that a person calls ``title``.

    Raises BadInput for a name that is taken or that nothing can be called, and StoreError when there is no room.
    """
    slug, mark = check_name(title, workspace), arrays.fingerprint(x, y, classes)
    if same := next((name for name in names(workspace) if name.endswith(f"-{mark}")), None):
        raise BadInput(f"These very images are kept already, as {same}.")
    dataset = Dataset(f"{slug}-{mark}", IMAGES, x, y, () if y is None else tuple(classes), note=note)
    _write(keeping.folder(workspace) / f"{dataset.name}-{x.shape[1]}.npz", dataset)
    return dataset


def _mark(source):
    """Of its files, and of what their names are taken for where that is not plain: what was kept before that was known
    stays as it is, under its own name."""
    plan = layout.of([entry.name for entry in source.entries], source.labels)
    mark = source.fingerprint()
    return mark if plan.plain else hashlib.sha256(f"{mark} {plan.sentences} {sorted(plan.unused)}".encode()).hexdigest()[:12]


def _decoded(name, source, size, label):
    count = len(source.entries)
    check_total(count, size, channels=1)
    x, used, unused = np.empty((count, size, size, 1), np.uint8), [], {}
    with decoding():
        for entry in source.entries:
            try:
                pixels = decode(source.read(entry), size)
            except Unreadable as error:
                unused.setdefault(error.why, []).append(entry.name)
                continue
            if pixels.shape[-1] > x.shape[-1]:  # the first image with colour
                check_total(count, size, pixels.shape[-1])
                grey, x = x, np.empty((count, *pixels.shape), np.uint8)
                x[: len(used)] = grey[: len(used)]
            x[len(used)] = pixels
            used.append(entry.name)
    plan = layout.of(used, source.labels)
    train, test = (np.isin(used, part) if len(part) < len(used) else np.ones(len(used), bool)
                   for part in (plan.train, plan.test))
    if train.sum() < 2:
        said = f"{label} holds {train.sum()} usable of {keeping.number(count, 'image')}; a dataset needs at least two."
        raise BadInput(" ".join([said, *_left_out(unused)]))
    y = np.array([plan.label.get(file, 0) for file in used], np.int32) if plan.label else None
    note = " ".join([f"Imported from {label}.", *plan.sentences, *_left_out(source.left_out | unused | plan.unused)])
    x = x[: len(used)]
    held = {} if not test.any() else {"x_test": x[test], "y_test": None if y is None else y[test]}
    return Dataset(name, IMAGES, x if train.all() else x[train], y if y is None else y[train], plan.classes,
                   skipped=count - len(used), note=note, **held)


def _left_out(files):
    """A sentence on the files that were not used, with their number and a few names for each reason."""
    told = [f"{len(names):,} {why} ({', '.join(sorted(names)[:NAMED])}{', ...' if len(names) > NAMED else ''})"
            for why, names in files.items()]
    return [f"Not used: {'; '.join(told)}."] if told else []


def _kept(workspace) -> dict[str, dict[int, Path]]:
    """{name: {size: file}} in the order of the names."""
    kept = {}
    for file in sorted(keeping.folder(workspace).glob("*.npz")) if workspace is not None else ():
        if match := _KEPT.fullmatch(file.name):
            kept.setdefault(match["name"], {})[int(match["size"])] = file
    return kept


def _preferred(files):
    return DEFAULT_SIZE if DEFAULT_SIZE in files else max(files)


def _info(name, files):
    size = _preferred(files)
    try:
        meta = keeping.meta(npz_arrays(files[size], ["meta"]), META)
        shape, classes, count, title = tuple(meta["shape"]), tuple(meta["classes"]), meta["count"], meta["title"]
        available, note = True, f"{meta['note'][:-1]}; kept at {_pixels(files)}."
    except DamagedNpz:
        shape, classes, count, title = (size, size, 3), (), None, name
        available, note = False, str(_damaged(files[size]))
    return DatasetInfo(name, title, IMAGES, shape, classes, count, available, note)


def _read(file, name) -> Dataset:
    try:
        content = npz_arrays(file, ["x", "meta"], optional=["y", "x_test", "y_test"])
        meta = keeping.meta(content, META)
    except DamagedNpz as error:
        raise _damaged(file) from error
    return Dataset(name, IMAGES, content["x"], content.get("y"), tuple(meta["classes"]), content.get("x_test"),
                   content.get("y_test"), skipped=meta["skipped"], note=meta["note"])


def _write(file, dataset):
    meta = {
        "title": dataset.name.rpartition("-")[0],
        "shape": dataset.x.shape[1:],
        "count": len(dataset),
        "classes": dataset.classes,
        "skipped": dataset.skipped,
        "note": dataset.note,
    }
    held = {name: getattr(dataset, name) for name in ("y", "x_test", "y_test")}
    keeping.write(file, meta, x=dataset.x, **{name: values for name, values in held.items() if values is not None})


def _damaged(file):
    return StoreError(f"{file} is damaged; delete it and import its folder or zip again.")


def _pixels(files):
    return " and ".join(map(str, sorted(files))) + " pixels"
