"""The contract of the records of work on trained models, over every kind of store."""

import contextlib
import dataclasses
import sqlite3

import pytest

import helpers_stores
from gan_core.errors import BadInput
from gan_core.store import DiskStore, task_records
from gan_core.store.task_records import ENDED, OPEN, STATUSES, new_task
from helpers_runs import is_a_sentence, make_run
from helpers_stores import AWKWARD, in_threads

store, disk = helpers_stores.store, helpers_stores.disk  # fixtures


def test_a_record_comes_back_as_it_went_in(store):
    record = store.tasks.create(new_task("keep", "run-1", checkpoint="1000", config={"n": 20, "name": AWKWARD},
                                         result={"dataset": AWKWARD, "none": None}, message=AWKWARD, share=0.25, left=None))
    assert store.tasks.get(record.id) == record and record.status == "queued" and record.created > 0
    assert store.tasks.list() == [record] and record.log.endswith(f"{record.id}.log")


def test_an_unknown_task_is_a_sentence(store):
    with pytest.raises(BadInput) as refused:
        store.tasks.get("score-1")
    assert is_a_sentence(str(refused.value))
    with pytest.raises(BadInput):
        store.tasks.delete("score-1")


def test_they_are_listed_newest_first_by_kind_run_and_status(store):
    first, second, third = (store.tasks.create(new_task(kind, run, created=when))
                            for kind, run, when in (("score", "a", 1.0), ("keep", "a", 2.0), ("score", "b", 3.0)))
    assert [each.id for each in store.tasks.list()] == [third.id, second.id, first.id]
    assert [each.id for each in store.tasks.list(kind="score")] == [third.id, first.id]
    assert [each.id for each in store.tasks.list(run="a", kind="keep")] == [second.id]
    assert store.tasks.move(first.id, "stopped", only_from=("queued",))
    assert [each.id for each in store.tasks.list(statuses=OPEN)] == [third.id, second.id]
    assert [each.id for each in store.tasks.list(statuses=ENDED)] == [first.id]


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_changes_only_from_those_that_are_named(store, status):
    record = store.tasks.create(new_task("score", "a", status=status))
    assert not store.tasks.move(record.id, "lost", only_from=set(STATUSES) - {status}, message="no")
    assert store.tasks.get(record.id) == record
    assert store.tasks.move(record.id, "lost", only_from=(status,), message="yes", ended=5.0)
    found = store.tasks.get(record.id)
    assert (found.status, found.message, found.ended) == ("lost", "yes", 5.0)


def test_of_many_that_claim_at_once_one_wins(store):
    record = store.tasks.create(new_task("score", "a"))
    won = in_threads(8, lambda i: store.tasks.claim(record.id, parallel=9, handle={"pid": i + 1}))
    assert sum(won) == 1 and store.tasks.get(record.id).handle == {"pid": won.index(True) + 1}
    assert store.tasks.get(record.id).started > 0


def test_no_more_than_so_many_of_a_kind_are_claimed(store):
    records = [store.tasks.create(new_task("score", f"run-{i}")) for i in range(5)]
    keep = store.tasks.create(new_task("keep", "a"))
    won = in_threads(5, lambda i: store.tasks.claim(records[i].id, parallel=2))
    assert sum(won) == 2
    assert store.tasks.claim(keep.id, parallel=1), "another kind does not wait for them"


def test_what_has_ended_is_not_written_any_more(store):
    """A process that was taken for dead and comes back changes nothing."""
    record = store.tasks.create(new_task("score", "a", status="running"))
    assert store.tasks.update(record.id, share=0.5, words="features")
    assert store.tasks.move(record.id, "lost", only_from=("running",))
    assert not store.tasks.update(record.id, share=0.7) and store.tasks.get(record.id).share == 0.5


def test_fields_that_there_are_not_and_statuses_are_refused(store):
    record = store.tasks.create(new_task("score", "a"))
    for wrong in ({"status": "running"}, {"colour": "red"}):
        with pytest.raises(TypeError):
            store.tasks.update(record.id, **wrong)


def test_the_same_is_not_asked_for_twice_while_it_is_open(store):
    first = new_task("keep", "a", config={"n": 2, "name": "x"})
    twice = [new_task("keep", "a", config={"name": "x", "n": 2}) for _ in range(6)]
    kept = [each for each in in_threads(6, lambda i: store.tasks.create(twice[i])) if each]
    assert len(kept) == 1 and store.tasks.create(first) is None and len(store.tasks.list()) == 1
    assert store.tasks.create(new_task("keep", "b", config=first.config)), "of another run"
    assert store.tasks.create(new_task("keep", "a", config={"n": 3, "name": "x"})), "with other settings"
    assert store.tasks.move(kept[0].id, "finished", only_from=("queued",))
    assert store.tasks.create(first), "once more, later"


def test_the_oldest_are_forgotten_and_open_ones_never(store, monkeypatch):
    monkeypatch.setattr(task_records, "HISTORY", 3)
    waiting = store.tasks.create(new_task("score", "a", created=0.5))
    for i in range(5):
        store.tasks.create(new_task("score", f"run-{i}", status="finished", created=1.0 + i))
    store.tasks.create(new_task("score", "new", created=9.0))
    assert [each.run for each in store.tasks.list(statuses=ENDED)] == ["run-4", "run-3", "run-2"]
    assert store.tasks.get(waiting.id) == waiting


def test_an_ended_one_can_be_deleted_and_an_open_one_cannot(store):
    record = store.tasks.create(new_task("score", "a"))
    with pytest.raises(BadInput, match="queued") as refused:
        store.tasks.delete(record.id)
    assert is_a_sentence(str(refused.value))
    store.tasks.move(record.id, "stopped", only_from=("queued",))
    store.tasks.delete(record.id)
    assert store.tasks.list() == []


def test_the_history_outlives_a_run(store):
    run = make_run(store, status="finished")
    record = store.tasks.create(new_task("score", run.id, status="finished"))
    store.delete(run.id)
    assert store.tasks.get(record.id) == record


def test_a_workspace_of_before_gets_the_table(tmp_path):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as before:
        run = make_run(before)
    with contextlib.closing(sqlite3.connect(tmp_path / "workspace" / "catalogue.sqlite")) as database:
        for table in ("sweep_runs", "sweeps", "notices"):  # which came later
            database.execute(f"DROP TABLE {table}")
        database.execute("ALTER TABLE runs DROP COLUMN parent")
        database.execute("DROP TABLE tasks")
        database.execute("DROP TABLE blocks")
        database.execute("UPDATE settings SET value = '2' WHERE name = 'schema'")
        database.commit()
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        assert store.get(run.id).id == run.id and store.tasks.list() == []
        record = store.tasks.create(new_task("score", run.id))
        assert dataclasses.replace(store.tasks.get(record.id)) == record
