"""Runs as processes: the queue, and runs in the foreground.

Most tests run real dispatchers and real workers in which counting stands in for training (see helpers_runs.py);
one, at the end, is the real thing from launch to resumed end.
"""

import contextlib
import dataclasses
import re
import signal
import threading
import time

import pytest

import helpers_jobs
from gan_core import data
from gan_core.launch import dispatcher, queue
from gan_core.store import ACTIVE, ENDED, FAILED, FINISHED, QUEUED, RUNNING, STOPPED, DiskStore, artifacts
from gan_core.tasks import background, unasked
from helpers_jobs import FOREVER, SECONDS, launch, status_of, wait_for, wait_for_step
from helpers_runs import PATIENCE, end_all, folder_of, foreground, is_a_sentence, make_run, processes, python, until

store = helpers_jobs.store  # the fixture


# The queue


def test_a_launched_run_is_worked_off_with_nobody_looking(store):
    """By a launcher that is gone before the run starts: the queue needs no server, no browser and no parent."""
    code = """
import sys
import helpers_runs
from gan_core.launch import queue
from gan_core.launch.launchers import local
from gan_core.store import open_store
local.ENTRANCE = helpers_runs.ENTRANCE
store = open_store(sys.argv[1])
print(*(queue.launch(store, helpers_runs.make_spec(30)).id for _ in range(2)))
"""
    launched = python(code, store.workspace)
    assert launched.returncode == 0, launched.stderr
    first, second = launched.stdout.split()
    found = wait_for(store, second, *ENDED)
    for run in (store.get(first), found):
        assert (run.status, run.step, run.attempt, run.handle) == (FINISHED, 30, 1, {})
        assert run.created <= run.queued <= run.started <= run.heartbeat <= run.ended + 1
        assert list(artifacts.checkpoints(store.artifacts(run.id))) == [10, 20, 30]
    until(lambda: not processes(store.workspace), "the dispatcher to end when nothing waits", SECONDS)


def test_one_run_at_a_time_and_in_the_order_of_launching(store):
    ids = [launch(store, steps=40) for _ in range(3)]
    seen, most = [], 0
    while status_of(store, ids[-1]) not in ENDED:
        active = [run.id for run in store.list(ACTIVE)]
        most = max(most, len(active))
        seen += [each for each in active if each not in seen]
        assert len(seen) < 4
        time.sleep(0.01)
    assert most == 1 and seen == ids
    runs = [store.get(each) for each in ids]
    assert [run.status for run in runs] == [FINISHED] * 3
    assert runs[0].ended <= runs[1].started and runs[1].ended <= runs[2].started


def test_two_at_once_when_the_setting_says_so(store):
    store.set("parallel", 2)
    first, second, third = (launch(store, steps=FOREVER) for _ in range(3))
    wait_for_step(store, first), wait_for_step(store, second)
    time.sleep(4 * queue.POLL)
    assert status_of(store, third) == QUEUED
    queue.stop(store, first)
    wait_for_step(store, third)
    assert status_of(store, second) == RUNNING


@pytest.mark.parametrize("setting, variable, expected", [
    ("", None, 1), ("3", None, 3), ("", "2", 2), ("3", "2", 3), ("0", None, 1), ("-4", None, 1), ("many", None, 1),
])
def test_the_number_in_parallel_is_the_settings_then_the_environments(store, monkeypatch, setting, variable, expected):
    if setting:
        store.set("parallel", setting)
    if variable:
        monkeypatch.setenv("GAN_PARALLEL", variable)
    assert queue.parallel(store) == expected


def test_many_launches_leave_one_dispatcher(store):
    run = launch(store, steps=FOREVER)
    wait_for_step(store, run)
    for _ in range(3):
        queue.start_dispatcher(store)
    until(lambda: len(processes(store.workspace, "dispatch")) > 1, "them to start", SECONDS)
    until(lambda: len(processes(store.workspace, "dispatch")) == 1, "all but one to end", SECONDS)
    assert len(processes(store.workspace, "work")) == 1


@pytest.mark.parametrize("wanted", ["on", "off"])
def test_ended_runs_are_scored_once_nothing_is_left_to_train(store, monkeypatch, wanted):
    """In this process, so that what it would start can be seen; the dispatcher as the command line runs it."""
    started = []
    monkeypatch.setattr(background, "start", lambda store, kind, run, config: started.append(
        (kind, run.id, config, [run.status for run in store.list() if run.status in (QUEUED, *ACTIVE)])))
    store.set(unasked.WANTED, wanted)
    runs = [make_run(store, queued=1.0), make_run(store, queued=2.0)]
    with contextlib.closing(DiskStore(store.workspace)) as other:
        thread = threading.Thread(target=dispatcher.dispatch, args=(other.workspace, unasked.score_ended))
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert started == ([("score", run.id, {"every": True}, []) for run in runs] if wanted == "on" else [])


def test_unasked_scoring_waits_for_scoring(store, monkeypatch):
    """Of another run, that someone asked for."""
    monkeypatch.setattr(background, "_start_process", lambda store, record: None)
    asked_for, run = make_run(store, status=FINISHED), make_run(store, status=FINISHED)
    store.set(unasked.WANTED, "on")
    first, ended = background.start(store, "score", asked_for), [run.id, "deleted"]
    assert not unasked.score_ended(store, ended) and ended == []
    waiting, = store.tasks.list(run=run.id)
    assert (waiting.kind, waiting.status, waiting.config["every"]) == ("score", QUEUED, True)
    background.tend(store)
    assert store.tasks.get(waiting.id).status == QUEUED
    store.tasks.move(first.id, FINISHED, only_from=ACTIVE)
    background.tend(store)
    assert store.tasks.get(waiting.id).status == RUNNING


def test_runs_of_a_sweep_are_not_scored_unasked(store, monkeypatch):
    monkeypatch.setattr(background, "start", lambda *_: pytest.fail("there are dozens of them"))
    store.set(unasked.WANTED, "on")
    ended = [make_run(store, status=FINISHED, tags=("sweep", "sweep-1")).id]
    assert not unasked.score_ended(store, ended) and ended == []


@pytest.mark.parametrize("count, scored", [(39, False), (40, True), (None, True)])
def test_runs_of_fewer_samples_than_scores_need_are_not_scored_unasked(store, monkeypatch, count, scored):
    info = dataclasses.replace(data.described("ring"), count=count)
    monkeypatch.setattr(data, "described", lambda name, workspace: info)
    monkeypatch.setattr(background, "_start_process", lambda store, record: None)
    store.set(unasked.WANTED, "on")
    run = make_run(store, status=FINISHED)
    unasked.score_ended(store, [run.id])
    assert bool(store.tasks.list(run=run.id)) == scored


def test_a_worker_that_cannot_be_started_fails_its_run_and_not_the_queue(store, monkeypatch):
    """In this process, so that starting can be made to fail."""
    broken, sound = make_run(store, queued=1.0), make_run(store, queued=2.0)
    (folder_of(store, broken.id) / "log.txt").mkdir()
    with contextlib.closing(DiskStore(store.workspace)) as other:
        thread = threading.Thread(target=dispatcher.dispatch, args=(other.workspace, unasked.score_ended))
        thread.start()
        found = wait_for(store, broken.id, *ENDED)
        wait_for(store, sound.id, RUNNING, *ENDED)
        queue.stop(store, sound.id) if status_of(store, sound.id) in ACTIVE else None
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert found.status == FAILED and "could not be started" in found.message


# In the foreground


def test_a_run_in_the_foreground_waits_its_turn(store):
    working = launch(store, steps=FOREVER)
    wait_for_step(store, working)
    run = make_run(store, status=STOPPED, steps=10)
    process = foreground("resume", run.id, workspace=store.workspace)
    until(lambda: (now := store.get(run.id)).status == QUEUED and now.handle["pid"] == process.pid, "it to wait", SECONDS)
    time.sleep(4 * queue.POLL)
    assert status_of(store, run.id) == QUEUED, "the dispatcher leaves it to its own process"
    queue.stop(store, working)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and said == f"{run.id}\n", error
    assert f"Waiting for {working} to end." in error
    found = store.get(run.id)
    assert (found.status, found.step) == (FINISHED, 10)


def test_a_run_in_the_foreground_waits_for_none_that_nobody_starts(store):
    """As after the machine went down: one was queued, and who would start it is gone."""
    left = make_run(store, status=QUEUED, steps=10)
    run = make_run(store, status=STOPPED, steps=10)
    process = foreground("resume", run.id, workspace=store.workspace)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and said == f"{run.id}\n", error
    assert f"Waiting for {left.id} to end." in error
    assert [store.get(each.id).status for each in (left, run)] == [FINISHED, FINISHED]


def test_a_run_that_is_stopped_while_it_waits_in_the_foreground_ends_its_command(store):
    make_run(store, status=RUNNING, handle=queue.ownership())
    run = make_run(store, status=STOPPED)
    process = foreground("resume", run.id, workspace=store.workspace)
    until(lambda: status_of(store, run.id) == QUEUED, "it to wait", SECONDS)
    queue.stop(store, run.id)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and said == "" and is_a_sentence(error.splitlines()[-1])
    assert status_of(store, run.id) == STOPPED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_waiting_that_is_interrupted_stops_the_run(store, number):
    make_run(store, status=RUNNING, handle=queue.ownership())
    run = make_run(store, status=STOPPED)
    process = foreground("resume", run.id, workspace=store.workspace)
    until(lambda: status_of(store, run.id) == QUEUED, "it to wait", SECONDS)
    time.sleep(2 * queue.POLL)  # into its waiting
    process.send_signal(number)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and said == "" and "Traceback" not in error
    assert status_of(store, run.id) == STOPPED


# The real thing


def test_a_real_run_from_launch_over_stop_and_resume_to_its_end(tmp_path, monkeypatch):
    monkeypatch.delenv("GAN_PARALLEL", raising=False)
    knobs = {"latent": 4, "points_width": 8, "points_depth": 1, "batch_size": 8, "xla": "off", "steps_per_call": 5}
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        try:
            _launch_stop_resume(store, knobs)
        finally:
            end_all(store.workspace)


def _launch_stop_resume(store, knobs):
    from gan_core.config.spec import make_spec
    from gan_core.data import DataSpec
    from gan_core.models.cards import card

    ring = DataSpec("points", (2,), tuple(f"mode {i}" for i in range(8)))
    known = card("gan", cache=store.workspace / "cache")
    long = queue.launch(store, make_spec(known, "ring", ring, knobs | {"steps": 10_000_000})).id
    short = queue.launch(store, make_spec(known, "ring", ring, knobs | {"steps": 40})).id

    wait_for_step(store, long, 5)
    assert status_of(store, short) == QUEUED
    began = time.monotonic()
    stopped = queue.stop(store, long, wait=SECONDS)
    assert stopped.status == STOPPED and time.monotonic() - began < SECONDS
    assert max(artifacts.checkpoints(store.artifacts(long))) == stopped.step

    queue.resume(store, long, steps=stopped.step + 20)  # queued behind the short one, which starts by itself
    finished = wait_for(store, short, *ENDED)
    assert (finished.status, finished.step) == (FINISHED, 40), finished.message
    assert finished.facts["parameters"].keys() == {"generator", "discriminator"}
    assert finished.facts["noise"].keys() == {"seed", "latent"} and finished.facts["probe"].startswith("coordinates:")

    resumed = wait_for(store, long, *ENDED)
    assert (resumed.status, resumed.step, resumed.attempt) == (FINISHED, stopped.step + 20, 2), resumed.message
    assert resumed.started >= finished.ended
    steps = store.rows(long, keys=["d_loss"]).step
    assert steps.max() == stopped.step + 20 and len(set(steps)) == len(steps)
    for run_id in (long, short):
        folder, sheets = folder_of(store, run_id), artifacts.sample_sheets(store.artifacts(run_id))
        assert 0 in sheets and store.get(run_id).step in sheets
        assert not list(folder.rglob(".partial-*"))
        log = (folder / "log.txt").read_text()
        assert "Traceback" not in log and re.match(r"\d\d:\d\d:\d\d  ", log), "nothing that TensorFlow says while it loads"
