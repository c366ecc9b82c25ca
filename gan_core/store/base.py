"""A store of runs: the catalogue and the artifacts, kept in step; and the work on trained models."""

import functools
import json

from gan_core import visitors
from gan_core.store.artifacts import CONFIG
from gan_core.store.catalogue import Catalogue
from gan_core.store.for_visitors import Shown
from gan_core.store.notice_records import NoticeRecords
from gan_core.store.sweep_records import SweepRecords
from gan_core.store.task_records import TaskRecords


class Store(Catalogue):
    """A :class:`gan_core.store.run.RunStore`.

    Args:
        url: of the catalogue's database.
        artifact_store: :class:`gan_core.store.artifacts.ArtifactStore`.
        options: of the catalogue.
    """

    def __init__(self, url, artifact_store, **options):
        super().__init__(url, **options)
        self._artifact_store = artifact_store

    def create(self, run, along=None, files=None):
        visitors.refuse()
        self._artifact_store.make(run.id)
        try:
            for name, data in {CONFIG: json.dumps(run.spec, indent=2).encode(), **(files or {})}.items():
                self.artifacts(run.id).put(name, data)
            return super().create(run, along)
        except BaseException:
            self._artifact_store.remove(run.id)
            raise

    def delete(self, run_id):
        super().delete(run_id)
        self._artifact_store.remove(run_id)

    @functools.cached_property
    def tasks(self):
        """The :class:`gan_core.store.task_records.TaskRecords`."""
        return TaskRecords(self)

    @functools.cached_property
    def sweeps(self):
        """The :class:`gan_core.store.sweep_records.SweepRecords`."""
        return SweepRecords(self)

    @functools.cached_property
    def notices(self):
        """The :class:`gan_core.store.notice_records.NoticeRecords`."""
        return NoticeRecords(self)

    def artifacts(self, run_id):
        held = self._artifact_store.of(run_id)
        return Shown(held) if visitors.are_here() else held

    def where(self, run_id):
        return self._artifact_store.where(run_id)

    def settle(self, seconds):
        """Wait until artifacts that are on their way are where they belong, at most so long.  Whether all are."""
        settle = getattr(self._artifact_store, "settle", None)
        return settle is None or settle(seconds)

    def close(self):
        if close := getattr(self._artifact_store, "close", None):
            close()
        super().close()
