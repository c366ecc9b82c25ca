"""The store in a workspace: a catalogue in SQLite and a folder per run.

    <workspace>/catalogue.sqlite
    <workspace>/runs/<id>/config.json, log.txt, samples/, scores/, recognition/, judging/, checkpoints/, events/
    <workspace>/datasets/     images that were imported
"""

import json
import os
import shutil
from pathlib import Path

from gan_core.errors import StoreError
from gan_core.whole_files import write_whole
from gan_core.store.task_records import WithTasks


def workspace_path(path=None):
    """The workspace: ``path``, else ``$GAN_WORKSPACE``, else ``./workspace``."""
    return Path(path or os.environ.get("GAN_WORKSPACE") or "workspace").expanduser().absolute()


def open_store(path=None):
    """The store of a workspace, which is made if it does not exist."""
    return DiskStore(workspace_path(path))


class DiskStore(WithTasks):
    """Runs in a workspace folder.

    Raises:
        StoreError: when the folder cannot be made or written, or was made by a newer version.
    """

    def __init__(self, workspace, url=None):
        self.workspace = Path(workspace)
        try:
            (self.workspace / "runs").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"The workspace {self.workspace} cannot be made ({error.strerror}); choose another with "
                             "--workspace or GAN_WORKSPACE.") from None
        if not os.access(self.workspace, os.W_OK):
            raise StoreError(f"The workspace {self.workspace} is read-only; choose another with --workspace or "
                             "GAN_WORKSPACE, or give yourself the right to write there.")
        super().__init__(url or f"sqlite:///{self.workspace / 'catalogue.sqlite'}")

    def create(self, run):
        folder = self.folder(run.id)
        try:
            folder.mkdir()  # one that is there already is another run's, and stays
            try:
                write_whole(folder / "config.json", json.dumps(run.spec, indent=2).encode())
                return super().create(run)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        except OSError as error:
            raise StoreError(f"The run's folder cannot be written ({error.strerror}); make room or choose another "
                             "workspace.") from None

    def delete(self, run_id):
        super().delete(run_id)
        # Renamed first: a half-deleted folder must not look like a run's.
        folder = self.folder(run_id)
        if folder.exists():
            doomed = folder.with_name(f".deleted-{run_id}")
            folder.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)

    def folder(self, run_id):
        return self.workspace / "runs" / run_id
