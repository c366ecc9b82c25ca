"""Runs and what they left: a catalogue in SQL and a folder per run.  The only room that knows where.

Imports ``config``, ``data``, ``modalities`` and ``errors``; no Keras.
"""

from gan_core.store.local import DiskStore, open_store, workspace_path
from gan_core.store.memory import MemoryStore
from gan_core.store.run import (
    ACTIVE, DIVERGED, ENDED, FAILED, FINISHED, LOST, QUEUED, RUNNING, STATUSES, STOPPED, STOPPING, Run, RunStore,
    Unreachable,
)

__all__ = ["ACTIVE", "DIVERGED", "ENDED", "FAILED", "FINISHED", "LOST", "QUEUED", "RUNNING", "STATUSES", "STOPPED",
           "STOPPING", "DiskStore", "MemoryStore", "Run", "RunStore", "Unreachable", "open_store",
           "workspace_path"]
