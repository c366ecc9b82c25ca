"""The user's own images: read once from a folder, a zip or an .npz file, or drawn, then kept in the workspace under a name.

The name is made of the source's name and a hash of its listing, so it stands for the same pixels wherever the source
has gone.  Kept files are ``datasets/<name>-<size>.npz``: x and labels y, x_test and y_test of a test set, meta as JSON.
"""

import contextlib
import dataclasses
import hashlib
import json
import math
import os
import re
import shutil
from pathlib import Path, PurePosixPath

import numpy as np

from gan_core import visitors
from gan_core.data import arrays, keeping, layout, texts
from gan_core.data.array_files import is_array_file
from gan_core.data.base import IMAGES, Dataset, DatasetInfo
from gan_core.data.choices import NONE_MADE
from gan_core.data.file_kinds import NO_IMAGE
from gan_core.data.kept import DEFAULT_SIZE
from gan_core.data.npz import DamagedNpz, npz_arrays
from gan_core.data.pictures import Pictures, doubts
from gan_core.data.pixels import MAX_SIZE, MIN_SIZE, Unreadable, check_total, decoding, dimensions
from gan_core.data.sources import open_source
from gan_core.errors import BadInput, StoreError

NAMED = 3  # files that a sentence names before it only counts
LONGEST = 80  # letters of a name that a sentence has whole
_LEFT_FREE = 50 * 10**6  # bytes of the disk: runs go on writing
META = ("title", "shape", "count", "classes", "skipped", "note")
HOW = 2  # ways of making pixels of pictures so far: raise it when a file may become other ones
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


def load_path(path, size, workspace, choices=NONE_MADE) -> Dataset:
    """The images of a folder or a zip as squares of ``size`` (default 32) pixels, from the workspace if kept there.

    Of an .npz or .npy file those in its array of samples, at their own size by default.
    """
    path = os.path.abspath(path)
    if is_array_file(path) and not os.path.isdir(path):
        return _from_arrays(path, size, workspace, choices)
    size = size or DEFAULT_SIZE
    with _opened(path) as source:
        mark, label = _mark(source, choices), texts.label(path)
        # What an older version kept may be other pixels: then what is decoded now has another name, and so has its run.
        marks = (_hashed(f"{mark} {HOW}"), mark)
        for name in (keeping.name_of(path, mark, names(workspace)) for mark in marks):
            if (kept := _kept_as(name, size, workspace)) is not None:
                return kept
        dataset, _ = _decoded(source, size, label, choices)
    name = keeping.name_of(path, mark, names(workspace))
    if workspace is not None:
        older = _kept_as(name, size, workspace, how=None)
        if older is not None and older.identity != dataset.identity:
            name = keeping.name_of(path, marks[0], names(workspace))
    dataset = dataclasses.replace(dataset, name=name)
    if workspace is not None:
        _write(keeping.folder(workspace) / f"{name}-{size}.npz", dataset)
    return dataset


def _kept_as(name, size, workspace, how=HOW):
    """What is kept under a name, if it was imported in the way ``how``; a damaged file is none, and is made again."""
    file = None if workspace is None else keeping.folder(workspace) / f"{name}-{size}.npz"
    if file is None or not file.exists():
        return None
    with contextlib.suppress(StoreError, DamagedNpz):
        if how is None or json.loads(str(npz_arrays(file, ["meta"])["meta"])).get("how") == how:
            return _read(file, name)
    return None


def usual_side(path) -> int:
    """The side in pixels of the first image of a folder or a zip, as a dataset can have it; else the default one."""
    with open_source(path) as source:
        for entry in source.entries:
            with contextlib.suppress(Unreadable):
                width, height = dimensions(source.read(entry))
                return min(width, MAX_SIZE) if width == height >= MIN_SIZE else DEFAULT_SIZE
    return DEFAULT_SIZE


def _from_arrays(path, size, workspace, choices):
    dataset = arrays.dataset(path, size, choices)
    dataset = dataclasses.replace(dataset, name=keeping.name_of(path, dataset.name, names(workspace)))
    if workspace is not None:
        _write(keeping.folder(workspace) / f"{dataset.name}-{dataset.x.shape[1]}.npz", dataset)
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
    visitors.refuse()
    slug, mark = check_name(title, workspace), arrays.fingerprint(x, y, classes)
    if same := next((name for name in names(workspace) if name.endswith(f"-{mark}")), None):
        raise BadInput(f"These very images are kept already, as {same}.")
    dataset = Dataset(f"{slug}-{mark}", IMAGES, x, y, () if y is None else tuple(classes), note=note)
    _write(keeping.folder(workspace) / f"{dataset.name}-{x.shape[1]}.npz", dataset)
    return dataset


def _mark(source, choices):
    """Of its files, of the choices that were made, and of what their names are taken for where that is not plain: what was
    kept before that was known stays as it is, under its own name."""
    plan = layout.of([entry.name for entry in source.entries], source.lists)
    mark = source.fingerprint()
    if plan.plain and not choices.made:
        return mark
    beside = f" {choices.made}" if choices.made else ""
    if plan.listed:
        beside += "".join(hashlib.sha256(content).hexdigest() for content in source.lists.values())
    return _hashed(f"{mark} {plan.sentences} {sorted(plan.unused)}{beside}")


def _hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def decoded(path, size, choices, like=None):
    """``(dataset, how it was taken)`` of a folder or a zip that is not kept, see :class:`gan_core.data.pictures.Taken`."""
    with _opened(path) as source:
        return _decoded(source, size, texts.label(path), choices, like)


@contextlib.contextmanager
def _opened(path):
    """Its source; BadInput where there is no image in it."""
    with open_source(path) as source:
        if not source.entries:
            said = f"{texts.label(path)} holds no images (jpg, png, webp, avif, bmp, gif, tiff or pgm)."
            raise BadInput(" ".join([said, *_left_out(_with_lists(source))]))
        yield source


def _decoded(source, size, label, choices, like=None):
    count = len(source.entries)
    pictures, used, unused = Pictures(size, choices, count, like), [], {}
    with decoding():
        for entry in source.entries:
            try:
                squares = pictures.add(pictures.decoded(source.read(entry)))
            except Unreadable as error:
                unused.setdefault(error.why, []).append(entry.name)
                continue
            used += [entry.name] * squares
    files = list(dict.fromkeys(used))
    plan = layout.of(files, source.lists)
    train, test = (np.isin(used, part) if len(part) < len(files) else np.ones(len(used), bool)
                   for part in (plan.train, plan.test))
    if train.sum() < 2:
        said = f"{label} holds {train.sum()} usable of {keeping.number(count, 'image')}; a dataset needs at least two."
        raise BadInput(" ".join([said, *_left_out(unused)]))
    x, said = pictures.together()
    x_test, x = x[test], x if train.all() else x[train]
    classes, number = choices.renamed(plan.classes)
    y = np.array([number[plan.label[file]] if file in plan.label else 0 for file in used], np.int32) if plan.label else None
    note = " ".join([f"Imported from {label}.", *source.notes, *plan.sentences, *plan.remarks, *choices.sentences, *said,
                     *doubts(x),
                     *_left_out(_with_lists(source, plan.listed), unused, plan.unused)])
    held = {} if not test.any() else {"x_test": x_test, "y_test": None if y is None else y[test]}
    return Dataset("", IMAGES, x, y if y is None else y[train], classes, skipped=count - len(files), note=note,
                   **held), pictures.taken


def _with_lists(source, listed=""):
    """``{why: names}`` of a source's files that are no images, with the lists of labels that were not used."""
    lists = [name for name in source.lists if PurePosixPath(name).name != listed]
    if not lists:
        return source.left_out
    return source.left_out | {NO_IMAGE: [*source.left_out.get(NO_IMAGE, []), *lists]}


def _left_out(*parts):
    """A sentence on the files that were not used, ``{why: names}`` each, with their number and a few names for each
    reason."""
    files = {}
    for part in parts:
        for why, names in part.items():
            files.setdefault(why, []).extend(names)
    told = [f"{len(names):,} {why} ({', '.join(_short(name) for name in sorted(names)[:NAMED])}"
            f"{', ...' if len(names) > NAMED else ''})"
            for why, names in files.items()]
    return [f"Not used: {'; '.join(told)}."] if told else []


def _short(name):
    name = texts.shown(name)
    return name if len(name) <= LONGEST else f"{name[:LONGEST // 2]}...{name[-LONGEST // 2:]}"


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
        "how": HOW,
    }
    held = {name: getattr(dataset, name) for name in ("y", "x_test", "y_test")}
    keeping.write(file, meta, x=dataset.x, **{name: values for name, values in held.items() if values is not None})


def _damaged(file):
    return StoreError(f"{file} is damaged; delete it and import its folder or zip again.")


def _pixels(files):
    return " and ".join(map(str, sorted(files))) + " pixels"
