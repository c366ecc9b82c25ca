"""The contract that every store of runs must pass.

A new kind of store joins the contract by one line in STORES, in helpers_stores.py.
"""

import json
import os
import time

import numpy as np
import pytest

import helpers_stores
from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput, StoreError
from gan_core.store import ENDED, FINISHED, LOST, QUEUED, RUNNING, STATUSES, STOPPED, STOPPING
from helpers_runs import is_a_sentence, make_run, make_spec, until
from helpers_stores import AWKWARD, in_threads, table

store = helpers_stores.store  # the fixture


# The contract: runs


def test_a_run_comes_back_as_it_went_in(store):
    run = make_run(store, name="Ring, first try", tags=("a", "b"), notes="n", facts={"device": "cpu"}, seconds=1.5)
    assert store.get(run.id) == run
    assert json.loads(store.artifacts(run.id).read("config.json")) == run.spec
    assert run.status == QUEUED and run.step == 0 and run.created > 0




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
    store.update(run.id, heartbeat=now, step=9_999_999_999)
    found = store.get(run.id)
    assert found.heartbeat == now and found.step == 9_999_999_999


def test_a_run_is_found_by_the_beginning_of_its_id(store):
    one, other = make_run(store), make_run(store)
    assert store.get(one.id[:-1]).id == one.id
    for beginning in (os.path.commonprefix([one.id, other.id]), one.id[:2]):
        with pytest.raises(BadInput, match="Several runs start with"):
            store.get(beginning)


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
    store.artifacts(run.id).put("log.txt", b"precious")
    with pytest.raises(StoreError):
        make_run(store, id=run.id, notes="second")
    assert store.get(run.id).notes == "first" and len(store.list()) == 1
    assert store.artifacts(run.id).read("log.txt") == b"precious"


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
    assert store.claim(early.id, parallel=1, handle={"launcher": "local", "pid": 42})
    found = store.get(early.id)
    assert (found.status, found.handle["pid"]) == (RUNNING, 42)
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


def test_delete_forgets_rows_and_artifacts_of_this_run_alone(store):
    run, other = make_run(store, status=FINISHED), make_run(store, status=FINISHED)
    for each in (run, other):
        store.add_rows(each.id, [(1, "a", 1.0, 0.0)])
        store.artifacts(each.id).put("samples/x.png", b"x")
    store.delete(run.id)
    assert [each.id for each in store.list()] == [other.id]
    assert len(store.rows(run.id)) == 0 and store.artifacts(run.id).list() == ()
    assert len(store.rows(other.id)) == 1 and store.artifacts(other.id).list() == ("config.json", "samples/x.png")


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
        assert store.get(run.id) == run and len(store.rows(run.id)) == 1 and "config.json" in store.artifacts(run.id)


@pytest.mark.parametrize("wrong", ["nosuch", "", ".", "..", "../..", "%"])
def test_deleting_what_is_no_run_deletes_nothing(store, wrong):
    run = make_run(store, status=FINISHED)
    with pytest.raises(BadInput) as caught:
        store.delete(wrong)
    assert is_a_sentence(str(caught.value))
    assert store.get(run.id) == run and store.artifacts(run.id).list() == ("config.json",)


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


def test_of_many_who_change_a_setting_at_once_none_is_refused(store):
    in_threads(6, lambda i: [store.set("theme", f"{i}") for _ in range(20)])
    assert store.setting("theme") in {str(i) for i in range(6)}


def test_progress_is_a_share(store):
    run = make_run(store, steps=200)
    store.update(run.id, step=50)
    assert store.get(run.id).progress == 0.25
    store.update(run.id, step=300)
    assert store.get(run.id).progress == 1.0


# The contract: leases


def test_a_lease_is_one_holders_until_it_runs_out(store):
    assert store.holder("x") == ""
    assert store.lease("x", "a", 60.0) and store.holder("x") == "a"
    assert not store.lease("x", "b", 60.0) and store.holder("x") == "a"
    assert store.lease("y", "b", 60.0), "another thing"
    assert store.lease("x", "a", 0.2), "its holder may keep it, for as long as it says"
    taken = until(lambda: store.lease("x", "b", 60.0), "it to run out", 10)
    assert taken and store.holder("x") == "b" and not store.lease("x", "a", 60.0)


def test_a_lease_that_ran_out_has_no_holder(store):
    store.lease("x", "a", 0.0)
    assert store.holder("x") == "" and store.lease("x", "a", 60.0)


def test_a_lease_is_given_back_by_its_holder_alone(store):
    store.lease("x", "a", 60.0)
    store.release("x", "b"), store.release("nosuch", "a")
    assert store.holder("x") == "a"
    store.release("x", "a")
    assert store.holder("x") == "" and store.lease("x", "b", 60.0)


def test_of_many_who_want_a_lease_at_once_one_gets_it(store):
    for name in "abc":
        assert in_threads(6, lambda i: store.lease(name, str(i), 60.0)).count(True) == 1


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
