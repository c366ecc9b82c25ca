"""Runs as processes: stopping and resuming, with counting in the place of training (see helpers_runs.py)."""

import os
import signal
import threading
import time

import pytest

import helpers_jobs
from gan_core.errors import BadInput
from gan_core.launch import queue, signals
from gan_core.store import ACTIVE, ENDED, FINISHED, QUEUED, STATUSES, STOPPED, STOPPING, artifacts
from helpers_jobs import FOREVER, SECONDS, launch, status_of, wait_for, wait_for_step
from helpers_runs import PATIENCE, foreground, is_a_sentence, log_of, make_run, processes, until

store = helpers_jobs.store  # the fixture


def refused(store, run, word, call, **options):
    """What is asked of a run is answered by a sentence that has ``word`` in it, and the run stays as it was."""
    with pytest.raises(BadInput, match=word) as caught:
        call(store, run.id, **options)
    assert is_a_sentence(str(caught.value)) and store.get(run.id) == run


# Stopping


def test_a_queued_run_that_is_stopped_never_starts(store):
    working, waiting, last = launch(store, steps=FOREVER), launch(store), launch(store)
    wait_for_step(store, working)
    assert queue.stop(store, waiting).status == STOPPED
    queue.stop(store, working)
    wait_for(store, last, FINISHED)
    found = store.get(waiting)
    assert (found.status, found.attempt, found.started, found.step) == (STOPPED, 0, 0.0, 0) and found.ended > 0


def test_a_running_run_stops_within_seconds_and_saves(store):
    run_id = launch(store, steps=FOREVER)
    wait_for_step(store, run_id, 5)
    began = time.monotonic()
    assert queue.stop(store, run_id).status == STOPPING, "asking does not wait"
    run = queue.stop(store, run_id, wait=SECONDS)
    assert run.status == STOPPED and time.monotonic() - began < SECONDS
    assert max(artifacts.checkpoints(store.artifacts(run_id))) == run.step >= 5
    assert store.rows(run_id).step.max() == run.step
    assert (run.handle, run.message) == ({}, "") and run.ended > run.started
    until(lambda: not processes(store.workspace), "its process to be gone", SECONDS)
    assert f"Stopped at step {run.step}" in log_of(store, run_id)


def test_two_stops_at_once_stop_once(store):
    run_id, waiting = launch(store, steps=FOREVER), launch(store)
    wait_for_step(store, run_id)
    results = []

    def stop(which):
        try:
            results.append(queue.stop(store, which, wait=SECONDS).status)
        except BadInput as error:  # the other was first, and the run has ended by now
            assert is_a_sentence(str(error))
            results.append(STOPPED)

    threads = [threading.Thread(target=stop, args=(which,)) for which in (run_id, run_id, waiting, waiting)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert results == [STOPPED] * 4
    assert {status_of(store, each) for each in (run_id, waiting)} == {STOPPED}
    assert list(artifacts.checkpoints(store.artifacts(run_id)))[-1] == store.get(run_id).step


@pytest.mark.parametrize("status", ENDED)
def test_stopping_an_ended_run_is_answered_by_a_sentence(store, status):
    run = make_run(store, status=status)
    refused(store, run, status, queue.stop)


def test_sigterm_stops_a_worker_in_good_order(store):
    run_id = launch(store, steps=FOREVER)
    run = wait_for_step(store, run_id, 5)
    os.kill(run.handle["pid"], signal.SIGTERM)
    found = wait_for(store, run_id, *ENDED, seconds=SECONDS)
    assert found.status == STOPPED and max(artifacts.checkpoints(store.artifacts(run_id))) == found.step >= 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_stop_a_run_in_the_foreground_in_good_order(store, number):
    run = make_run(store, status=STOPPED, steps=FOREVER)
    process = foreground("resume", run.id, workspace=store.workspace)
    wait_for_step(store, run.id, 3)
    process.send_signal(number)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and said.split()[-1] == run.id and "Traceback" not in error, error
    assert status_of(store, run.id) == STOPPED and artifacts.checkpoints(store.artifacts(run.id))


@pytest.mark.parametrize("number", signals.ENDINGS)
def test_what_is_ignored_stays_so(number):
    """As `nohup` wants it."""
    heard, before = [], signal.signal(number, signal.SIG_IGN)
    try:
        with signals.heard(lambda *_: heard.append("ignored")):
            signal.raise_signal(number)
        assert signal.getsignal(number) == signal.SIG_IGN
        signal.signal(number, lambda *_: heard.append("before"))
        with signals.heard(lambda *_: heard.append("within")):
            signal.raise_signal(number)
        signal.raise_signal(number)
        assert heard == ["within", "before"]
    finally:
        signal.signal(number, before)


# Resuming


def test_a_stopped_run_goes_on_where_it_stopped(store):
    run_id = launch(store, steps=FOREVER)
    wait_for_step(store, run_id, 5)
    stopped = queue.stop(store, run_id, wait=SECONDS)
    resumed = queue.resume(store, run_id, steps=stopped.step + 15)
    assert resumed.steps == stopped.step + 15 and resumed.status in (QUEUED, *ACTIVE)
    run = wait_for(store, run_id, *ENDED)
    assert (run.status, run.step, run.attempt) == (FINISHED, stopped.step + 15, 2)
    assert run.seconds > stopped.seconds and run.created == stopped.created
    log = log_of(store, run_id)
    assert "Counting from 0." in log and f"Counting from {stopped.step}." in log
    steps = store.rows(run_id, keys=["d_loss"]).step.tolist()
    assert steps == list(range(1, run.step + 1)), "every step once"


def test_a_finished_run_is_resumed_with_more_steps_only(store):
    run_id = launch(store, steps=20)
    before = wait_for(store, run_id, FINISHED)
    for steps in (None, 20, 5):
        with pytest.raises(BadInput, match="more") as caught:
            queue.resume(store, run_id, steps=steps)
        assert is_a_sentence(str(caught.value))
    assert store.get(run_id) == before
    assert "steps" in caught.value.fields
    queue.resume(store, run_id, steps="25")
    assert wait_for(store, run_id, FINISHED).step == 25


@pytest.mark.parametrize("steps", ["0", "-1", "many", "1.5", "1e99"])
def test_resuming_with_a_wrong_number_of_steps_changes_nothing(store, steps):
    run = make_run(store, status=STOPPED)
    refused(store, run, "Steps must", queue.resume, steps=steps)


@pytest.mark.parametrize("status", [each for each in STATUSES if each not in ENDED])
def test_what_has_not_ended_cannot_be_resumed(store, status):
    run = make_run(store, status=status)
    refused(store, run, status, queue.resume)


def test_of_two_resumes_at_once_one_wins(store):
    run = make_run(store, status=STOPPED, steps=FOREVER)
    results = []

    def resume():
        try:
            results.append(queue.resume(store, run.id))
        except BadInput as error:
            results.append(str(error))

    threads = [threading.Thread(target=resume) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(isinstance(result, str) for result in results) == [False, True]
    wait_for_step(store, run.id)
    time.sleep(4 * queue.POLL)
    assert len(processes(store.workspace, "work")) == 1 and store.get(run.id).attempt == 1


def test_a_resumed_run_waits_at_the_end_of_the_queue(store):
    old = make_run(store, status=STOPPED, created=1.0, queued=1.0)
    working, waiting = launch(store, steps=FOREVER), launch(store, steps=FOREVER)
    wait_for_step(store, working)
    queue.resume(store, old.id)
    queue.stop(store, working)
    wait_for_step(store, waiting)
    assert status_of(store, old.id) == QUEUED
