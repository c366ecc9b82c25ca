"""Files that visitors have sent: each in a folder of its own, under the name that it has with the person.

Data, runs and notes are named after the file.  Until somebody could make a dataset of it, its folder is marked, and goes by
itself when it has been left behind.
"""

import contextlib
import hashlib
import os
import re
import shutil
import time
import uuid
from pathlib import Path

from gan_core import visitors
from gan_core.errors import StoreError

UNPROVEN = ".unproven"  # the mark
PARTIAL = ".partial-"  # how the names of what is being written begin
CHUNK = 2**20  # bytes
LEFT_FREE = 50 * 10**6  # bytes of the disk: runs go on writing
LEFT_BEHIND = 86_400.0  # seconds after which nobody is at it any more


def folder(workspace) -> Path:
    return Path(workspace) / "uploads"


def keep(name, stream, size, workspace) -> Path:
    """Keep what is in a binary ``stream`` of ``size`` bytes, under the name that a person gave it.

    Raises:
        StoreError: when there is no room for it; then nothing of it stays.
    """
    visitors.refuse()
    top = folder(workspace)
    partial = top / f"{PARTIAL}{uuid.uuid4().hex}"
    try:
        top.mkdir(parents=True, exist_ok=True)
        sweep(workspace)
        if size + LEFT_FREE > (free := shutil.disk_usage(top).free):
            raise StoreError(f"{name} has {size / 10**6:,.0f} MB and the disk {max(free - LEFT_FREE, 0) / 10**6:,.0f} MB "
                             "for it; delete runs or data and send it again.")
        name = _fit(name)
        path = top / _written(stream, partial, name) / name
        path.parent.mkdir(exist_ok=True)
        mark = path.parent / UNPROVEN
        if mark.exists() or not path.exists():
            mark.touch()  # from now on, where it was sent before
        if not path.exists():
            os.replace(partial, path)
        return path
    except OSError as error:
        raise StoreError(f"{name} could not be kept ({error.strerror or error}); make room on the disk and send it "
                         "again.") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def prove(path):
    """A dataset was made of it: it stays until somebody deletes it."""
    with contextlib.suppress(OSError):
        (Path(path).parent / UNPROVEN).unlink(missing_ok=True)


def refuse(path):
    """It cannot be used: it goes, unless a dataset was made of it before."""
    path = Path(path)
    if (path.parent / UNPROVEN).exists():
        with contextlib.suppress(OSError):
            remove(path)


def remove(path):
    """Remove a file, and its folder unless there are others in it, as older versions put them."""
    path.unlink(missing_ok=True)
    if all(beside.name == UNPROVEN for beside in path.parent.iterdir()):
        shutil.rmtree(path.parent, ignore_errors=True)


def kept(workspace) -> list[Path]:
    """The files, by name."""
    return sorted((path for path in folder(workspace).glob("*/*") if path.name[0] != "."), key=lambda path: path.name)


def sweep(workspace, now=None):
    """Remove what was left behind: half files, and what was never made a dataset."""
    now = now or time.time()
    for path in [*folder(workspace).glob(f"{PARTIAL}*"), *folder(workspace).glob(f"*/{UNPROVEN}"),
                 *folder(workspace).glob("*/*.partial")]:  # which older versions have left
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > LEFT_BEHIND:
                if path.name == UNPROVEN:
                    shutil.rmtree(path.parent, ignore_errors=True)
                else:
                    path.unlink()


def _written(stream, path, name):
    """Copy a stream to a file; the first 16 hexadecimal digits of a hash of its name and its content: what happens to the
    same content under another name is no matter of this file."""
    digest = hashlib.sha256(f"{name}\0".encode())
    with open(path, "xb") as file:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()[:16]


def _fit(name):
    """A file's name without what some system does not take."""
    stem, _, suffix = re.sub(r"\.tar\.gz$", ".tgz", name, flags=re.IGNORECASE).rpartition(".")
    stem = "".join(c if c.isalnum() or c in "-_ " else "_" for c in stem)[:60] or "images"
    suffix = "".join(c for c in suffix.lower() if c.isalnum())[:8] or "zip"
    return f"{stem}.{suffix}"
