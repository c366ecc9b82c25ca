"""The store in a workspace: a catalogue in SQLite and a folder per run.

    <workspace>/catalogue.sqlite
    <workspace>/runs/<id>/config.json, log.txt, samples/, views/, scores/, recognition/, judging/, checkpoints/, events/
    <workspace>/datasets/     images that were imported
"""

import os
from pathlib import Path

import sqlalchemy as sa

from gan_core.errors import StoreError
from gan_core.store import artifacts
from gan_core.store.artifact_stores import open_artifact_store
from gan_core.store.base import Store


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
    """Runs in a workspace folder.

    Raises:
        StoreError: when the folder cannot be made or written, or was made by a newer version.
    """

    def __init__(self, workspace, url=None):
        self.workspace = Path(workspace)
        try:
            (self.workspace / "runs").mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:  # a name that no system can have
            raise StoreError(f"The workspace {self.workspace} cannot be made ({getattr(error, 'strerror', error)}); choose "
                             "another with --workspace or GAN_WORKSPACE.") from None
        if not os.access(self.workspace, os.W_OK):
            raise StoreError(f"The workspace {self.workspace} is read-only; choose another with --workspace or "
                             "GAN_WORKSPACE, or give yourself the right to write there.")
        super().__init__(url or sa.URL.create("sqlite", database=str(self.workspace / "catalogue.sqlite")),
                         open_artifact_store(f"file://{self.workspace / 'runs'}"))

    def open_log(self, run_id):
        """A run's log, a binary file to be appended to, for the process that is started for it: what libraries and the
        system say goes there past our code.  Raises OSError."""
        return open(self.workspace / "runs" / run_id / artifacts.LOG, "ab")
