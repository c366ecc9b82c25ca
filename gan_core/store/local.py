"""The store in a workspace: a catalogue in SQLite and a folder per run.

    <workspace>/catalogue.sqlite
    <workspace>/runs/<id>/config.json, log.txt, samples/, views/, scores/, recognition/, judging/, checkpoints/, events/
    <workspace>/datasets/     images that were imported
    <workspace>/.reserve      room that is given up when the disk is full
"""

import contextlib
import os
import shutil
from pathlib import Path

import sqlalchemy as sa

from gan_core.errors import DiskFull, StoreError
from gan_core.store import artifacts, sqlite
from gan_core.store.artifact_stores import open_artifact_store
from gan_core.store.base import Store
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
    """The store of a workspace, which is made if it does not exist."""
    return DiskStore(workspace_path(path))


class DiskStore(Store):
    """Runs in a workspace folder, which can be read where it cannot be written: on a full disk, or a read-only one.

    Raises:
        StoreError: when the folder cannot be made, or was made by a newer version.
    """

    def __init__(self, workspace, url=None):
        self.workspace = Path(workspace)
        try:
            (self.workspace / "runs").mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:  # a name that no system can have
            raise StoreError(f"The workspace {self.workspace} cannot be made ({getattr(error, 'strerror', error)}); choose "
                             "another with --workspace or GAN_WORKSPACE.") from None
        path = self.workspace / "catalogue.sqlite"
        ours = {} if url else {"creator": lambda: sqlite.connect(path), "poolclass": sa.pool.QueuePool}
        super().__init__(url or "sqlite://", open_artifact_store(f"file://{self.workspace / 'runs'}"), **ours)
        self._reserve = Reserve(self.workspace / ".reserve")
        self._reserve.keep()

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
        system say goes there past our code.  Raises OSError."""
        return open(self.workspace / "runs" / run_id / artifacts.LOG, "ab")


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
