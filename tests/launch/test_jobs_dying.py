"""Runs as processes: every way to die, and what a worker says of its end.

Counting stands in for training (see helpers_runs.py).
"""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

import helpers_jobs
import helpers_runs
from gan_core.errors import BadInput, RunFailed, StoreError
from gan_core.launch import dispatcher, queue, worker
from gan_core.store import ENDED, FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, artifacts
from helpers_jobs import FOREVER, SECONDS, launch, status_of, wait_for, wait_for_step
from helpers_runs import PATIENCE, foreground, gan, is_a_sentence, log_of, make_run, processes, until

store = helpers_jobs.store  # the fixture


# Dying


def test_a_killed_worker_is_lost_within_seconds_and_the_next_run_starts(store):
    run_id, following = launch(store, steps=FOREVER), launch(store)
    run = wait_for_step(store, run_id, 25)
    os.kill(run.handle["pid"], signal.SIGKILL)
    lost = wait_for(store, run_id, LOST, seconds=SECONDS)
    assert is_a_sentence(lost.message.partition(": ")[0] + ".") and "Resume" in lost.message
    assert lost.handle == {} and 0 < lost.ended <= time.time()
    wait_for(store, following, FINISHED)

    saved = max(artifacts.checkpoints(store.artifacts(run_id)))
    queue.resume(store, run_id, steps=saved + 7)
    found = wait_for(store, run_id, *ENDED)
    assert (found.status, found.step, found.attempt, found.message) == (FINISHED, saved + 7, 2, "")
    assert store.rows(run_id, keys=["d_loss"]).step.tolist() == list(range(1, saved + 8)), "every step once"


def test_a_killed_run_is_noticed_by_whoever_looks(store):
    """With no dispatcher left: a page or a command that looks at the runs finds the dead."""
    run_id = launch(store, steps=FOREVER)
    run = wait_for_step(store, run_id)
    for process in [*processes(store.workspace, "dispatch"), psutil.Process(run.handle["pid"])]:
        process.kill()
        process.wait(SECONDS)
    assert status_of(store, run_id) == RUNNING, "nobody has looked"
    answer = gan("show", run_id, workspace=store.workspace)
    assert answer.code == 0 and "lost" in answer.out
    assert status_of(store, run_id) == LOST
    assert queue.reap(store) == 0


def test_workers_outlive_their_dispatcher_and_a_look_brings_a_new_one(store):
    working, waiting = launch(store, steps=FOREVER), launch(store)
    run = wait_for_step(store, working)
    # Both launches may have started one; the one that came second ends as soon as it sees the other's lease.
    killed = until(lambda: len(found := processes(store.workspace, "dispatch")) == 1 and found[0], "one alone", SECONDS)
    killed.kill()
    killed.wait(SECONDS)
    after = wait_for_step(store, working, run.step + 5)
    assert after.handle == run.handle and status_of(store, waiting) == QUEUED
    dispatcher.tend(store)
    dispatcher.tend(store)
    until(lambda: processes(store.workspace, "dispatch"), "a new dispatcher", SECONDS)
    queue.stop(store, working)
    wait_for(store, waiting, FINISHED)
    assert status_of(store, working) == STOPPED


def test_looking_starts_nothing_when_nothing_waits(store, monkeypatch):
    monkeypatch.setattr(queue, "start_dispatcher", lambda store: pytest.fail("there is nothing to dispatch"))
    make_run(store, status=FINISHED)
    make_run(store, status=QUEUED, handle=queue.ownership(), foreground=True)  # it waits with a process of its own
    dispatcher.tend(store)


def test_a_worker_signs_its_run_itself(store):
    """Its dispatcher may die between starting it and writing down who it is."""
    run = make_run(store, steps=FOREVER)
    attempt = store.claim(run.id, parallel=1, handle=queue.ownership())
    process = foreground("work", run.id, "--attempt", attempt, workspace=store.workspace)
    found = wait_for_step(store, run.id)
    assert found.handle["pid"] == process.pid and queue.alive(found)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert queue.reap(store) == 1 and status_of(store, run.id) == LOST


@pytest.mark.parametrize("host, silence, expected", [
    ("elsewhere", 2 * queue.SILENCE, LOST), ("elsewhere", 0.2 * queue.SILENCE, RUNNING),
])
def test_a_run_on_another_machine_is_known_by_its_heartbeat(store, host, silence, expected):
    then = time.time() - silence
    run = make_run(store, status=RUNNING, handle={"launcher": "local", "pid": os.getpid(), "born": 1.0, "host": host},
                   started=then - 100, heartbeat=then)
    assert queue.reap(store) == (expected == LOST)
    assert status_of(store, run.id) == expected


def test_a_process_id_that_is_anothers_by_now_does_not_count(store):
    mine = queue.ownership()
    living = make_run(store, status=RUNNING, handle=mine)
    dead = make_run(store, status=STOPPING, handle=mine | {"born": mine["born"] - 60})
    assert mine["host"] == socket.gethostname() and mine["pid"] == os.getpid()
    assert queue.reap(store) == 1
    assert (status_of(store, living.id), status_of(store, dead.id)) == (RUNNING, LOST)


def test_a_clock_that_was_set_kills_nobody(store):
    """The system reckons births from its clock, so they all move with it; hearts go on beating."""
    mine = queue.ownership()
    run = make_run(store, status=RUNNING, heartbeat=time.time() - 1, handle=mine | {"born": mine["born"] - 3600})
    assert queue.reap(store) == 0
    store.update(run.id, heartbeat=time.time() - 2 * queue.SILENCE)
    assert queue.reap(store) == 1


def test_a_zombie_is_dead(store):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    run = make_run(store, status=RUNNING, handle=queue.ownership(process.pid))
    assert queue.reap(store) == 0
    process.kill()
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE, "its death", SECONDS)
    assert queue.reap(store) == 1 and status_of(store, run.id) == LOST
    process.communicate()


def test_the_dead_do_not_hold_up_the_queue(store):
    """Neither a run whose process died while it waited its turn, nor one that died at work."""
    gone = queue.ownership() | {"born": 5.0}
    make_run(store, status=RUNNING, queued=1.0, handle=gone)
    make_run(store, status=QUEUED, queued=2.0, handle=gone, foreground=True)
    wait_for(store, launch(store), FINISHED)
    assert len(store.list([LOST])) == 2


# What a worker says of its end


@pytest.fixture
def claimed(store):
    run = make_run(store)
    assert queue.claim(store, run.id)
    return run.id


def raising(error):
    def train(*_, **__):
        raise error

    return train


def test_a_bug_in_training_fails_the_run_with_one_line_and_its_story_in_the_log(store, claimed, monkeypatch, capfd):
    monkeypatch.setattr(worker, "_train", raising(ZeroDivisionError("division by zero\nin a dark corner")))
    run = worker.work(store, claimed, 1, queue.ownership())
    assert (run.status, run.handle) == (FAILED, {})
    assert run.message == "ZeroDivisionError: division by zero; the run's log says more."
    log = log_of(store, claimed)
    assert "Traceback (most recent call last)" in log and "in a dark corner" in log
    assert log.splitlines()[-1].endswith("Failed at step 0. ZeroDivisionError: division by zero; the run's log says more.")
    assert capfd.readouterr() == ("", ""), "a command line shows the line and no more"


def test_code_that_leaves_the_process_fails_the_run_like_another_bug(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", raising(SystemExit("bye")))
    run = worker.work(store, claimed, 1, queue.ownership())
    assert (run.status, run.message) == (FAILED, "SystemExit: bye; the run's log says more.")
    assert "Traceback" in log_of(store, claimed)


def test_what_the_user_can_put_right_is_told_as_it_is(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", raising(BadInput("Take the other one.")))
    run = worker.work(store, claimed, 1, queue.ownership())
    assert (run.status, run.message) == (FAILED, "Take the other one.")
    assert "Traceback" not in log_of(store, claimed)


def test_a_failure_before_training_is_told_too(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "rewind", raising(StoreError("The workspace is on a full disk.")))
    run = worker.work(store, claimed, 1, queue.ownership())
    assert (run.status, run.message) == (FAILED, "The workspace is on a full disk.")


def test_a_failure_to_write_the_last_rows_is_told_too(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", helpers_runs.count)
    monkeypatch.setattr(store, "add_rows", raising(StoreError("The workspace is on a full disk.")))
    run = worker.work(store, claimed, 1, queue.ownership())
    assert (run.status, run.message) == (FAILED, "The workspace is on a full disk.")


def test_an_interrupted_worker_does_not_stay_running(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        worker.work(store, claimed, 1, queue.ownership())
    run = store.get(claimed)
    assert (run.status, run.message) == (FAILED, "Interrupted.")


def test_waiting_for_a_turn_that_was_taken_away_ends(store):
    make_run(store, status=RUNNING, handle=queue.ownership())
    run = make_run(store, handle=queue.ownership(), foreground=True)
    told = []

    def on_wait(active):
        told.append(len(active))
        queue.stop(store, run.id)

    with pytest.raises(RunFailed, match="stopped") as caught:
        queue.wait_for_turn(store, run.id, on_wait)
    assert told == [1] and is_a_sentence(str(caught.value))
