"""What the tests of comparisons share: a store, and its runs side by side."""

import pytest

from gan_core.compare import compare
from gan_core.store import DiskStore
from gan_core.store.curves import Series


@pytest.fixture
def store(tmp_path):
    with_store = DiskStore(tmp_path / "ws")
    yield with_store
    with_store.close()


def side_by_side(store, *runs):
    return compare(store, [run.id for run in runs], lambda run: Series(store, run).refresh())
