"""What imported datasets share: whole files in ``workspace``/datasets, a JSON description beside the arrays of each."""

import contextlib
import json
import os
import re
import unicodedata
import uuid
from pathlib import Path

import numpy as np

from gan_core.data import recipes
from gan_core.data.npz import DamagedNpz
from gan_core.errors import StoreError


def folder(workspace) -> Path:
    return Path(workspace) / "datasets"


def version(name, workspace):
    """What changes when a file that is kept under a dataset's name does; empty of data that are not kept."""
    if workspace is None:
        return ()
    kept = recipes.split(name)[0]  # pairs that a recipe makes are not kept, and change with their images
    files = [file for file in sorted(folder(workspace).glob("*.npz")) if file.name.startswith(kept)]
    return tuple((file.name, info.st_mtime_ns, info.st_size) for file, info in zip(files, map(Path.stat, files)))


def files(name, workspace) -> list[Path]:
    """Those that are kept of the dataset of a name, one for each size."""
    own = re.compile(re.escape(name) + r"(-\d{1,4})?(\.[a-z]+)?\.npz")
    return [file for file in sorted(folder(workspace).glob("*.npz")) if own.fullmatch(file.name)]


def slug(text, default="images") -> str:
    """At most 40 lower-case letters, digits and hyphens of a text, ``default`` where it has none."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", ascii_only)[:40].strip("-") or default


def name_of(path, mark, kept, default="images") -> str:
    """<slug>-<mark>; the same content under another file name goes by the name that it was first ``kept`` under."""
    for name in kept:
        if name.endswith(f"-{mark}"):
            return name
    stem = os.path.basename(path) if os.path.isdir(path) else Path(path).stem.removesuffix(".tar")
    return f"{slug(stem, default)}-{mark}"


def number(count, noun) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def meta(arrays, keys, newer=()) -> dict:
    """The description in the arrays of a file; DamagedNpz unless it has all of these ``keys``.  The ``newer`` ones, which
    files of older versions lack, are None there."""
    try:
        values = json.loads(str(arrays["meta"]))
        return {key: values[key] for key in keys} | {key: values.get(key) for key in newer}
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedNpz("its description is not readable") from error


def write(file, meta, **arrays):
    """Write a description, plain values, and arrays as an .npz file, whole or not at all."""
    # A name of its own: two processes may import the same data at the same time, and each must leave a whole file.
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb") as stream:
            np.savez(stream, meta=json.dumps(meta), **arrays)
        os.replace(temporary, file)
    except OSError as error:
        raise StoreError(
            f"The data cannot be kept in {file.parent}: {error.strerror or error}; make room or make it "
            "writable, or choose another workspace."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
