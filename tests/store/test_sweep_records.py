"""The records of sweeps: a run of one is begun once, with its row or not at all; what came of it is written once."""

import pytest

import helpers_stores
from gan_core.errors import BadInput, StoreError
from gan_core.store.run import FINISHED, new_run
from gan_core.store.sweep_records import SweepRun
from helpers_runs import make_spec
from helpers_stores import in_threads

store = helpers_stores.store  # a fixture


def fresh():
    return new_run(make_spec().as_dict(), "A run")


def test_what_is_kept_comes_back(store):
    sweep = store.sweeps.create("Mine", {"axes": (1, 2)})
    assert store.sweeps.get(sweep.id) == store.sweeps.get(sweep.id[:-2]) == sweep and sweep.config == {"axes": [1, 2]}
    run = fresh()
    assert store.sweeps.begin(SweepRun(sweep.id, 0, "explore", 0, 7, {"rate": 0.1}), run)
    [begun] = store.sweeps.runs(sweep.id)
    assert (begun.params, begun.seed, begun.run, begun.ended) == ({"rate": 0.1}, 7, run.id, 0.0)
    assert store.get(run.id).status == "queued" and store.sweeps.run_ids() == {run.id}
    other = store.sweeps.create("Another", {})
    assert [each.id for each in store.sweeps.list()] == sorted([sweep.id, other.id], reverse=True) or \
        store.sweeps.list()[0].created >= store.sweeps.list()[1].created
    with pytest.raises(BadInput, match="There is no sweep 'x'"):
        store.sweeps.get("x")
    with pytest.raises(BadInput, match="Several sweeps"):
        store.sweeps.get("sweep")


def test_of_many_who_begin_the_same_run_one_does_and_the_others_leave_nothing(store):
    sweep = store.sweeps.create("Mine", {})
    began = in_threads(6, lambda i: store.sweeps.begin(SweepRun(sweep.id, 0, "explore", 0, 0, {"by": i}), fresh()))
    assert sum(began) == 1 and len(store.list()) == 1
    assert [run.run for run in store.sweeps.runs(sweep.id)] == [store.list()[0].id]


def test_a_run_that_cannot_be_made_leaves_no_row(store, monkeypatch):
    sweep, run = store.sweeps.create("Mine", {}), fresh()
    store.create(run)
    with pytest.raises(StoreError):
        store.sweeps.begin(SweepRun(sweep.id, 0, "explore", 0, 0, {}), run)  # of an id that there is
    assert store.sweeps.runs(sweep.id) == []


def test_what_came_of_a_run_is_written_once_and_outlives_it(store):
    sweep, run = store.sweeps.create("Mine", {}), fresh()
    begun = SweepRun(sweep.id, 0, "explore", 0, 0, {})
    store.sweeps.begin(begun, run)
    assert in_threads(4, lambda i: store.sweeps.prune(begun, f"why {i}")).count(True) == 1
    assert in_threads(4, lambda i: store.sweeps.end(begun, {"value": i})).count(True) == 1
    assert not store.sweeps.prune(begun, "too late")
    store.move(run.id, FINISHED, only_from=("queued",))
    store.delete(run.id)
    [kept] = store.sweeps.runs(sweep.id)
    assert kept.ended and kept.result["value"] in range(4) and kept.pruned.startswith("why")


def test_what_was_found_out_is_replaced_and_a_sweep_ends_once(store):
    sweep = store.sweeps.create("Mine", {})
    store.sweeps.tell(sweep.id, {"importance": {"rate": 1.0}})
    store.sweeps.finish(sweep.id)
    ended = store.sweeps.get(sweep.id).ended
    store.sweeps.finish(sweep.id)
    assert store.sweeps.get(sweep.id).ended == ended > 0 and store.sweeps.get(sweep.id).told == {"importance": {"rate": 1.0}}


def test_a_sweep_that_is_forgotten_leaves_its_runs(store):
    sweep, run = store.sweeps.create("Mine", {}), fresh()
    store.sweeps.begin(SweepRun(sweep.id, 0, "explore", 0, 0, {}), run)
    store.sweeps.delete(sweep.id)
    assert store.sweeps.list() == [] and store.sweeps.runs(sweep.id) == [] and store.get(run.id).id == run.id
