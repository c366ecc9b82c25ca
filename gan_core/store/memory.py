"""A store that lives as long as its process: for tests and notebooks."""

import shutil
import tempfile
import threading
from pathlib import Path

import sqlalchemy as sa

from gan_core.store.task_records import WithTasks


class MemoryStore(WithTasks):
    """The catalogue in memory, the folders in a temporary directory that goes with the object."""

    def __init__(self):
        super().__init__("sqlite://", guard=threading.RLock(), poolclass=sa.pool.StaticPool,
                         connect_args={"check_same_thread": False})
        self._files = tempfile.TemporaryDirectory(prefix="gan-")

    def create(self, run):
        super().create(run)
        self.folder(run.id).mkdir()
        return run

    def delete(self, run_id):
        super().delete(run_id)
        shutil.rmtree(self.folder(run_id), ignore_errors=True)

    def folder(self, run_id):
        return Path(self._files.name) / run_id
