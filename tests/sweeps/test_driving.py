"""Sweeps on simulated runs: what is begun, told and given up, whatever dies by the way; and one on real runs."""

import contextlib
import math
import random
import signal
import time

import pytest

import helpers_stores
from gan_core.config.spec import make_spec
from gan_core.data import described
from gan_core.errors import BadInput, RunFailed, Stopped
from gan_core.launch.launchers import inline
from gan_core.models import cards
from gan_core.store import DiskStore, MemoryStore, catalogue
from gan_core.store.run import DIVERGED, FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED
from gan_core.sweeps import driving, plan as planning, propose, race, told
from gan_core.sweeps.plan import Wanted
from helpers_runs import is_a_sentence, start_python, until
from helpers_stores import in_threads
from helpers_sweeps import GOOD, World, begin, through, usual

pytestmark = pytest.mark.settled

disk = helpers_stores.disk  # a fixture
SMALL = {"minutes": 6.0, "seeds": 1}


@pytest.fixture(autouse=True)
def _two_at_once(monkeypatch):
    monkeypatch.setenv("GAN_PARALLEL", "2")
    monkeypatch.setattr(propose, "importance", lambda *_: {"generator_rate": 1.0})  # it loads scikit-learn


@pytest.fixture
def store():
    store = MemoryStore()
    yield store
    store.close()


def driver(store, sweep):
    return driving.Driver(store, sweep.id, tend=lambda store: None)


def is_whole(store, now, world):
    """Nothing was begun twice and nothing was lost."""
    runs = now.runs
    assert [run.number for run in runs] == list(range(len(runs)))
    assert len({(run.stage, run.trial, run.seed) for run in runs}) == len(runs)
    assert len({str(trial.params) for trial in now.trials.values()}) == len(now.trials)
    assert all(run.ended and run.result for run in runs)
    assert sorted(world.begun) == sorted(run.run for run in runs) == sorted(run.id for run in store.list())


def test_a_sweep_finds_what_is_good_and_says_that_it_beats_the_defaults(store):
    sweep, world = begin(store, minutes=20, seeds=2), World(store)
    now = through(store, sweep, world)
    is_whole(store, now, world)
    final, best = told.last_round(now), told.best_settings(now)
    assert final.outcome == told.BEATEN and final.best == best.number and "kernel distance" in final.sentences[0]
    assert final.sentences[-1] == f"So trial {best.number} beats the defaults beyond the noise."
    assert abs(math.log10(best.params["generator_rate"] / GOOD)) < 0.7
    assert {run.run for run in now.runs} == {run.id for run in store.list()}
    assert all(run.tags == ("sweep", sweep.id) for run in store.list())
    assert any(run.pruned for run in now.runs) and not any(run.pruned for run in now.runs if run.stage != race.EXPLORE)
    assert {run.status for run in store.list()} == {FINISHED, STOPPED}
    assert now.sweep.ended and now.share == 1.0
    shown = told.as_dict(now)
    assert shown["settings"]["generator_rate"] == best.params["generator_rate"] and shown["leaders"][0] == best.number
    assert len(list(told.as_text(now))) > len(now.trials)


def test_where_all_is_noise_it_says_that_nothing_was_found(store):
    rng = random.Random(3)
    now = through(store, sweep := begin(store, minutes=14, seeds=2), World(store, lambda *_: 0.1 + 0.02 * rng.random()))
    assert told.last_round(now).outcome in (told.ALIKE, told.NOT_BEATEN) and sweep.id == now.sweep.id


def test_by_time_nothing_is_given_up(store):
    now = through(store, begin(store, minutes=8, seeds=1, by="time"), World(store))
    assert not any(run.pruned for run in now.runs)
    assert told.as_dict(now)["front"] and all(trial.seconds is not None for trial in now.trials.values())


def test_random_search_learns_nothing_and_gives_nothing_up(store):
    now = through(store, begin(store, minutes=8, seeds=2, search="chance"), World(store))
    assert {run.stage for run in now.runs} == {race.EXPLORE, race.FINAL} and not any(run.pruned for run in now.runs)


def test_how_far_it_is_grows_to_the_end(store):
    sweep, world, shares = begin(store, minutes=8, seeds=2), World(store, shares=(0.0, 0.5, 1.0)), []
    one = driver(store, sweep)
    while not (now := one.look()).sweep.ended:
        shares.append(now.share)
        world.turn()
    assert shares[0] == 0.0 and 0.75 < shares[-1] < 1.0 and now.share == 1.0
    assert all(later > earlier - 0.05 for earlier, later in zip(shares, shares[1:]))


def test_what_diverges_is_the_worst_and_is_told(store):
    def at_high_rates(knobs, share, seed):
        return None if knobs["generator_rate"] > 1e-3 and share > 0.3 else usual(knobs, share, seed)

    now = through(store, begin(store, **SMALL), World(store, at_high_rates))
    bad = [run for run in now.runs if run.result["status"] == DIVERGED]
    assert bad and all(run.result["value"] is not None for run in bad), "it had been good before"
    assert all(now.trials[run.trial].loss == math.inf for run in bad if run.stage == race.EXPLORE)
    assert {number for number, _ in told.given_up(now)} >= {run.trial for run in bad}


def test_runs_without_a_score_end_the_sweep_with_a_sentence(store):
    sweep, world = begin(store, **SMALL), World(store, lambda *_: math.nan)
    with pytest.raises(RunFailed) as failed:
        through(store, sweep, world)
    assert "has no live kernel distance" in str(failed.value) and is_a_sentence(str(failed.value))


@pytest.mark.parametrize("wanted, part", [
    ({"parallel": 3}, "3 runs at the same time have no room: the queue runs 2"), ({"minutes": 0.2}, "shorter than one run")])
def test_what_has_no_room_is_refused_and_nothing_is_kept(store, wanted, part):
    with pytest.raises(BadInput) as refused:
        begin(store, **wanted)
    assert part in str(refused.value) and is_a_sentence(str(refused.value)) and not store.sweeps.list()


def test_without_live_scores_there_is_nothing_to_go_by(store):
    with pytest.raises(BadInput, match="probe_seconds"):
        begin(store, values={"probe_seconds": 0})


# What dies by the way


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


@pytest.mark.parametrize("after", [False, True], ids=["before it writes", "after it has written"])
def test_whoever_goes_on_after_a_kill_repeats_nothing_and_loses_nothing(store, monkeypatch, after):
    """Killed at every write in turn."""
    sweep, world, kills = begin(store, **SMALL), World(store), []
    writing, state = catalogue.Catalogue._writing, {"left": None}

    @contextlib.contextmanager
    def deadly(self):
        if state["left"] is not None:
            state["left"] -= 1
            if state["left"] < 0 and not after:
                raise Killed
        with writing(self) as connection:
            yield connection
        if state["left"] is not None and state["left"] < 0:
            raise Killed

    monkeypatch.setattr(catalogue.Catalogue, "_writing", deadly)
    for turn in range(2000):
        state["left"] = turn % 4
        try:
            now = driver(store, sweep).look()  # a new one each time, which knows nothing but the records
        except Killed:
            kills.append(turn)
            now = None
        state["left"] = None
        if now is not None and now.sweep.ended:
            break
        world.turn()
    assert len(kills) > 5
    is_whole(store, now, world)


def test_two_that_go_on_with_one_sweep_begin_each_run_once(disk):
    sweep, world = begin(disk, minutes=7, seeds=1, parallel=2), World(disk, parallel=2)
    drivers = [driver(disk, sweep) for _ in range(3)]
    for _ in range(300):
        known = in_threads(3, lambda i: drivers[i].look())
        if all(now.sweep.ended for now in known):
            break
        assert sum(not run.ended for run in disk.sweeps.runs(sweep.id)) <= 2
        world.turn()
    is_whole(disk, known[0], world)


def test_a_run_that_is_deleted_before_it_was_counted_is_not_tried_anew(store):
    sweep, world = begin(store, **SMALL), World(store)
    one = driver(store, sweep)
    for _ in range(3):
        one.look()
        while any(store.list([QUEUED, RUNNING])):
            world.turn()
    gone = store.sweeps.runs(sweep.id)[-1]
    assert not gone.ended
    store.delete(gone.run)
    world.begun.remove(gone.run)
    now = through(store, sweep, world)
    kept = now.runs[gone.number]
    assert kept.result["status"] == driving.DELETED and sum(run.trial == gone.trial for run in now.runs) == 1
    assert now.trials[gone.trial].loss is None
    assert (gone.trial, "Seed 0 was deleted. The run was deleted before it had ended.") in told.given_up(now)


def test_what_was_measured_stays_when_its_run_is_deleted(store):
    sweep, world = begin(store, **SMALL), World(store)
    now = through(store, sweep, world)
    before = told.as_dict(now)
    for run in store.list():
        store.delete(run.id)
    assert told.as_dict(driving.known(store, sweep.id)) == before


def test_a_run_whose_process_died_goes_on_and_one_that_always_dies_is_given_up(store, monkeypatch):
    resumed = []

    def resume(store, run_id):
        resumed.append(run_id)
        store.move(run_id, QUEUED, only_from=(LOST,), queued=time.time())

    monkeypatch.setattr(driving.queue, "resume", resume)
    sweep, world, one = begin(store, **SMALL), World(store), None
    one = driver(store, sweep)
    one.look()
    world.turn()
    [run] = store.list()
    store.move(run.id, LOST, only_from=(RUNNING,), ended=time.time())
    one.look()
    assert resumed == [run.id] and not store.sweeps.runs(sweep.id)[0].ended
    for attempt in (2, 3):
        assert store.claim(run.id, parallel=1) == attempt
        store.move(run.id, LOST, only_from=(RUNNING,), ended=time.time())
        one.look()
    assert store.sweeps.runs(sweep.id)[0].result["status"] == LOST and len(resumed) == 2


def test_a_run_that_somebody_stops_counts_with_what_it_had(store):
    sweep, world, one = begin(store, **SMALL), World(store), None
    one = driver(store, sweep)
    one.look()
    world.turn(), world.turn()
    driving.queue.stop(store, store.list()[0].id)
    world.turn(), one.look()
    [first, *_] = store.sweeps.runs(sweep.id)
    assert first.result["status"] == STOPPED and first.result["value"] is not None and not first.pruned
    assert (0, "Seed 0 was stopped by hand.") in told.given_up(driving.known(store, sweep.id))


def test_a_run_that_trains_longer_than_all_others_is_stopped_and_one_that_is_long_to_begin_is_not(store):
    sweep, one = begin(store, **SMALL), None
    one = driver(store, sweep)
    train = one.look().plan.train
    [run] = store.list()
    store.claim(run.id, parallel=1)
    store.update(run.id, seconds=1000.0)  # it has loaded and built for so long
    one.look()
    assert store.get(run.id).status == RUNNING
    every = int(2 * train / 5)
    store.add_rows(run.id, [(step + 1, "g_loss", 1.0, 1e9 + 5 * step) for step in range(every)])
    store.add_rows(run.id, [(1, "kernel", 0.9, 1e9), (every, "kernel", 0.001, 1e9 + 5 * every)])
    store.update(run.id, step=every)
    one.look()
    assert store.get(run.id).status == "stopping"
    store.move(run.id, STOPPED, only_from=("stopping",), ended=time.time())
    one.look()
    result = store.sweeps.runs(sweep.id)[0].result
    assert result["value"] == 0.9 and result["seconds"] > 1.5 * train, "what came after its time does not count"


def test_a_run_that_fails_to_be_built_counts_as_the_worst_with_its_reason(store):
    sweep, one = begin(store, **SMALL), None
    one = driver(store, sweep)
    one.look()
    [run] = store.list()
    store.claim(run.id, parallel=1)
    store.move(run.id, FAILED, only_from=(RUNNING,), message="No memory is left.", ended=time.time())
    now = one.look()
    assert now.trials[0].loss == math.inf and told.given_up(now) == [(0, "Seed 0 failed. No memory is left.")]


def test_stopping_leaves_what_there_is_and_says_how_to_go_on(store):
    sweep = begin(store, **SMALL)
    with pytest.raises(Stopped) as stopped:
        driving.drive(store, sweep.id, lambda *_: None, lambda: True, tend=lambda store: None)
    assert f"sweep --go-on {sweep.id}" in str(stopped.value) and len(store.sweeps.runs(sweep.id)) == 1
    now = through(store, sweep, World(store))
    assert now.sweep.ended


def test_records_of_another_version_are_a_sentence(store):
    sweep = store.sweeps.create("Odd", {"spec": {}, "axes": []})
    with pytest.raises(BadInput) as refused:
        driving.known(store, sweep.id)
    assert is_a_sentence(str(refused.value))


def test_the_finishing_time_is_told_before_the_start(store):
    sweep = begin(store, minutes=30)
    said = driving.finishing(store, driving.known(store, sweep.id).plan)
    at = time.strftime("%H:%M", time.localtime(time.time() + 1800))
    later = time.strftime("%H:%M", time.localtime(time.time() + 1799))
    assert f"done by {at} (30 min)" in said or f"done by {later} (30 min)" in said
    driver(store, sweep).look()
    assert "once the 1 run before it has ended" in driving.finishing(store, driving.known(store, sweep.id).plan)


DRIVE = """
import sys
from gan_core.store import open_store
from gan_core.sweeps import driving, propose
propose.importance = lambda *_: {}
print("begins", flush=True)
driving.drive(open_store(sys.argv[1]), sys.argv[2], lambda *_: None, lambda: False, tend=lambda store: None, poll=0.02)
"""


def test_a_process_that_is_killed_again_and_again_comes_to_the_same_end(disk):
    """SIGKILL, wherever it is just then."""
    sweep, world, rng, kills = begin(disk, **SMALL), World(disk), random.Random(5), 0
    while not disk.sweeps.get(sweep.id).ended:
        process = start_python(DRIVE, disk.workspace, sweep.id)
        try:
            assert process.stdout.readline() == "begins\n", process.stderr.read()
            seconds, turns = (rng.uniform(0.1, 1.5), 2) if kills < 3 else (120, math.inf)  # too few turns for its end
            deadline, turned = time.monotonic() + seconds, 0
            while time.monotonic() < deadline and process.poll() is None:
                if turned < turns:
                    world.turn()
                    turned += 1
                time.sleep(0.05)
        finally:
            if alive := process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            _, said = process.communicate()
        assert alive or process.returncode == 0, said
    assert kills >= 3
    is_whole(disk, driving.known(disk, sweep.id), world)


def test_a_real_sweep_of_a_few_steps(tmp_path, monkeypatch):
    """Points, trained in this process: threads in place of processes, and nothing else is simulated."""
    from gan_core.__main__ import main

    monkeypatch.setenv("GAN_LAUNCHER", "inline")
    monkeypatch.setattr(inline.launcher, "main", main)
    monkeypatch.setattr(planning, "STARTUP", 1.0)  # seconds: nothing has to be loaded
    store = DiskStore(tmp_path / "workspace")
    tiny = {"batch_size": 32, "latent": 2, "width": 8, "probe_seconds": 0.5, "xla": "off"}
    card = cards.card("gan")
    spec = make_spec(card, "ring", described("ring").spec(None), tiny, backend="tensorflow")
    sweep = driving.begin(store, card, spec, ["generator_rate=1e-4..1e-2"], Wanted.parse(
        {"minutes": 0.3, "seeds": 1, "each": 0.01}), steps=40)
    now = driving.drive(store, sweep.id, lambda *_: None, lambda: False, poll=0.2)
    until(lambda: not store.list([QUEUED, RUNNING]), "all to have ended")
    assert len({run.trial for run in now.runs}) >= 3 and {run.stage for run in now.runs} >= {race.EXPLORE, race.FINAL}
    assert all(run.result["status"] == FINISHED and run.result["value"] > 0 for run in now.runs)
    assert told.last_round(now).sentences and {run.step for run in store.list()} <= {20, 40}, "20 steps are one call"
    store.close()


@pytest.mark.parametrize("path, value", [
    (["plan", "total"], "much"), (["plan", "parallel"], 0), (["plan", "seeds"], None), (["plan", "trials"], 1.5),
    (["plan"], {}), (["axes"], 3), (["spec"], None), (["set"], 5)])
def test_a_damaged_sweep_is_a_sentence_and_takes_no_other_with_it(store, path, value):
    whole, other = begin(store, **SMALL), begin(store, **SMALL)
    config = dict(other.config) | {path[0]: value if len(path) == 1 else other.config[path[0]] | {path[1]: value}}
    damaged = store.sweeps.create("damaged", config)
    with pytest.raises(BadInput) as told_so:
        driving.known(store, damaged.id)
    assert is_a_sentence(str(told_so.value)) and damaged.id in str(told_so.value)
    assert driving.known(store, whole.id).share == 0.0


@pytest.mark.parametrize("result", [
    {"value": "good"}, {"took": "long"}, {"soon": []}, {"seconds": {}}, {"curve": 5}, {"curve": [[1]]},
    {"curve": [[1, "a"]]}, {"status": 3}, {"message": ["a"]}])
def test_a_damaged_result_is_a_sentence(store, result):
    sweep = begin(store, **SMALL)
    driving.Driver(store, sweep.id, tend=lambda store: None).look()
    store.sweeps.end(store.sweeps.runs(sweep.id)[0], {"status": FINISHED, "value": 1.0, "took": 2.0} | result)
    with pytest.raises(BadInput, match="is damaged or of another version"):
        driving.known(store, sweep.id)


@pytest.mark.parametrize("shares, left", [({"a": "much", "b": 0.5}, {"b": 0.5}), ([1], {}), ("much", {}), (None, {}),
                                          ({"a": float("inf")}, {})])
def test_what_matters_is_told_where_it_is_a_number(store, shares, left):
    sweep = begin(store, **SMALL)
    driving.Driver(store, sweep.id, tend=lambda store: None).look()
    store.sweeps.tell(sweep.id, {"importance": shares})
    known = driving.known(store, sweep.id)
    assert known.importance == left == told.as_dict(known)["importance"]
    assert ("What matters" in "\n".join(told.as_text(known))) == bool(left)
