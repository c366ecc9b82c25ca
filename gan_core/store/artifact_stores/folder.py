"""Artifacts as files in a folder per run: readable by TensorBoard, by people, and when they were written by older code."""

import contextlib
import os
import secrets
import shutil
import stat
import time
from pathlib import Path

from gan_core.errors import StoreError
from gan_core.store.artifacts import Artifacts, Deleted, Entry, NoArtifact, NotWritten, check_name, check_prefix, is_name
from gan_core.whole_files import place

SCHEMES = ("file",)
PARTIAL = ".partial-"  # how the names of files start that are being written
SETTLED = 2e9  # nanoseconds after a change of a folder from which on its time tells the next one from it, on any disk
TRUSTED = 60.0  # seconds for which a listing is believed: some network disks do not tell the time of a folder's change
ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Store:
    """Folders of runs in one folder, which is there.

    A folder that stands still is listed once: its own time of change is the key under which its names are remembered.
    """

    def __init__(self, place):
        self._top, self._listings = Path(place), {}

    def of(self, run_id):
        check_name(run_id)
        return _Folder(self._top / run_id, self._listings)

    def make(self, run_id):
        check_name(run_id)
        try:
            (self._top / run_id).mkdir()
        except OSError as error:
            raise StoreError(f"The run's folder cannot be written ({error.strerror}); make room or choose another "
                             "workspace.") from None

    def remove(self, run_id):
        check_name(run_id)
        # Renamed first: a half-deleted folder must not look like a run's.
        folder, doomed = self._top / run_id, self._top / f".deleted-{run_id}"
        with contextlib.suppress(FileNotFoundError):
            folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
        for path in [path for path in list(self._listings) if Path(path) == folder or folder in Path(path).parents]:
            self._listings.pop(path, None)

    def where(self, run_id):
        return str(self._top / run_id)


class _Folder(Artifacts):
    """Files below one folder.

    Args:
        listings: ``{path: (key, when, names, subfolders)}`` of folders that were listed, shared by all runs.
    """

    def __init__(self, folder, listings):
        self._folder, self._listings = folder, listings

    def put(self, name, data):
        path = self._path(name)
        partial = path.with_name(f"{PARTIAL}{os.getpid()}-{secrets.token_hex(4)}-{path.name}")
        with self._writing(name):
            self._make_room(name)
            try:
                partial.write_bytes(data)
                now = time.time_ns()  # finer than the disk's own clock, which several writes may share
                os.utime(partial, ns=(now, now))
                place(partial, path)
            finally:
                with contextlib.suppress(OSError):
                    partial.unlink(missing_ok=True)  # unless it has become ``path``

    def append(self, name, data):
        path = self._path(name)
        with self._writing(name):
            self._make_room(name)
            with open(path, "ab") as file:
                file.write(data)

    def open(self, name):
        with self._reading(name):
            return open(self._path(name), "rb")

    def entry(self, name):
        with self._reading(name):
            status = os.stat(self._path(name))
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(name)
        return Entry(name, status.st_size, f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}")

    def list(self, prefix=""):
        check_prefix(prefix)
        names = self._below(prefix.rpartition("/")[0])
        return names if not prefix or prefix.endswith("/") else tuple(name for name in names if name.startswith(prefix))

    def remove(self, name):
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except ABSENT:
            pass
        except OSError as error:
            raise StoreError(f"{name} of the run {self._folder.name} could not be removed ({error.strerror or error}); "
                             "check the permissions of its folder.") from error

    @contextlib.contextmanager
    def local(self, name):
        self.entry(name)
        yield self._path(name)

    def sweep(self):
        for half in self._folder.glob(f"**/{PARTIAL}*"):
            half.unlink(missing_ok=True)

    def _path(self, name):
        check_name(name)
        return self._folder.joinpath(*name.split("/"))

    def _make_room(self, name):
        """Make the folders of a name, but never the run's own: it must not come again when it was deleted."""
        folder = self._folder
        for part in name.split("/")[:-1]:
            folder /= part
            folder.mkdir(exist_ok=True)

    def _below(self, folder):
        """The names of all files in a folder of the run and in those below it, sorted."""
        names, subfolders = self._listed(folder)
        if not subfolders:
            return names
        return tuple(sorted([*names, *(name for subfolder in subfolders for name in self._below(subfolder))]))

    def _listed(self, folder):
        """``(names of files, names of folders)`` right in a folder of the run, sorted."""
        path = os.path.join(self._folder, folder)
        try:
            now, status = time.time_ns(), os.stat(path)
            key = status.st_mtime_ns, status.st_ino
            known = self._listings.get(path)
            if known and known[0] == key and 0 <= now - known[1] < TRUSTED * 1e9:
                return known[2:]
            names, subfolders = [], []
            with os.scandir(path) as scanned:
                for item in scanned:
                    name = f"{folder}/{item.name}" if folder else item.name
                    if is_name(name):  # others are not ours, or are being written
                        (subfolders if item.is_dir() else names).append(name)
        except ABSENT:
            self._listings.pop(path, None)
            return (), ()
        except OSError as error:
            raise StoreError(f"The folder of the run {self._folder.name} cannot be read ({error.strerror or error}); check "
                             "its permissions.") from error
        listing = tuple(sorted(names)), tuple(sorted(subfolders))
        # Two changes within a tick of the disk's clock leave the same time: a folder that changed just now is not believed.
        if now - status.st_mtime_ns > SETTLED:
            self._listings[path] = key, now, *listing
        return listing

    @contextlib.contextmanager
    def _reading(self, name):
        try:
            yield
        except ABSENT:
            raise NoArtifact(f"The run {self._folder.name} has no {name}, or not any more; look at what else it "
                             "has.") from None
        except OSError as error:
            raise StoreError(f"{name} of the run {self._folder.name} could not be read ({error.strerror or error}); "
                             "check its permissions and the disk.") from error

    @contextlib.contextmanager
    def _writing(self, name):
        try:
            yield
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not self._folder.is_dir():
                raise Deleted(f"The run {self._folder.name} was deleted, so nothing can be kept of it; choose another "
                              "run.") from None
            reason = error.strerror or str(error)
            raise NotWritten(f"{name} of the run {self._folder.name} could not be written ({reason}); make room on the disk "
                             "and try again.", reason) from error
