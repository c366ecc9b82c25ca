"""The store of runs: a catalogue in SQL and a folder per run."""

from gan_core.runs.store import (
    ACTIVE, DIVERGED, ENDED, FAILED, FINISHED, LOST, QUEUED, RUNNING, STATUSES, STOPPED, STOPPING, Run, RunStore,
)
from gan_core.runs.disk import DiskStore, open_store, workspace_path
from gan_core.runs.memory import MemoryStore

__all__ = ["ACTIVE", "DIVERGED", "ENDED", "FAILED", "FINISHED", "LOST", "QUEUED", "RUNNING", "STATUSES", "STOPPED",
           "STOPPING", "DiskStore", "MemoryStore", "Run", "RunStore", "open_store", "workspace_path"]
