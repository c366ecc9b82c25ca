"""A run as one file, and back: its record, its curves and all that is kept with it, each with a hash.

A pack is a zip: ``pack.json`` says what the run is and, of each other file, its size and SHA-256; the zip's comment is the
SHA-256 of that.  So a pack that was cut off, damaged or changed by hand is known before anything of it is kept.  It is no
signature: whoever makes a pack says what is in it.
"""

import contextlib
import dataclasses
import hashlib
import io
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from gan_core.errors import BadInput, DiskFull, StoreError
from gan_core.store import explored
from gan_core.store.artifacts import CONFIG, LOG, NoArtifact, is_name
from gan_core.store.run import ENDED, STOPPED, Run, Rows, new_run

FORMAT, VERSION = "run of the GAN workbench", 1
HEAD, ROWS, KEPT = "pack.json", "rows.npz", "kept/"
ABOVE = (CONFIG, LOG, explored.NAME, "samples.gif")
BELOW = ("samples/", "checkpoints/", "views/", "scores/", "recognition/", "judging/")  # what is kept with a run; no events
LARGEST, LARGEST_FILE, LARGEST_HEAD = 4 * 10**9, 10**9, 16 * 10**6  # bytes of all files, of one, and of their list
MOST = 100_000  # files
LEFT = ("handle", "foreground", "heartbeat")  # of a run's record: of the machine it was on
ID = re.compile(r"\d{6}-\d{6}-[0-9a-f]{6}")


def pack(store, run, path):
    """Write a run to ``path``, an open file or a path; what is kept is read one file after the other.

    Raises:
        BadInput: for a run that is at work.
    """
    if run.status not in ENDED:
        raise BadInput(f"The run {run.id} is {run.status}; stop it, or wait for its end, before you pack it.")
    held, files = store.artifacts(run.id), {}
    with contextlib.ExitStack() as stack:
        # A zip goes back in what it has written, which no device or pipe can.
        target = path if not isinstance(path, Path) or not path.exists() or path.is_file() else \
            stack.enter_context(tempfile.TemporaryFile())
        archive = stack.enter_context(zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED))

        def put(name, data):
            files[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            archive.writestr(name, data)

        put(ROWS, _rows_as_bytes(store.rows(run.id)))
        for name in held.list():
            if _belongs(name):
                try:
                    put(KEPT + name, held.read(name))
                except NoArtifact:  # removed meanwhile
                    continue
        record = {field: value for field, value in dataclasses.asdict(run).items() if field not in LEFT}
        head = json.dumps({"format": FORMAT, "version": VERSION, "run": record, "files": files}, indent=1).encode()
        archive.writestr(HEAD, head)
        archive.comment = hashlib.sha256(head).hexdigest().encode()
        if target is not path:
            archive.close()
            target.seek(0)
            with path.open("wb") as device:
                shutil.copyfileobj(target, device)


def unpack(store, path):
    """The :class:`gan_core.store.run.Run` of a pack, which is in the store from now on: under its own id, or under a new one
    where that is taken.

    Raises:
        BadInput: for what is no pack, or one that was changed; nothing of it is kept then.
    """
    with contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            head = _head(archive)
            for name, told in head["files"].items():
                _checked(archive, name, told)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: members with a password
            raise BadInput(f"{getattr(path, 'name', path)} is no pack of a run, or is damaged ({error}).") from error
        return _created(store, archive, head)


def _head(archive):
    """What a pack says of itself, checked."""
    try:
        info = archive.getinfo(HEAD)
    except KeyError:
        raise BadInput("This zip is no pack of a run: it has no pack.json. `train --data` takes zips of images.") from None
    if info.file_size > LARGEST_HEAD:
        raise BadInput("The list of what is in this pack is larger than any is.")
    data = archive.read(info)
    if archive.comment.decode(errors="replace") != hashlib.sha256(data).hexdigest():
        raise BadInput("This pack was changed after it was made: its list is not the one that it was sealed with.")
    try:
        head = json.loads(data)
        known, files = head["format"] == FORMAT, head["files"]
        version, record = int(head["version"]), head["run"]
        sizes = [int(told["size"]) for told in files.values()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput("This pack cannot be read: its list is damaged.") from None
    if not known or not isinstance(record, dict):
        raise BadInput("This zip is no pack of a run of the GAN workbench.")
    if version > VERSION:
        raise BadInput(f"This pack was made by a newer version (pack {version}, this one reads {VERSION}); update the "
                       "workbench.")
    if min(sizes, default=0) < 0 or sum(sizes) > LARGEST or max(sizes, default=0) > LARGEST_FILE or len(files) > MOST \
            or len(archive.namelist()) > MOST:
        raise BadInput(f"This pack unpacks to more than {LARGEST / 10**9:g} GB, {MOST:,} files or "
                       f"{LARGEST_FILE / 10**9:g} GB in one of them.")
    for name in files:
        if name != ROWS and not (name.startswith(KEPT) and _belongs(name[len(KEPT):])):
            raise BadInput(f"This pack holds {name[:80]!r}, which is no part of a run.")
    return head


def _belongs(name):
    return is_name(name) and (name in ABOVE or name.startswith(BELOW))


def _checked(archive, name, told):
    """The bytes of a file, which are those that the list speaks of."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise BadInput(f"This pack lacks {name}, of which its list speaks.") from None
    if info.file_size != told["size"]:
        raise BadInput(f"This pack was changed after it was made: {name} has another size.")
    with archive.open(info) as file:
        data = file.read(told["size"] + 1)
    if len(data) != told["size"] or hashlib.sha256(data).hexdigest() != told.get("sha256"):
        raise BadInput(f"This pack was changed after it was made: {name} is not what it was sealed with.")
    return data


def _created(store, archive, head):
    run = _run(store, head["run"])
    rows = _rows_from_bytes(_checked(archive, ROWS, head["files"][ROWS])) if ROWS in head["files"] else None
    try:
        store.create(run)
    except DiskFull:
        raise
    except StoreError:  # what a crash has left of a run of this id may be in the way
        run = dataclasses.replace(run, id=new_run(run.spec, run.name).id)
        store.create(run)
    try:
        held = store.artifacts(run.id)
        for name, told in head["files"].items():
            if name.startswith(KEPT):
                held.put(name[len(KEPT):], _checked(archive, name, told))
        if rows is not None:
            store.add_rows(run.id, rows)
    except BaseException:  # a full disk, an interrupt: nothing is left of it
        store.delete(run.id)
        raise
    return run


def _run(store, record):
    """The run that a record describes, with an id that is free here."""
    spec = record.get("spec")
    try:
        fresh = new_run(spec, str(record.get("name", "")))
    except (TypeError, KeyError):
        raise BadInput("This pack cannot be read: it does not say what its run is.") from None
    known = {field.name for field in dataclasses.fields(Run)}
    row = dataclasses.asdict(fresh) | {name: value for name, value in record.items() if name in known and name not in LEFT}
    run = Run.of(row | {"tags": list(row["tags"]) if isinstance(row["tags"], (list, tuple)) else row["tags"]})
    taken = {other.id for other in store.list()}
    return dataclasses.replace(run, id=run.id if ID.fullmatch(run.id) and run.id not in taken else fresh.id,
                               status=run.status if run.status in ENDED else STOPPED, foreground=False, handle={})


def _rows_as_bytes(rows):
    names, codes = rows.coded()
    file = io.BytesIO()
    np.savez_compressed(file, step=rows.step, code=codes, value=rows.value, time=rows.time,
                        names=np.frombuffer(json.dumps(names).encode(), np.uint8))
    return file.getvalue()


def _rows_from_bytes(data):
    """``[(step, key, value, time), ...]``."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            names = np.array(json.loads(kept["names"].tobytes()), object)
            rows = Rows(kept["step"].astype("int64"), names[kept["code"].astype("int64")], kept["value"].astype(float),
                        kept["time"].astype(float))
            return list(zip(rows.step.tolist(), map(str, rows.key), rows.value.tolist(), rows.time.tolist(), strict=True))
    except (ValueError, KeyError, IndexError, TypeError, OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadInput("This pack cannot be read: its curves are damaged.") from error
