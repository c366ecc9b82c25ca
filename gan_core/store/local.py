"""The store in a workspace: a catalogue in SQLite and a folder per run.

    <workspace>/catalogue.sqlite
    <workspace>/runs/<id>/config.json, log.txt, samples/, views/, scores/, recognition/, judging/, checkpoints/, events/
    <workspace>/datasets/     images that were imported
    <workspace>/.reserve      room that is given up when the disk is full

Where the catalogue or the artifacts lie elsewhere (:mod:`gan_core.store.addresses`) the folder stays, for all else and for

    <workspace>/outbox/           artifacts that are to be sent
    <workspace>/cache/artifacts/  those that were fetched
    <workspace>/logs/runs/        what libraries and the system say while a run trains
"""

import contextlib
import os
import shutil
from pathlib import Path

import sqlalchemy as sa

from gan_core.errors import DiskFull, StoreError
from gan_core.store import addresses, artifacts, sqlite
from gan_core.store.artifact_stores import open_artifact_store
from gan_core.store.base import Store
from gan_core.store.catalogue import Catalogue
from gan_core.store.file_cache import FileCache
from gan_core.store.outbox import Outbox
from gan_core.store.run import ENDED
from gan_core.whole_files import write_whole

RESERVE = 2**20  # bytes
LEFT_FREE = 16 * RESERVE  # of the disk, so that nobody lacks what is reserved

def workspace_path(path=None):
    """The workspace: ``path``, else ``$GAN_WORKSPACE``, else ``./workspace``."""
    wanted = path or os.environ.get("GAN_WORKSPACE") or "workspace"
    try:
        return Path(wanted).expanduser().absolute()
    except (RuntimeError, OSError) as error:  # the home of nobody; a working directory that is gone
        raise StoreError(f"The workspace {str(wanted)!r} cannot be found ({error}); name another with --workspace or "
                         "GAN_WORKSPACE.") from None


def open_store(path=None):
    """The store of a workspace, which is made if it does not exist; its catalogue and artifacts are where the environment
    says (:mod:`gan_core.store.addresses`)."""
    workspace = workspace_path(path)
    return DiskStore(workspace, addresses.catalogue_url(), addresses.artifacts_url())


class DiskStore(Store):
    """Runs in a workspace folder, which can be read where it cannot be written: on a full disk, or a read-only one.

    Args:
        url: of the catalogue; "" for the workspace's own.
        artifacts_url: of the artifacts; "" for the workspace's own.

    Raises:
        StoreError: when the folder cannot be made, was made by a newer version, or the catalogue cannot be reached.
    """

    def __init__(self, workspace, url="", artifacts_url=""):
        self.workspace = Path(workspace)
        try:
            (self.workspace / "runs").mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:  # a name that no system can have
            raise StoreError(f"The workspace {self.workspace} cannot be made ({getattr(error, 'strerror', error)}); choose "
                             "another with --workspace or GAN_WORKSPACE.") from None
        self._far = False
        super().__init__(url or "sqlite://", self._artifacts_at(artifacts_url), **({} if url else _in(self.workspace)))
        self._reserve = Reserve(self.workspace / ".reserve")
        self._reserve.keep()

    def _artifacts_at(self, url):
        if not url:
            return open_artifact_store(f"file://{self.workspace / 'runs'}")
        if url.startswith("file://"):
            try:
                Path(url.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"The folder for artifacts {url} cannot be made ({error.strerror}); correct "
                                 f"{addresses.ARTIFACTS}.") from None
        place = open_artifact_store(url)
        self._far = getattr(place, "far", False)
        cache = FileCache(self.workspace / "cache" / "artifacts", addresses.cache_bytes())
        return Outbox(place, self.workspace / "outbox", cache) if self._far else place

    def delete(self, run_id):
        try:
            super().delete(run_id)
        except DiskFull:  # to forget it takes some room, too
            self._reserve.give_up()
            self._delete_on_full_disk(run_id)
            self.compact()
            self._reserve.keep(left_free=0)  # for the next one

    def _delete_on_full_disk(self, run_id):
        try:
            super().delete(run_id)
        except DiskFull:  # others were faster, or there was no reserve
            if self.get(run_id).status not in ENDED:
                raise
            self._artifact_store.remove(run_id)
            super().delete(run_id)

    def open_log(self, run_id):
        """A run's log, a binary file to be appended to, for the process that is started for it: what libraries and the
        system say goes there past our code.  It is in the workspace where the artifacts are not.  Raises OSError."""
        path = Path(self.where(run_id)) / artifacts.LOG
        if self._far:
            path = self.workspace / "logs" / "runs" / f"{run_id}.log"
            path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "ab")


def sqlite_catalogue(workspace):
    """The :class:`gan_core.store.catalogue.Catalogue` in a folder, which is there."""
    return Catalogue("sqlite://", **_in(workspace))


def _in(workspace):
    """The options of the engine for a workspace's own catalogue."""
    path = Path(workspace) / "catalogue.sqlite"
    return {"creator": lambda: sqlite.connect(path), "poolclass": sa.pool.QueuePool}


class Reserve:
    """Room on the disk that is given up when there is no other: to be forgotten, a run needs some.

    Args:
        path: of the file that takes the room.
    """

    def __init__(self, path):
        self._path = path

    def keep(self, left_free=LEFT_FREE):
        """Make it of what is beyond these bytes of the disk, unless it is there or there is too little."""
        with contextlib.suppress(OSError):
            room = min(shutil.disk_usage(self._path.parent).free - left_free, RESERVE)
            if room >= RESERVE // 8 and not self._path.exists():
                write_whole(self._path, os.urandom(room))  # of zeros some disks keep nothing

    def give_up(self):
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
