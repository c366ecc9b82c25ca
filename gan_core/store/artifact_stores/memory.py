"""Artifacts that live as long as their process: for tests and notebooks."""

import contextlib
import io
import itertools
import tempfile
import threading
from pathlib import Path

from gan_core.errors import StoreError
from gan_core.store.artifacts import Artifacts, Deleted, Entry, NoArtifact, NotWritten, check_name, check_prefix

SCHEMES = ("memory",)


class Store:
    """Each one has artifacts of its own, whatever the place is called."""

    lasting = False

    def __init__(self, place=""):
        self._runs, self._lock, self._versions = {}, threading.Lock(), itertools.count(1)

    def of(self, run_id):
        check_name(run_id)
        return _Memory(run_id, self._runs, self._lock, self._versions)

    def make(self, run_id):
        check_name(run_id)
        with self._lock:
            if run_id in self._runs:
                raise StoreError(f"There is a run {run_id} already; choose another id.")
            self._runs[run_id] = {}

    def remove(self, run_id):
        with self._lock:
            self._runs.pop(run_id, None)

    def where(self, run_id):
        return f"memory://{run_id}"


class _Memory(Artifacts):
    """``{run id: {name: (bytes, version)}}`` behind a lock."""

    def __init__(self, run_id, runs, lock, versions):
        self._id, self._runs, self._lock, self._versions = run_id, runs, lock, versions

    def _write(self, name, make):
        check_name(name)
        with self._lock:
            if self._id not in self._runs:
                raise Deleted(f"The run {self._id} was deleted, so nothing can be kept of it; choose another run.")
            run = self._runs[self._id]
            if any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in run):
                raise NotWritten(f"{name} of the run {self._id} could not be written (another artifact lies below or above "
                                 "that name); choose another name.", "another artifact lies below or above that name")
            run[name] = make(run.get(name, (b"", 0))[0]), next(self._versions)

    def put(self, name, data):
        data = bytes(data)
        self._write(name, lambda _: data)

    def append(self, name, data):
        data = bytes(data)
        self._write(name, lambda old: old + data)

    def _held(self, name):
        check_name(name)
        with self._lock:
            held = self._runs.get(self._id, {}).get(name)
        if held is None:
            raise NoArtifact(f"The run {self._id} has no {name}, or not any more; look at what else it has.")
        return held

    def open(self, name):
        return io.BytesIO(self._held(name)[0])

    def entry(self, name):
        data, version = self._held(name)
        return Entry(name, len(data), str(version))

    def list(self, prefix=""):
        check_prefix(prefix)
        with self._lock:
            return tuple(sorted(name for name in self._runs.get(self._id, ()) if name.startswith(prefix)))

    def remove(self, name):
        check_name(name)
        with self._lock:
            self._runs.get(self._id, {}).pop(name, None)

    @contextlib.contextmanager
    def local(self, name):
        data, _ = self._held(name)
        with tempfile.TemporaryDirectory(prefix="gan-") as folder:
            path = Path(folder) / name.rpartition("/")[2]
            path.write_bytes(data)
            yield path

    def sweep(self):
        pass  # nothing is ever half written
