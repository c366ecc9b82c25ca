"""Long runs: rows are read in blocks, and are the same rows whatever was packed, replaced, cut off or deleted meanwhile."""

import contextlib

import numpy as np
import pytest
import sqlalchemy as sa

import helpers_stores
from gan_core.errors import StoreError
from gan_core.store import FINISHED, DiskStore, blocks, catalogue
from gan_core.store.curves import Series
from gan_core.store.tables import metrics
from helpers_runs import make_run
from helpers_stores import table

store = helpers_stores.store  # the fixture
KEYS = ("loss", "g, \"quoted\"", "ü")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", 10)
    monkeypatch.setattr(catalogue, "PACKED_AT_ONCE", 35)


def some_rows(first, last, value=1.0, keys=KEYS):
    return [(step, key, float("nan") if step % 7 == 0 else value * step + place, step / 3)
            for step in range(first, last) for place, key in enumerate(keys)]


def add(store, run, first, last, **how):
    for step in range(first, last, 4):
        store.add_rows(run.id, some_rows(step, min(step + 4, last), **how))


def truth(store, run, keys=None, after=-1):
    """The rows as they stand in the table."""
    query = sa.select(metrics.c.step, metrics.c.key, metrics.c.value).where(metrics.c.run_id == run.id)
    with store._reading() as connection:
        rows = sorted(map(tuple, connection.execute(query)), key=lambda row: row[:2])
    return [row for row in rows if row[0] > after and (not keys or row[1] in keys)]


def same(store, run):
    for keys, after in ((None, -1), (None, 17), (KEYS[:1], -1), (KEYS[1:], 30), (["nosuch"], -1), (None, 10**9)):
        rows = store.rows(run.id, keys=keys, after=after)
        assert table(rows) == truth(store, run, keys, after)
        assert rows.time.tolist() == [step / 3 for step in rows.step.tolist()]


def count(store, run):
    with store._reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(blocks.blocks).where(
            blocks.blocks.c.run_id == run.id))


def test_rows_are_packed_as_they_come_and_read_as_they_are(store):
    run, other = make_run(store), make_run(store)
    add(store, other, 0, 9)
    for end in (3, 8, 30, 60):
        add(store, run, max(end - 30, 0), end)
        same(store, run)
    assert count(store, run) > 10 and len(store.rows(run.id)) == 180
    same(store, other)


@pytest.mark.parametrize("change", [
    lambda store, run: store.cut(run.id, 20),
    lambda store, run: (store.cut(run.id, 20), store.add_rows(run.id, [(20, "loss", -5.0, 20 / 3)])),
    lambda store, run: store.add_rows(run.id, [(20, "late", -5.0, 20 / 3), (90, "loss", 1.0, 30.0)]),
    lambda store, run: (store.cut(run.id, 20), add(store, run, 21, 70, value=-2.0)),
    lambda store, run: store.cut(run.id, -1),
    lambda store, run: (store.cut(run.id, -1), add(store, run, 0, 40, value=-2.0)),
], ids=["cut", "replaced", "a late one", "resumed", "all gone", "anew"])
def test_what_changes_rows_changes_what_is_read(store, change):
    run = make_run(store)
    add(store, run, 0, 60)
    assert count(store, run)
    change(store, run)
    same(store, run)
    series = Series(store, run.id).refresh()
    assert np.array_equal(series.curve("loss")[1], store.rows(run.id, keys=["loss"]).value, equal_nan=True)


def test_a_deleted_run_leaves_no_blocks(store):
    run = make_run(store, status=FINISHED)
    add(store, run, 0, 60)
    store.delete(run.id)
    assert count(store, run) == 0


def test_rows_of_older_versions_are_packed_when_they_are_first_read(store):
    run = make_run(store)
    with store._writing() as connection:
        connection.execute(metrics.insert(), [
            dict(run_id=run.id, step=step, key=key, value=None if np.isnan(value) else value, time=time)
            for step, key, value, time in some_rows(0, 100)])
    assert count(store, run) == 0
    same(store, run)
    assert count(store, run)
    same(store, run)


def test_they_are_read_where_nothing_can_be_packed(store, monkeypatch):
    run = make_run(store)
    with store._writing() as connection:
        connection.execute(metrics.insert(), [dict(run_id=run.id, step=step, key=key, value=1.0, time=step / 3)
                                              for step, key, _, _ in some_rows(0, 100)])

    @contextlib.contextmanager
    def cannot():
        raise StoreError("The workspace cannot be written; check its permissions.")
        yield

    monkeypatch.setattr(store, "_writing", cannot)
    assert len(store.rows(run.id)) == 300 and count(store, run) == 0


def test_a_step_with_more_rows_than_a_block_is_whole(store):
    run = make_run(store)
    keys = [f"key {number:02}" for number in range(45)]
    for step in range(4):
        store.add_rows(run.id, some_rows(step, step + 1, keys=keys))
    same(store, run)
    assert len(store.rows(run.id)) == 180


def test_two_processes_that_pack_do_not_meet(tmp_path):
    with contextlib.closing(DiskStore(tmp_path / "w")) as one, contextlib.closing(DiskStore(tmp_path / "w")) as other:
        run = make_run(one)
        for step in range(0, 80, 4):
            (one if step % 8 else other).add_rows(run.id, some_rows(step, step + 4))
            same(other if step % 8 else one, run)
