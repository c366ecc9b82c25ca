"""The contract that every store of runs must pass, and what is particular to the one on disk and to its recorder.

A new kind of store joins the contract by one line in STORES.
"""

import contextlib
import errno
import json
import os
import shutil
import sqlite3
import struct
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from tensorboardX.proto.event_pb2 import Event, SessionLog

from gan_core.errors import BadInput, StoreError
from gan_core.runs import (
    ENDED, FINISHED, LOST, QUEUED, RUNNING, STATUSES, STOPPED, STOPPING, DiskStore, MemoryStore,
    files, open_store, recording, sql, workspace_path,
)
from gan_core.runs.recording import KEEP, StoreRecorder, rewind
from gan_core.spec import RunSpec
from helpers_runs import PATIENCE, is_a_sentence, make_run, make_spec, python, start_python, until

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


# The contract: runs


def test_a_run_comes_back_as_it_went_in(store):
    run = make_run(store, name="Ring, first try", tags=("a", "b"), notes="n", facts={"device": "cpu"}, seconds=1.5)
    assert store.get(run.id) == run
    assert store.folder(run.id).is_dir()
    assert run.status == QUEUED and run.step == 0 and run.created > 0


AWKWARD = """quotes ' " ` and \\ and %s and {} and :name; DROP TABLE runs; -- ü 数字 🎲 \n\ttab and new line"""


def test_text_of_any_kind_survives(store):
    facts = {"parameters": {"generator": 12}, "nested": [1, 2.5, None, True, AWKWARD], AWKWARD: AWKWARD}
    run = make_run(store, name=AWKWARD, tags=(AWKWARD, "", "ok"), notes=AWKWARD, message=AWKWARD, facts=facts)
    store.update(run.id, notes=AWKWARD * 2, tags=("one",))
    found = store.get(run.id)
    assert (found.name, found.message, found.facts) == (AWKWARD, AWKWARD, facts)
    assert (found.notes, found.tags) == (AWKWARD * 2, ("one",))
    assert RunSpec.from_dict(found.spec) == make_spec()


def test_times_keep_their_fractions_and_steps_their_size(store):
    now = time.time()
    run = make_run(store, steps=10_000_000)
    store.update(run.id, heartbeat=now, step=9_999_999_999, pid=2**40)
    found = store.get(run.id)
    assert found.heartbeat == now and found.step == 9_999_999_999 and found.pid == 2**40


def test_a_run_is_found_by_the_beginning_of_its_id(store):
    one, other = make_run(store), make_run(store)
    assert store.get(one.id[:-1]).id == one.id
    with pytest.raises(BadInput, match="Several runs"):
        store.get(os.path.commonprefix([one.id, other.id]))


@pytest.mark.parametrize("wrong", ["nosuch", "", "%", "____", "2%", "' OR 1=1 --"])
def test_an_unknown_id_is_told_in_a_sentence(store, wrong):
    make_run(store)
    with pytest.raises(BadInput) as caught:
        store.get(wrong)
    assert is_a_sentence(str(caught.value)) and "gan_core runs" in str(caught.value)


def test_the_list_is_newest_first_and_filters_by_status(store):
    runs = [make_run(store, status=status, created=1000.0 + i) for i, status in enumerate(STATUSES)]
    assert [run.id for run in store.list()] == [run.id for run in reversed(runs)]
    assert {run.status for run in store.list(ENDED)} == set(ENDED)
    assert [run.status for run in store.list([QUEUED])] == [QUEUED]
    assert store.list([]) == []


def test_an_empty_store_lists_nothing(store):
    assert store.list() == []


def test_update_changes_what_it_names_and_nothing_else(store):
    run, other = make_run(store, notes="kept"), make_run(store)
    store.update(run.id, step=7, message="m")
    found = store.get(run.id)
    assert (found.step, found.message, found.notes, found.status) == (7, "m", "kept", QUEUED)
    assert store.get(other.id) == other


def test_update_refuses_the_status_and_fields_that_do_not_exist(store):
    run = make_run(store)
    with pytest.raises(TypeError, match="move"):
        store.update(run.id, status=FINISHED)
    with pytest.raises(TypeError, match="colour"):
        store.update(run.id, colour="red")
    with pytest.raises(TypeError, match="colour"):
        store.move(run.id, RUNNING, only_from=(QUEUED,), colour="red")
    assert store.get(run.id) == run


def test_a_second_run_of_the_same_id_is_refused_and_the_first_untouched(store):
    run = make_run(store, notes="first")
    (store.folder(run.id) / "log.txt").write_text("precious")
    with pytest.raises(StoreError):
        make_run(store, id=run.id, notes="second")
    assert store.get(run.id).notes == "first" and len(store.list()) == 1
    assert (store.folder(run.id) / "log.txt").read_text() == "precious"


def test_ids_are_unique_and_sort_by_time_however_fast_they_are_made(store):
    made = [make_run(store).id for _ in range(20)]
    made += [run for runs in in_threads(4, lambda i: [make_run(store).id for _ in range(10)]) for run in runs]
    assert len(set(made)) == 60 == len(store.list())
    seconds = [run_id.rpartition("-")[0] for run_id in made[:20]]
    assert seconds == sorted(seconds)


# The contract: statuses


def test_move_happens_only_from_the_statuses_it_names(store):
    run = make_run(store)
    assert not store.move(run.id, STOPPING, only_from=(RUNNING, STOPPING), step=5)
    assert store.get(run.id) == run
    assert store.move(run.id, RUNNING, only_from=(QUEUED, LOST), step=5, message="m")
    found = store.get(run.id)
    assert (found.status, found.step, found.message) == (RUNNING, 5, "m")
    assert not store.move("nosuch", RUNNING, only_from=STATUSES)


def test_of_many_movers_one_wins(store):
    for _ in range(5):
        run = make_run(store)
        wins = in_threads(6, lambda i: store.move(run.id, STOPPED, only_from=(QUEUED,), message=str(i)))
        assert wins.count(True) == 1
        assert store.get(run.id).message == str(wins.index(True))


def test_claims_honour_the_order_of_waiting(store):
    late, early = make_run(store, queued=200.0), make_run(store, queued=100.0)
    assert not store.claim(late.id, parallel=1)
    assert store.claim(early.id, parallel=1, pid=42)
    found = store.get(early.id)
    assert (found.status, found.pid) == (RUNNING, 42)
    assert not store.claim(late.id, parallel=1), "one works already"
    assert store.move(early.id, FINISHED, only_from=(RUNNING,))
    assert store.claim(late.id, parallel=1)


def test_runs_that_began_to_wait_at_the_same_instant_have_an_order_too(store):
    runs = sorted((make_run(store, queued=100.0) for _ in range(3)), key=lambda run: run.id)
    assert [store.claim(run.id, parallel=9) for run in runs[::-1]] == [False, False, True]
    assert [store.claim(run.id, parallel=9) for run in runs] == [False, True, True]


def test_claims_honour_the_number_in_parallel(store):
    runs = [make_run(store, queued=float(i)) for i in range(4)]
    assert [store.claim(run.id, parallel=2) for run in runs] == [True, True, False, False]
    store.move(runs[0].id, STOPPING, only_from=(RUNNING,))
    assert not store.claim(runs[2].id, parallel=2), "a stopping run still works"
    store.move(runs[0].id, LOST, only_from=(STOPPING,))
    assert store.claim(runs[2].id, parallel=2)


@pytest.mark.parametrize("status", [each for each in STATUSES if each != QUEUED])
def test_only_a_queued_run_can_be_claimed(store, status):
    run = make_run(store, status=status)
    assert not store.claim(run.id, parallel=9)
    assert store.get(run.id).status == status


def test_of_many_claimers_as_many_win_as_may_work(store):
    runs = [make_run(store, queued=float(i)) for i in range(6)]

    def claim_what_comes(_):
        return [run.id for _ in range(4) for run in runs if store.claim(run.id, parallel=2)]

    won = [run_id for each in in_threads(4, claim_what_comes) for run_id in each]
    assert sorted(won) == sorted(run.id for run in runs[:2])


# The contract: metric rows


def test_rows_come_back_by_step_in_columns(store):
    run, other = make_run(store), make_run(store)
    store.add_rows(run.id, [(2, "g_loss", 0.25, 12.5), (1, "g_loss", 0.5, 11.0), (1, "d_loss", -1e300, 11.0)])
    store.add_rows(other.id, [(1, "d_loss", 9.0, 0.0)])
    rows = store.rows(run.id)
    assert table(rows) == [(1, "d_loss", -1e300), (1, "g_loss", 0.5), (2, "g_loss", 0.25)]
    assert rows.time.tolist() == [11.0, 11.0, 12.5] and len(rows) == 3
    assert (rows.step.dtype, rows.value.dtype, rows.time.dtype) == (np.int64, np.float64, np.float64)


def test_no_rows_are_columns_of_length_0(store):
    run = make_run(store)
    store.add_rows(run.id, [])
    rows = store.rows(run.id)
    assert len(rows) == 0 and rows.step.dtype == np.int64 and rows.value.dtype == np.float64
    assert len(store.rows("nosuch")) == 0


def test_a_row_of_the_same_step_and_key_is_replaced(store):
    run = make_run(store)
    store.add_rows(run.id, [(s, k, 1.0, 1.0) for s in range(5) for k in ("a", "b")])
    store.add_rows(run.id, [(2, "a", 2.0, 2.0), (2, "c", 3.0, 2.0), (9, "a", 4.0, 2.0), (9, "a", 5.0, 2.0)])
    expected = {(s, k): 1.0 for s in range(5) for k in ("a", "b")} | {(2, "a"): 2.0, (2, "c"): 3.0, (9, "a"): 5.0}
    assert table(store.rows(run.id)) == [(*where, value) for where, value in sorted(expected.items())]


def test_what_is_not_a_number_survives_as_nan(store):
    run = make_run(store)
    store.add_rows(run.id, [(1, "a", float("nan"), 0.0), (2, "a", float("inf"), 0.0), (3, "a", -float("inf"), 0.0),
                            (4, "a", 0.0, 0.0)])
    assert table(store.rows(run.id)) == [(1, "a", None), (2, "a", None), (3, "a", None), (4, "a", 0.0)]


def test_numpy_numbers_are_numbers(store):
    run = make_run(store)
    store.add_rows(run.id, [(np.int64(3), "a", np.float32(0.5), np.float64(1.0))])
    store.add_rows(run.id, [(np.int32(3), "a", np.float16(1.5), 2.0), (4, "a", np.float32("nan"), 2.0)])
    assert table(store.rows(run.id)) == [(3, "a", 1.5), (4, "a", None)]


def test_rows_can_be_had_after_a_step_and_of_some_keys(store):
    run = make_run(store)
    store.add_rows(run.id, [(s, k, float(s), 0.0) for s in range(6) for k in ("a", "b", "c")])
    assert table(store.rows(run.id, after=4)) == [(5, "a", 5.0), (5, "b", 5.0), (5, "c", 5.0)]
    assert table(store.rows(run.id, after=4, keys=["c", "a", "nosuch"])) == [(5, "a", 5.0), (5, "c", 5.0)]
    assert len(store.rows(run.id, keys=[])) == 0
    assert len(store.rows(run.id, after=5)) == 0
    assert len(store.rows(run.id)) == 18, "step 0 is a step"


def test_cut_forgets_later_rows_of_this_run_alone(store):
    run, other = make_run(store), make_run(store)
    for each in (run, other):
        store.add_rows(each.id, [(s, "a", 1.0, 0.0) for s in range(5)])
    store.cut(run.id, 2)
    assert store.rows(run.id).step.tolist() == [0, 1, 2]
    assert len(store.rows(other.id)) == 5


# The contract: deletion and settings


def test_delete_forgets_rows_and_folder_of_this_run_alone(store):
    run, other = make_run(store, status=FINISHED), make_run(store, status=FINISHED)
    for each in (run, other):
        store.add_rows(each.id, [(1, "a", 1.0, 0.0)])
        (store.folder(each.id) / "samples").mkdir()
        (store.folder(each.id) / "samples" / "x.png").write_bytes(b"x")
    store.delete(run.id)
    assert [each.id for each in store.list()] == [other.id]
    assert len(store.rows(run.id)) == 0 and not store.folder(run.id).exists()
    assert len(store.rows(other.id)) == 1 and (store.folder(other.id) / "samples" / "x.png").exists()
    assert os.listdir(store.folder(other.id).parent) == [other.id], "nothing of the deleted run is left"


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_ended_run_can_be_deleted(store, status):
    run = make_run(store, status=status)
    store.add_rows(run.id, [(1, "a", 1.0, 0.0)])
    if status in ENDED:
        store.delete(run.id)
        assert store.list() == []
    else:
        with pytest.raises(BadInput, match=status) as caught:
            store.delete(run.id)
        assert is_a_sentence(str(caught.value))
        assert store.get(run.id) == run and len(store.rows(run.id)) == 1 and store.folder(run.id).is_dir()


@pytest.mark.parametrize("wrong", ["nosuch", "", ".", "..", "../..", "%"])
def test_deleting_what_is_no_run_deletes_nothing(store, wrong):
    run = make_run(store, status=FINISHED)
    with pytest.raises(BadInput) as caught:
        store.delete(wrong)
    assert is_a_sentence(str(caught.value))
    assert store.get(run.id) == run and store.folder(run.id).is_dir()


def test_a_run_is_deleted_once(store):
    run = make_run(store, status=FINISHED)
    store.delete(run.id)
    with pytest.raises(BadInput, match="no run"):
        store.delete(run.id)


def test_settings_keep_their_last_value(store):
    assert store.setting("parallel") == "" and store.setting("parallel", "1") == "1"
    store.set("parallel", 2)
    store.set("theme", AWKWARD)
    store.set("parallel", "3")
    assert store.setting("parallel", "1") == "3" and store.setting("theme") == AWKWARD


def test_progress_is_a_share(store):
    run = make_run(store, steps=200)
    store.update(run.id, step=50)
    assert store.get(run.id).progress == 0.25
    store.update(run.id, step=300)
    assert store.get(run.id).progress == 1.0


# The contract: many rows, many users


def test_200_000_rows_are_written_and_read_in_good_time(store):
    # As a long run writes them: 20,000 steps of ten keys, a commit a second.  A few seconds on one slow core.
    run = make_run(store)
    keys = [f"key_{i}" for i in range(10)]
    began = time.perf_counter()
    for first in range(0, 20_000, 200):
        store.add_rows(run.id, [(first + s, key, float(s), 1.0) for s in range(200) for key in keys])
    written = time.perf_counter()
    rows = store.rows(run.id)
    read = time.perf_counter()
    latest = store.rows(run.id, after=19_990)
    done = time.perf_counter()
    assert len(rows) == 200_000 and len(latest) == 90
    assert rows.step[-1] == 19_999 and np.all(np.diff(rows.step) >= 0)
    took = f"written in {written - began:.1f} s, read in {read - written:.1f} s, the newest in {done - read:.2f} s"
    assert written - began < 30 and read - written < 10, took
    assert done - read < max(0.5, (read - written) / 4), f"{took}: the newest must not cost a walk through all"


def test_threads_that_write_at_once_lose_nothing(store):
    run = make_run(store)

    def write(i):
        for s in range(20):
            store.add_rows(run.id, [(s, f"key_{i}", float(s), 0.0)])
            store.update(run.id, step=s)

    in_threads(4, write)
    rows = store.rows(run.id)
    assert len(rows) == 80 and sorted(set(rows.key)) == [f"key_{i}" for i in range(4)]


# On disk


def test_the_workspace_is_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_WORKSPACE", str(tmp_path / "from-environment"))
    monkeypatch.chdir(tmp_path)
    assert workspace_path() == tmp_path / "from-environment"
    assert workspace_path("here") == tmp_path / "here"
    monkeypatch.delenv("GAN_WORKSPACE")
    assert workspace_path() == tmp_path / "workspace"
    open_store().close()
    assert (tmp_path / "workspace" / "catalogue.sqlite").is_file()


def test_what_one_store_wrote_another_reads(disk):
    run = make_run(disk, name="kept")
    disk.add_rows(run.id, [(1, "a", 1.0, 0.0)])
    disk.set("parallel", 2)
    with contextlib.closing(DiskStore(disk.workspace)) as again:
        assert again.get(run.id) == run and len(again.rows(run.id)) == 1 and again.setting("parallel") == "2"


def test_a_new_run_leaves_its_settings_in_its_folder(disk):
    run = make_run(disk, steps=77)
    assert json.loads((disk.folder(run.id) / "config.json").read_text())["settings"]["steps"] == 77


def test_a_reader_is_not_held_up_by_a_writer(disk):
    run = make_run(disk)
    disk.add_rows(run.id, [(1, "a", 1.0, 0.0)])
    with disk._writing() as connection:
        connection.execute(sql.metrics.insert().values(run_id=run.id, step=2, key="a", value=1.0, time=0.0))
        began = time.perf_counter()
        with contextlib.closing(DiskStore(disk.workspace)) as other:
            assert len(other.rows(run.id)) == 1, "what is not committed is not seen"
            assert other.get(run.id) == run
        assert time.perf_counter() - began < 2
    assert len(disk.rows(run.id)) == 2


def test_a_writer_is_not_held_up_by_a_reader(disk):
    run = make_run(disk)
    with contextlib.closing(DiskStore(disk.workspace)) as other, other._reading() as connection:
        reading = connection.execution_options(stream_results=True).execute(sql.runs.select())
        assert reading.fetchone() is not None, "a page looks at the runs, and takes its time"
        began = time.perf_counter()
        disk.update(run.id, step=7)
        assert time.perf_counter() - began < 5
    assert disk.get(run.id).step == 7


RACE = """
import sys, time
from gan_core.runs import open_store
from helpers_runs import make_run
what, workspace, number, start = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
time.sleep(max(0, start - time.time()))
store = open_store(workspace)
ids = store.setting("ids").split()
if what == "open":
    make_run(store)
elif what == "move":
    print(sum(store.move(each, "stopped", only_from=("queued",)) for each in ids))
elif what == "claim":
    print(sum(store.claim(each, parallel=2) for _ in range(5) for each in ids))
elif what == "write":
    for step in range(60):
        store.add_rows(ids[0], [(step, f"{number}-{k}", 1.0, 0.0) for k in range(20)])
        store.update(ids[number], step=step)
"""


def race(what, workspace, number=4):
    """Processes that all begin at once; what each printed."""
    start = time.time() + 1.2  # by then all have imported what they need
    racers = [start_python(RACE, what, workspace, i, start) for i in range(number)]
    answers = [racer.communicate(timeout=PATIENCE) for racer in racers]
    assert not any(racer.returncode for racer in racers), "\n".join(error for _, error in answers)
    return [said.strip() for said, _ in answers]


def test_processes_that_open_a_new_workspace_at_once_all_succeed(tmp_path):
    race("open", tmp_path / "new")
    with contextlib.closing(open_store(tmp_path / "new")) as store:
        assert len(store.list()) == 4


def test_of_many_processes_one_wins_a_move_and_as_many_as_may_a_claim(disk):
    ids = [make_run(disk, queued=float(i)).id for i in range(12)]
    disk.set("ids", " ".join(ids))
    assert sum(map(int, race("claim", disk.workspace))) == 2
    assert [run.id for run in disk.list([RUNNING])] == ids[1::-1]
    assert sum(map(int, race("move", disk.workspace))) == 10


def test_processes_that_write_at_once_lose_nothing(disk):
    ids = [make_run(disk).id for _ in range(2)]
    disk.set("ids", " ".join(ids))
    race("write", disk.workspace, 2)
    assert len(disk.rows(ids[0])) == 2 * 60 * 20
    assert [disk.get(each).step for each in ids] == [59, 59]


def test_a_workspace_of_a_newer_version_is_refused_and_left_alone(disk):
    run = make_run(disk)
    disk.set("schema", sql.VERSION + 1)
    with pytest.raises(StoreError, match="newer version") as caught:
        DiskStore(disk.workspace)
    assert is_a_sentence(str(caught.value)) and "update" in str(caught.value)
    assert disk.setting("schema") == str(sql.VERSION + 1) and disk.get(run.id) == run


def test_a_catalogue_that_is_none_is_told_in_a_sentence(tmp_path):
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "catalogue.sqlite").write_bytes(b"This is a shopping list, not a database.\n" * 200)
    with pytest.raises(StoreError, match="damaged") as caught:
        DiskStore(workspace)
    assert is_a_sentence(str(caught.value))


def test_a_catalogue_that_was_overwritten_in_part_is_told_in_a_sentence(disk):
    run = make_run(disk)
    disk.add_rows(run.id, [(s, "a", 1.0, 0.0) for s in range(5000)])
    disk.close()
    path = disk.workspace / "catalogue.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.stat().st_size
    with open(path, "r+b") as file:
        file.seek(4096)  # the first page, with the schema, stays
        file.write(os.urandom(whole - 4096))
    with pytest.raises(StoreError, match="damaged") as caught:
        with contextlib.closing(DiskStore(disk.workspace)) as store:
            store.list(), store.rows(run.id)
    assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("in_the_way", ["workspace", "workspace/runs"])
def test_a_file_in_place_of_a_folder_is_told_in_a_sentence(tmp_path, in_the_way):
    path = tmp_path / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made") as caught:
        DiskStore(tmp_path / "workspace")
    assert is_a_sentence(str(caught.value)) and "--workspace" in str(caught.value)
    assert path.read_text() == "in the way"


READ_ONLY = """
import os, sys
from gan_core import jobs  # with all that is imported late, while it can still be read
from gan_core.__main__ import main
from gan_core.runs import MemoryStore, open_store
from helpers_runs import make_run
make_run(MemoryStore())
if os.getuid() == 0:  # to whom modes mean nothing
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
if sys.argv[2] == "create":
    from gan_core.errors import UserError
    try:
        make_run(open_store(sys.argv[1]))
    except UserError as error:
        sys.exit(str(error))
else:
    sys.exit(main(["runs", "--workspace", sys.argv[1]]))
"""


@pytest.fixture
def read_only():
    """A workspace with one run in it, everything in it without the right to write; where anyone may look."""
    top = Path(tempfile.mkdtemp(prefix="gan-"))
    top.chmod(0o755)
    with contextlib.closing(DiskStore(top / "workspace")) as store:
        run = make_run(store)
    for path in [top / "workspace", *(top / "workspace").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield top / "workspace", run
    make_writable(top / "workspace")
    shutil.rmtree(top)


def make_writable(workspace):
    for path in [workspace, workspace / "runs", *workspace.rglob("*")]:
        path.chmod(0o755)


@pytest.mark.parametrize("writable", [[], ["."], [".", "runs"]], ids=["nothing", "the top", "all but the catalogue"])
def test_a_read_only_workspace_is_told_in_a_sentence(read_only, writable):
    workspace, run = read_only
    for name in writable:
        (workspace / name).chmod(0o777)
    before = sorted(path for path in (workspace / "runs").rglob("*"))
    answer = python(READ_ONLY, workspace, "create")
    assert answer.returncode == 1 and is_a_sentence(answer.stderr), answer.stderr
    assert "workspace" in answer.stderr.lower()
    assert sorted(path for path in (workspace / "runs").rglob("*")) == before, "nothing is left half-made"
    make_writable(workspace)
    with contextlib.closing(DiskStore(workspace)) as store:
        assert [each.id for each in store.list()] == [run.id]


def test_the_command_line_tells_of_a_read_only_workspace_in_one_line(read_only):
    answer = python(READ_ONLY, read_only[0], "command line")
    assert answer.returncode == 2 and is_a_sentence(answer.stderr) and "read-only" in answer.stderr, answer.stderr


# PostgreSQL


@pytest.fixture
def statements():
    """What a store executes, as SQLAlchemy sees it before it becomes SQL."""
    store, seen = MemoryStore(), []
    sa.event.listen(store.engine, "before_execute", lambda c, clause, *_: seen.append(clause))
    yield store, seen
    store.close()


def test_every_statement_is_one_that_postgresql_takes(statements):
    store, seen = statements
    run = make_run(store)
    store.get(run.id[:8]), store.list([QUEUED]), store.list()
    store.claim(run.id, parallel=1, pid=1), store.move(run.id, FINISHED, only_from=(RUNNING,))
    store.update(run.id, tags=("a",), facts={"a": 1})
    store.add_rows(run.id, [(1, "a", 1.0, 0.0)]), store.add_rows(run.id, [(1, "a", float("nan"), 0.0)])
    store.rows(run.id, keys=["a"], after=0), store.cut(run.id, 0)
    store.set("parallel", 1), store.setting("parallel"), store.delete(run.id)
    assert len(seen) >= 18
    for clause in seen:
        assert not isinstance(clause, (str, sa.TextClause)), f"SQL by hand is one database's dialect: {clause}"
        text = str(clause.compile(dialect=postgresql.dialect()))
        assert "sqlite" not in text.lower() and " OR REPLACE" not in text


def test_the_claim_is_one_statement(statements):
    """Two databases agree on little about locks, but each executes one UPDATE as a whole."""
    store, seen = statements
    run = make_run(store)
    seen.clear()
    assert store.claim(run.id, parallel=1)
    assert len(seen) == 1 and isinstance(seen[0], sa.Update)


def test_the_schema_is_one_that_postgresql_takes():
    dialect = postgresql.dialect()
    made = {each.name: str(CreateTable(each).compile(dialect=dialect)) for each in sql.schema.sorted_tables}
    assert set(made) == {"runs", "metrics", "settings"}
    assert "ROWID" not in "".join(made.values()).upper()
    assert "value DOUBLE PRECISION" in made["metrics"], "a 4-byte float would lose digits"
    assert "step BIGINT" in made["metrics"] and "PRIMARY KEY (run_id, step, key)" in made["metrics"]
    assert "spec JSON NOT NULL" in made["runs"]
    for each in sql.schema.sorted_tables:
        for index in each.indexes:
            str(CreateIndex(index).compile(dialect=dialect))


def test_pragmas_are_for_sqlite_alone(monkeypatch):
    """What tunes SQLite hangs on the engine's dialect and not on the address."""
    listened = []
    monkeypatch.setattr(sql.Catalogue, "_migrate", lambda self: None)
    monkeypatch.setattr(sa.event, "listen", lambda target, name, function: listened.append(name))
    mock = sa.create_mock_engine("sqlite://", None)
    for dialect, expected in ((postgresql.dialect(), []), (mock.dialect, ["connect", "begin"])):
        listened.clear()
        monkeypatch.setattr(sa, "create_engine", lambda url: type("Engine", (), {"dialect": dialect})())
        sql.Catalogue("any")
        assert listened == expected


# Files


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "file.bin"
    files.write_whole(path, b"first")
    with pytest.raises(RuntimeError):
        with files.replacing(path) as partial:
            partial.write_bytes(b"half of the sec")
            assert path.read_bytes() == b"first"
            raise RuntimeError
    assert path.read_bytes() == b"first" and os.listdir(path.parent) == ["file.bin"]
    files.write_whole(path, b"second")
    assert path.read_bytes() == b"second" and os.listdir(path.parent) == ["file.bin"]


def test_nothing_is_left_when_the_last_move_fails(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").touch()
    with pytest.raises(OSError):
        files.write_whole(tmp_path / "taken", b"data")
    assert os.listdir(tmp_path) == ["taken"]


# The recorder


@pytest.fixture
def recorded(store):
    return store, make_run(store, status=RUNNING, attempt=1, pid=os.getpid(), born=1.0, host="here")


def events(folder):
    """What a run's TensorBoard files say, in the order of their names."""
    found = []
    for path in sorted(Path(folder, "events").iterdir()):
        data = path.read_bytes()
        while data:  # each record: length, its checksum, the event, its checksum
            length, = struct.unpack("<Q", data[:8])
            found.append(Event.FromString(data[12:12 + length]))
            data = data[16 + length:]
    return found


def scalars(folder):
    return {(event.step, value.tag): value.simple_value for event in events(folder) for value in event.summary.value}


def picture_of(value=0.0, n=4):
    return np.full((n, 8, 8, 1), value, np.float32)


def test_the_interval_between_commits_is_about_a_second():
    assert 0.5 <= recording.BEAT <= 2.0


def test_rows_are_committed_by_the_second_and_not_by_the_batch(disk):
    run = make_run(disk, status=RUNNING)
    commits, inserts = [], []
    sa.event.listen(disk.engine, "commit", lambda connection: commits.append(time.monotonic()))
    sa.event.listen(disk.engine, "before_cursor_execute", lambda connection, cursor, statement, *_:
                    inserts.append(statement) if statement.startswith("INSERT INTO metrics") else None)
    with StoreRecorder(disk, run) as recorder:
        deadline, step = time.monotonic() + 2.5 * recording.BEAT, 0
        while time.monotonic() < deadline:
            step += 1
            recorder.metrics(step, {"d_loss": 1.0, "g_loss": 2.0})
            time.sleep(0.001)
        assert len(disk.rows(run.id)) > 0, "they are seen while it runs"
    assert step > 200
    assert 2 <= len(inserts) <= 4 and len(commits) <= 12
    assert len(disk.rows(run.id)) == 2 * step, "the end writes the rest"
    assert disk.get(run.id).step == step


def test_recording_a_row_costs_the_training_thread_next_to_nothing(disk):
    with StoreRecorder(disk, make_run(disk, status=RUNNING)) as recorder:
        began = time.perf_counter()
        for step in range(2000):
            recorder.metrics(step, {f"key_{i}": 1.0 for i in range(10)})
        each = (time.perf_counter() - began) / 2000
    assert each < 0.001, f"{1e6 * each:.0f} microseconds a row of ten"


def test_the_heart_beats_while_training_is_blocked(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr(recording, "BEAT", 0.1)
    with StoreRecorder(store, run):
        beats = {store.get(run.id).heartbeat for _ in range(5) if not time.sleep(0.2)}
    assert len(beats) >= 3 and time.time() - max(beats) < 5
    assert 0.9 < store.get(run.id).seconds < 10


def test_seconds_add_up_over_attempts(store, monkeypatch):
    run = make_run(store, status=RUNNING, seconds=100.0)
    with StoreRecorder(store, run):
        time.sleep(0.1)
    assert 100.0 < store.get(run.id).seconds < 110.0


def test_a_request_to_stop_reaches_training(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr(recording, "BEAT", 0.05)
    with StoreRecorder(store, run) as recorder:
        time.sleep(0.3)
        assert not recorder.should_stop()
        store.move(run.id, STOPPING, only_from=(RUNNING,))
        until(recorder.should_stop, "the request to arrive", 5)
    assert store.get(run.id).status == STOPPING, "ending is the worker's affair"


def test_a_signal_can_stop_it_too(recorded):
    with StoreRecorder(*recorded) as recorder:
        recorder.stop()
        assert recorder.should_stop()


def test_a_living_run_that_was_taken_for_lost_is_taken_back(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr(recording, "BEAT", 0.05)
    with StoreRecorder(store, run) as recorder:
        store.move(run.id, LOST, only_from=(RUNNING,), ended=5.0, pid=0, message="It is dead.")
        until(lambda: store.get(run.id).status == RUNNING, "the verdict to be taken back", 5)
        assert not recorder.should_stop()
    found = store.get(run.id)
    assert (found.message, found.ended) == ("", 0.0)
    assert (found.pid, found.born, found.host) == (run.pid, run.born, run.host), "so that its death would be seen"


def test_a_catalogue_that_fails_ends_training_with_its_sentence(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr(recording, "BEAT", 0.05)

    def full(*_, **__):
        raise StoreError("The workspace is on a full disk; make room and resume the run.")

    with pytest.raises(StoreError, match="full disk"):
        with StoreRecorder(store, run) as recorder:
            monkeypatch.setattr(store, "add_rows", full)
            recorder.metrics(1, {"d_loss": 1.0})
            deadline = time.monotonic() + 5
            while not recorder.should_stop():
                assert time.monotonic() < deadline
                time.sleep(0.01)


def test_a_full_disk_under_the_tensorboard_file_ends_training_and_does_not_hang_it(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr(recording, "BEAT", 0.05)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StoreError, match="No space left") as caught:
        with StoreRecorder(store, run) as recorder:
            monkeypatch.setattr(recorder._events, "write_event", full)
            deadline, step = time.monotonic() + 5, 0
            while not recorder.should_stop():
                assert time.monotonic() < deadline
                step += 1
                recorder.metrics(step, {"d_loss": 1.0})
                time.sleep(0.001)
    assert is_a_sentence(str(caught.value)) and len(store.rows(run.id)) > 0


def test_a_run_that_was_deleted_under_its_process_ends_it(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr(recording, "BEAT", 0.05)
    with pytest.raises(BadInput, match="no run"):
        with StoreRecorder(store, run) as recorder:
            store.move(run.id, LOST, only_from=(RUNNING,))
            store.delete(run.id)
            deadline = time.monotonic() + 5
            while not recorder.should_stop() and store.list():
                assert time.monotonic() < deadline
                time.sleep(0.01)


def test_the_newest_checkpoints_are_kept(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        for step in (1, 5, 20, 100, 1000, 123_456_789):
            recorder.checkpoint(step, lambda file: file.write(b"%d" % step))
    kept = files.checkpoints(store.folder(run.id))
    assert list(kept) == [100, 1000, 123_456_789][-KEEP:] and KEEP >= 2, "one to fall back on"
    assert [path.read_text() for path in kept.values()] == ["100", "1000", "123456789"][-KEEP:]


def test_a_checkpoint_of_the_same_step_replaces_the_old_one(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        for text in ("old", "new"):
            recorder.checkpoint(7, lambda file: file.write(text.encode()))
    assert [path.read_text() for path in files.checkpoints(store.folder(run.id)).values()] == ["new"]


def test_a_run_has_come_as_far_as_its_last_checkpoint(recorded):
    """The rows of a long run are means over many steps, and the last may be older than the end."""
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        recorder.metrics(500, {"d_loss": 1.0})
        recorder.checkpoint(742, lambda file: None)
        assert recorder.step == 742
    assert store.get(run.id).step == 742


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_ones_and_a_sentence(recorded, monkeypatch):
    store, run = recorded

    def fail(path, data):
        with open(path, "wb") as file:
            file.write(data[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with StoreRecorder(store, run) as recorder:
        recorder.checkpoint(1, lambda file: file.write(b"good"))
        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(StoreError) as caught:
            recorder.checkpoint(2, lambda file: file.write(b"half of it"))
    said = str(caught.value)
    assert is_a_sentence(said) and "checkpoint" in said and "(No space left on device)" in said and "resume" in said
    folder = store.folder(run.id) / "checkpoints"
    assert [path.name for path in folder.iterdir()] == ["000000001.weights.h5"]


@pytest.mark.parametrize("what", ["samples", "log"])
def test_other_files_that_cannot_be_written_leave_a_sentence_too(recorded, what):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        if what == "samples":
            (store.folder(run.id) / "samples").write_text("a file in place of the folder")
            call = lambda: recorder.samples(1, picture_of(), (2, 2))  # noqa: E731
        else:
            (store.folder(run.id) / "log.txt").mkdir()
            call = lambda: recorder.log("Hello.")  # noqa: E731
        with pytest.raises(StoreError, match=what) as caught:
            call()
    assert is_a_sentence(str(caught.value))


def test_samples_are_pictures_and_what_they_were_made_of(recorded):
    from PIL import Image

    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        recorder.samples(0, picture_of(-1.0, 6), (2, 3))
        recorder.samples(50, picture_of(1.0, 6), (2, 3))
    folder = store.folder(run.id)
    sheets = files.sample_sheets(folder)
    assert list(sheets) == [0, 50]
    darkest, brightest = (np.asarray(Image.open(path)) for path in sheets.values())
    assert darkest.mean() < 60 < 195 < brightest.mean()
    assert (folder / "samples" / "grid.json").read_text() == '{"rows": 2, "columns": 3}'
    assert not list(folder.rglob(".partial-*"))


def test_samples_of_points_are_kept_as_numbers_too(recorded):
    store, run = recorded
    points = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    with StoreRecorder(store, run) as recorder:
        recorder.show_behind(points + 1)
        recorder.samples(3, points, (4, 5))
    folder = store.folder(run.id) / "samples"
    assert sorted(path.name for path in folder.iterdir()) == ["000000003.npy", "000000003.png"]
    assert np.array_equal(np.load(folder / "000000003.npy"), points)


def test_the_log_grows_by_lines_with_a_time(recorded):
    store, run = recorded
    heard = []
    with StoreRecorder(store, run, echo=heard.append) as recorder:
        recorder.log("First.")
        recorder.log("Zweite: größer.")
    lines = (store.folder(run.id) / "log.txt").read_text(encoding="utf-8").splitlines()
    assert [line[10:] for line in lines] == ["First.", "Zweite: größer."] and heard == lines
    time.strptime(lines[0][:8], "%H:%M:%S")


def test_who_asked_is_told_of_every_row(recorded):
    heard = []
    with StoreRecorder(*recorded, on_row=lambda step, values: heard.append((step, values))) as recorder:
        recorder.metrics(1, {"d_loss": 1.0})
        recorder.metrics(2, {"d_loss": 2.0})
    assert heard == [(1, {"d_loss": 1.0}), (2, {"d_loss": 2.0})]


def test_the_tensorboard_file_says_what_the_catalogue_says(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        for step in (1, 2, 3):
            recorder.metrics(step, {"d_loss": step / 4, "g_loss": float("nan") if step == 3 else -step})
    told = scalars(store.folder(run.id))
    assert len(told) == 6 and np.isnan(told.pop((3, "g_loss")))
    assert told == {(s, k): v for s, k, v in table(store.rows(run.id)) if v is not None}
    first = events(store.folder(run.id))[0]
    assert first.file_version == "brain.Event:2"


def test_a_resumed_run_tells_tensorboard_what_is_void(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        recorder.metrics(10, {"d_loss": 1.0})
    store.update(run.id, step=4, attempt=2)  # its checkpoint was of step 4
    with StoreRecorder(store, store.get(run.id)) as recorder:
        recorder.metrics(5, {"d_loss": 2.0})
    folder = store.folder(run.id)
    assert len(os.listdir(folder / "events")) == 2, "a file for each attempt, even within a second"
    assert scalars(folder) == {(10, "d_loss"): 1.0, (5, "d_loss"): 2.0}
    starts = [event.step for event in events(folder) if event.session_log.status == SessionLog.START]
    assert starts == [1, 5]


# Going back to a checkpoint


def test_rewind_forgets_what_came_after_the_last_checkpoint(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        for step in range(1, 13):
            recorder.metrics(step, {"d_loss": 1.0})
        for step in (0, 5, 10, 12):
            recorder.samples(step, np.zeros((4, 2), np.float32), (2, 2))
        recorder.checkpoint(5, lambda file: file.write(b"5"))
        recorder.checkpoint(10, lambda file: file.write(b"10"))
    folder = store.folder(run.id)
    for half in (folder / "checkpoints" / ".partial-1-000000012.weights.h5", folder / "samples" / ".partial-1-x.png"):
        half.write_text("of a process that was killed while it wrote")
    step, path = rewind(store, run)
    assert step == 10 and path.read_text() == "10"
    assert store.rows(run.id).step.max() == 10
    assert list(files.sample_sheets(folder)) == [0, 5, 10]
    assert list(files.by_step(folder / "samples", ".npy")) == [0, 5, 10]
    assert not list(folder.rglob(".partial-*"))


def test_rewind_without_a_checkpoint_begins_anew(recorded):
    store, run = recorded
    store.add_rows(run.id, [(s, "a", 1.0, 0.0) for s in range(1, 9)])
    assert rewind(store, run) is None
    assert len(store.rows(run.id)) == 0
