"""What the tests of stores share: a store of each kind.  A new kind joins the contract by one line in STORES."""

import io
import os
import stat
import threading

import numpy as np
import pytest

from gan_core.store import RUNNING, DiskStore, MemoryStore, weights
from helpers_runs import PATIENCE, make_run

STORES = {
    "memory": lambda folder: MemoryStore(),
    "disk": lambda folder: DiskStore(folder / "workspace"),
}
AWKWARD = """quotes ' " ` and \\ and %s and {} and :name; DROP TABLE runs; -- ü 数字 🎲 \n\ttab and new line"""


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    store = STORES[request.param](tmp_path)
    yield store
    store.close()


@pytest.fixture
def disk(tmp_path):
    store = DiskStore(tmp_path / "workspace")
    yield store
    store.close()


@pytest.fixture
def device(tmp_path):
    """``device("null")``: one of the test's own, since who may do everything would replace the machine's by a mistake."""
    numbers = {"null": 3, "full": 7}
    (tmp_path / "devices").mkdir()
    try:
        for name, number in numbers.items():
            os.mknod(tmp_path / "devices" / name, 0o666 | stat.S_IFCHR, os.makedev(1, number))
        (tmp_path / "devices" / "null").write_bytes(b"")  # some disks hold none that work
    except (OSError, AttributeError) as error:
        pytest.skip(f"this process may make no device here: {error}")
    return (tmp_path / "devices").joinpath


def whole(content=b"weights"):
    """The bytes of a checkpoint that passes for a whole one."""
    file = io.BytesIO(content)
    weights.seal(file)
    return file.getvalue()


def table(rows):
    """Rows as a list of ``(step, key, value)``, NaN as None so that they compare."""
    return [(int(s), k, None if np.isnan(v) else float(v)) for s, k, v in zip(rows.step, rows.key, rows.value)]


@pytest.fixture
def recorded(store):
    return store, make_run(store, status=RUNNING, attempt=1, handle={"launcher": "local", "pid": 1, "host": "here"})


def in_threads(number, function):
    """Call ``function(i)`` in threads that all start at once; what each returned."""
    barrier, results = threading.Barrier(number), [None] * number

    def call(i):
        barrier.wait()
        results[i] = function(i)

    threads = [threading.Thread(target=call, args=(i,)) for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    return results
