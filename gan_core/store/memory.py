"""A store that lives as long as its process: for tests and notebooks."""

import threading

import sqlalchemy as sa

from gan_core.store.artifact_stores import open_artifact_store
from gan_core.store.base import Store


class MemoryStore(Store):
    """The catalogue and the artifacts in memory."""

    def __init__(self):
        super().__init__("sqlite://", open_artifact_store("memory://"), guard=threading.RLock(),
                         poolclass=sa.pool.StaticPool, connect_args={"check_same_thread": False})
