"""What the tests of stores share: a store of each kind.  A new kind joins the contract by one line in STORES."""

import numpy as np
import pytest

from gan_core.store import RUNNING, DiskStore, MemoryStore
from helpers_runs import make_run

STORES = {
    "memory": lambda folder: MemoryStore(),
    "disk": lambda folder: DiskStore(folder / "workspace"),
}


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


def table(rows):
    """Rows as a list of ``(step, key, value)``, NaN as None so that they compare."""
    return [(int(s), k, None if np.isnan(v) else float(v)) for s, k, v in zip(rows.step, rows.key, rows.value)]


@pytest.fixture
def recorded(store):
    return store, make_run(store, status=RUNNING, attempt=1, handle={"launcher": "local", "pid": 1, "host": "here"})
