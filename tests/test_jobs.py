"""Runs as processes: the queue, stopping, resuming, and every way to die.

Most tests run real dispatchers and real workers in which counting stands in for training (see helpers_runs.py);
one, at the end, is the real thing from launch to resumed end.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

import helpers_runs
from gan_core import jobs, score_jobs, worker
from gan_core.errors import BadInput, RunFailed, StoreError
from gan_core.runs import (
    ACTIVE, ENDED, FAILED, FINISHED, LOST, QUEUED, RUNNING, STATUSES, STOPPED, STOPPING, DiskStore, files,
)
from helpers_runs import (
    PATIENCE, end_all, foreground, gan, is_a_sentence, make_run, make_spec, processes, python, until,
)

SECONDS = 30.0  # within which a thing that should happen "within seconds" must happen, on a busy machine too
FOREVER = 20_000  # steps: minutes, and not for ever, should a test be killed before it can clean up


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store whose jobs count instead of training."""
    monkeypatch.delenv("GAN_PARALLEL", raising=False)
    monkeypatch.setattr(jobs, "_spawn", helpers_runs.without_tensorflow(jobs._spawn))
    store = DiskStore(tmp_path / "workspace")
    yield store
    end_all(store.workspace)
    store.close()


def launch(store, steps=20, pace=0.01):
    return jobs.launch(store, make_spec(steps, pace=pace)).id


def status_of(store, run_id):
    return store.get(run_id).status


def wait_for(store, run_id, *statuses, seconds=PATIENCE):
    """Look on without a hand in it until the run has one of these statuses."""
    until(lambda: status_of(store, run_id) in statuses, f"{run_id} to be {' or '.join(statuses)}; it is "
          f"{status_of(store, run_id)}", seconds)
    return store.get(run_id)


def wait_for_step(store, run_id, step=1):
    return until(lambda: (run := store.get(run_id)).status == RUNNING and run.step >= step and run, f"step {step}")


# The queue


def test_a_launched_run_is_worked_off_with_nobody_looking(store):
    """By a launcher that is gone before the run starts: the queue needs no server, no browser and no parent."""
    code = """
import sys
import helpers_runs
from gan_core import jobs
from gan_core.runs import open_store
jobs._spawn = helpers_runs.without_tensorflow(jobs._spawn)
store = open_store(sys.argv[1])
print(*(jobs.launch(store, helpers_runs.make_spec(30)).id for _ in range(2)))
"""
    launched = python(code, store.workspace)
    assert launched.returncode == 0, launched.stderr
    first, second = launched.stdout.split()
    found = wait_for(store, second, *ENDED)
    for run in (store.get(first), found):
        assert (run.status, run.step, run.attempt, run.pid) == (FINISHED, 30, 1, 0)
        assert run.created <= run.queued <= run.started <= run.heartbeat <= run.ended + 1
        assert list(files.checkpoints(store.folder(run.id))) == [10, 20, 30]
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
    time.sleep(4 * jobs.POLL)
    assert status_of(store, third) == QUEUED
    jobs.stop(store, first)
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
    assert jobs.parallel(store) == expected


def test_many_launches_leave_one_dispatcher(store):
    run = launch(store, steps=FOREVER)
    wait_for_step(store, run)
    for _ in range(3):
        jobs.start_dispatcher(store)
    until(lambda: len(processes(store.workspace, "dispatch")) > 1, "them to start", SECONDS)
    until(lambda: len(processes(store.workspace, "dispatch")) == 1, "all but one to end", SECONDS)
    assert len(processes(store.workspace, "work")) == 1


@pytest.mark.parametrize("wanted", ["on", "off"])
def test_ended_runs_are_scored_once_nothing_is_left_to_train(store, monkeypatch, wanted):
    """In this process, so that what it would start can be seen."""
    started = []
    monkeypatch.setattr(score_jobs, "start", lambda store, runs, every: started.append(
        (runs, every, [run.status for run in store.list() if run.status in (QUEUED, *ACTIVE)])))
    store.set(score_jobs.WANTED, wanted)
    runs = [make_run(store, queued=1.0), make_run(store, queued=2.0)]
    with contextlib.closing(DiskStore(store.workspace)) as other:
        thread = threading.Thread(target=jobs.dispatch, args=(other.workspace,))
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert started == ([([run.id for run in runs], True, [])] if wanted == "on" else [])


def test_scoring_waits_for_scoring(store, monkeypatch):
    """Of another run, that someone asked for."""
    run, started = make_run(store, status=FINISHED), []
    store.set(score_jobs.WANTED, "on")
    monkeypatch.setattr(score_jobs, "start", lambda store, runs, every: started.append(runs))
    mine = jobs.ownership()
    busy = {"runs": [], "share": 0.4, "what": "x", "left": None, "problems": [], "pid": mine["pid"], "born": mine["born"]}
    store.set(score_jobs.SETTING, json.dumps(busy))
    ended = [run.id, "deleted"]
    assert jobs._scored_later(store, ended) and started == [] and ended == [run.id]
    store.set(score_jobs.SETTING, json.dumps(busy | {"share": 1.0}))
    assert not jobs._scored_later(store, ended) and started == [[run.id]] and ended == []


def test_a_worker_that_cannot_be_started_fails_its_run_and_not_the_queue(store, monkeypatch):
    """In this process, so that starting can be made to fail."""
    broken, sound = make_run(store, queued=1.0), make_run(store, queued=2.0)
    (store.folder(broken.id) / "log.txt").mkdir()
    with contextlib.closing(DiskStore(store.workspace)) as other:
        thread = threading.Thread(target=jobs.dispatch, args=(other.workspace,))
        thread.start()
        found = wait_for(store, broken.id, *ENDED)
        wait_for(store, sound.id, RUNNING, *ENDED)
        jobs.stop(store, sound.id) if status_of(store, sound.id) in ACTIVE else None
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert found.status == FAILED and "could not be started" in found.message


# Stopping


def test_a_queued_run_that_is_stopped_never_starts(store):
    working, waiting, last = launch(store, steps=FOREVER), launch(store), launch(store)
    wait_for_step(store, working)
    assert jobs.stop(store, waiting).status == STOPPED
    jobs.stop(store, working)
    wait_for(store, last, FINISHED)
    found = store.get(waiting)
    assert (found.status, found.attempt, found.started, found.step) == (STOPPED, 0, 0.0, 0) and found.ended > 0


def test_a_running_run_stops_within_seconds_and_saves(store):
    run_id = launch(store, steps=FOREVER)
    wait_for_step(store, run_id, 5)
    began = time.monotonic()
    assert jobs.stop(store, run_id).status == STOPPING, "asking does not wait"
    run = jobs.stop(store, run_id, wait=SECONDS)
    assert run.status == STOPPED and time.monotonic() - began < SECONDS
    assert max(files.checkpoints(store.folder(run_id))) == run.step >= 5
    assert store.rows(run_id).step.max() == run.step
    assert (run.pid, run.message) == (0, "") and run.ended > run.started
    until(lambda: not processes(store.workspace), "its process to be gone", SECONDS)
    assert f"Stopped at step {run.step}" in (store.folder(run_id) / "log.txt").read_text()


def test_two_stops_at_once_stop_once(store):
    run_id, waiting = launch(store, steps=FOREVER), launch(store)
    wait_for_step(store, run_id)
    results = []

    def stop(which):
        try:
            results.append(jobs.stop(store, which, wait=SECONDS).status)
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
    assert list(files.checkpoints(store.folder(run_id)))[-1] == store.get(run_id).step


@pytest.mark.parametrize("status", ENDED)
def test_stopping_an_ended_run_is_answered_by_a_sentence(store, status):
    run = make_run(store, status=status)
    with pytest.raises(BadInput, match=status) as caught:
        jobs.stop(store, run.id)
    assert is_a_sentence(str(caught.value)) and store.get(run.id) == run


def test_sigterm_stops_a_worker_in_good_order(store):
    run_id = launch(store, steps=FOREVER)
    run = wait_for_step(store, run_id, 5)
    os.kill(run.pid, signal.SIGTERM)
    found = wait_for(store, run_id, *ENDED, seconds=SECONDS)
    assert found.status == STOPPED and max(files.checkpoints(store.folder(run_id))) == found.step >= 5


def test_ctrl_c_stops_a_run_in_the_foreground_in_good_order(store):
    run = make_run(store, status=STOPPED, steps=FOREVER)
    process = foreground("resume", run.id, workspace=store.workspace)
    wait_for_step(store, run.id, 3)
    process.send_signal(signal.SIGINT)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and said.split()[-1] == run.id and "Traceback" not in error, error
    assert status_of(store, run.id) == STOPPED and files.checkpoints(store.folder(run.id))


# Resuming


def test_a_stopped_run_goes_on_where_it_stopped(store):
    run_id = launch(store, steps=FOREVER)
    wait_for_step(store, run_id, 5)
    stopped = jobs.stop(store, run_id, wait=SECONDS)
    resumed = jobs.resume(store, run_id, steps=stopped.step + 15)
    assert resumed.steps == stopped.step + 15 and resumed.status in (QUEUED, *ACTIVE)
    run = wait_for(store, run_id, *ENDED)
    assert (run.status, run.step, run.attempt) == (FINISHED, stopped.step + 15, 2)
    assert run.seconds > stopped.seconds and run.created == stopped.created
    log = (store.folder(run_id) / "log.txt").read_text()
    assert "Counting from 0." in log and f"Counting from {stopped.step}." in log
    steps = store.rows(run_id, keys=["d_loss"]).step.tolist()
    assert steps == list(range(1, run.step + 1)), "every step once"


def test_a_finished_run_is_resumed_with_more_steps_only(store):
    run_id = launch(store, steps=20)
    before = wait_for(store, run_id, FINISHED)
    for steps in (None, 20, 5):
        with pytest.raises(BadInput, match="more") as caught:
            jobs.resume(store, run_id, steps=steps)
        assert is_a_sentence(str(caught.value))
    assert store.get(run_id) == before
    assert "steps" in caught.value.fields
    jobs.resume(store, run_id, steps="25")
    assert wait_for(store, run_id, FINISHED).step == 25


@pytest.mark.parametrize("steps", ["0", "-1", "many", "1.5", "1e99"])
def test_resuming_with_a_wrong_number_of_steps_changes_nothing(store, steps):
    run = make_run(store, status=STOPPED)
    with pytest.raises(BadInput, match="Steps must") as caught:
        jobs.resume(store, run.id, steps=steps)
    assert is_a_sentence(str(caught.value)) and store.get(run.id) == run


@pytest.mark.parametrize("status", [each for each in STATUSES if each not in ENDED])
def test_what_has_not_ended_cannot_be_resumed(store, status):
    run = make_run(store, status=status)
    with pytest.raises(BadInput, match=status) as caught:
        jobs.resume(store, run.id)
    assert is_a_sentence(str(caught.value)) and store.get(run.id) == run


def test_of_two_resumes_at_once_one_wins(store):
    run = make_run(store, status=STOPPED, steps=FOREVER)
    results = []

    def resume():
        try:
            results.append(jobs.resume(store, run.id))
        except BadInput as error:
            results.append(str(error))

    threads = [threading.Thread(target=resume) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(isinstance(result, str) for result in results) == [False, True]
    wait_for_step(store, run.id)
    time.sleep(4 * jobs.POLL)
    assert len(processes(store.workspace, "work")) == 1 and store.get(run.id).attempt == 1


def test_a_resumed_run_waits_at_the_end_of_the_queue(store):
    old = make_run(store, status=STOPPED, created=1.0, queued=1.0)
    working, waiting = launch(store, steps=FOREVER), launch(store, steps=FOREVER)
    wait_for_step(store, working)
    jobs.resume(store, old.id)
    jobs.stop(store, working)
    wait_for_step(store, waiting)
    assert status_of(store, old.id) == QUEUED


# Dying


def test_a_killed_worker_is_lost_within_seconds_and_the_next_run_starts(store):
    run_id, following = launch(store, steps=FOREVER), launch(store)
    run = wait_for_step(store, run_id, 25)
    os.kill(run.pid, signal.SIGKILL)
    lost = wait_for(store, run_id, LOST, seconds=SECONDS)
    assert is_a_sentence(lost.message.partition(": ")[0] + ".") and "Resume" in lost.message
    assert lost.pid == 0 and 0 < lost.ended <= time.time()
    wait_for(store, following, FINISHED)

    saved = max(files.checkpoints(store.folder(run_id)))
    jobs.resume(store, run_id, steps=saved + 7)
    found = wait_for(store, run_id, *ENDED)
    assert (found.status, found.step, found.attempt, found.message) == (FINISHED, saved + 7, 2, "")
    assert store.rows(run_id, keys=["d_loss"]).step.tolist() == list(range(1, saved + 8)), "every step once"


def test_a_killed_run_is_noticed_by_whoever_looks(store):
    """With no dispatcher left: a page or a command that looks at the runs finds the dead."""
    run_id = launch(store, steps=FOREVER)
    run = wait_for_step(store, run_id)
    for process in [*processes(store.workspace, "dispatch"), psutil.Process(run.pid)]:
        process.kill()
        process.wait(SECONDS)
    assert status_of(store, run_id) == RUNNING, "nobody has looked"
    answer = gan("show", run_id, workspace=store.workspace)
    assert answer.code == 0 and "lost" in answer.out
    assert status_of(store, run_id) == LOST
    assert jobs.reap(store) == 0


def test_workers_outlive_their_dispatcher_and_a_look_brings_a_new_one(store):
    working, waiting = launch(store, steps=FOREVER), launch(store)
    run = wait_for_step(store, working)
    dispatcher, = processes(store.workspace, "dispatch")
    dispatcher.kill()
    dispatcher.wait(SECONDS)
    after = wait_for_step(store, working, run.step + 5)
    assert after.pid == run.pid and status_of(store, waiting) == QUEUED
    jobs.tend(store)
    jobs.tend(store)
    until(lambda: processes(store.workspace, "dispatch"), "a new dispatcher", SECONDS)
    jobs.stop(store, working)
    wait_for(store, waiting, FINISHED)
    assert status_of(store, working) == STOPPED


def test_looking_starts_nothing_when_nothing_waits(store, monkeypatch):
    monkeypatch.setattr(jobs, "start_dispatcher", lambda store: pytest.fail("there is nothing to dispatch"))
    make_run(store, status=FINISHED)
    make_run(store, status=QUEUED, **jobs.ownership())  # it waits with a process of its own
    jobs.tend(store)


def test_a_worker_signs_its_run_itself(store):
    """Its dispatcher may die between starting it and writing down who it is."""
    run = make_run(store, steps=FOREVER)
    assert store.claim(run.id, parallel=1, started=time.time(), heartbeat=time.time(), **jobs.ownership())
    process = foreground("work", run.id, workspace=store.workspace)
    found = wait_for_step(store, run.id)
    assert found.pid == process.pid and jobs.alive(found)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert jobs.reap(store) == 1 and status_of(store, run.id) == LOST


@pytest.mark.parametrize("host, silence, expected", [
    ("elsewhere", 2 * jobs.SILENCE, LOST), ("elsewhere", 0.2 * jobs.SILENCE, RUNNING),
])
def test_a_run_on_another_machine_is_known_by_its_heartbeat(store, host, silence, expected):
    then = time.time() - silence
    run = make_run(store, status=RUNNING, pid=os.getpid(), born=1.0, host=host, started=then - 100, heartbeat=then)
    assert jobs.reap(store) == (expected == LOST)
    assert status_of(store, run.id) == expected


def test_a_process_id_that_is_anothers_by_now_does_not_count(store):
    mine = jobs.ownership()
    living = make_run(store, status=RUNNING, **mine)
    dead = make_run(store, status=STOPPING, **mine | {"born": mine["born"] - 60})
    assert mine["host"] == socket.gethostname() and mine["pid"] == os.getpid()
    assert jobs.reap(store) == 1
    assert (status_of(store, living.id), status_of(store, dead.id)) == (RUNNING, LOST)


def test_a_clock_that_was_set_kills_nobody(store):
    """The system reckons births from its clock, so they all move with it; hearts go on beating."""
    mine = jobs.ownership()
    run = make_run(store, status=RUNNING, heartbeat=time.time() - 1, **mine | {"born": mine["born"] - 3600})
    assert jobs.reap(store) == 0
    store.update(run.id, heartbeat=time.time() - 2 * jobs.SILENCE)
    assert jobs.reap(store) == 1


def test_a_zombie_is_dead(store):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    run = make_run(store, status=RUNNING, **jobs.ownership(process.pid))
    assert jobs.reap(store) == 0
    process.kill()
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE, "its death", SECONDS)
    assert jobs.reap(store) == 1 and status_of(store, run.id) == LOST
    process.communicate()


def test_the_dead_do_not_hold_up_the_queue(store):
    """Neither a run whose process died while it waited its turn, nor one that died at work."""
    gone = jobs.ownership() | {"born": 5.0}
    make_run(store, status=RUNNING, queued=1.0, **gone)
    make_run(store, status=QUEUED, queued=2.0, **gone)
    wait_for(store, launch(store), FINISHED)
    assert len(store.list([LOST])) == 2


# In the foreground


def test_a_run_in_the_foreground_waits_its_turn(store):
    working = launch(store, steps=FOREVER)
    wait_for_step(store, working)
    run = make_run(store, status=STOPPED, steps=10)
    process = foreground("resume", run.id, workspace=store.workspace)
    until(lambda: status_of(store, run.id) == QUEUED and store.get(run.id).pid == process.pid, "it to wait", SECONDS)
    time.sleep(4 * jobs.POLL)
    assert status_of(store, run.id) == QUEUED, "the dispatcher leaves it to its own process"
    jobs.stop(store, working)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and said == f"{run.id}\n", error
    assert f"Waiting for {working} to end." in error
    found = store.get(run.id)
    assert (found.status, found.step) == (FINISHED, 10)


def test_a_run_that_is_stopped_while_it_waits_in_the_foreground_ends_its_command(store):
    make_run(store, status=RUNNING, **jobs.ownership())
    run = make_run(store, status=STOPPED)
    process = foreground("resume", run.id, workspace=store.workspace)
    until(lambda: status_of(store, run.id) == QUEUED, "it to wait", SECONDS)
    jobs.stop(store, run.id)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and said == "" and is_a_sentence(error.splitlines()[-1])
    assert status_of(store, run.id) == STOPPED


def test_waiting_that_is_interrupted_stops_the_run(store):
    make_run(store, status=RUNNING, **jobs.ownership())
    run = make_run(store, status=STOPPED)
    process = foreground("resume", run.id, workspace=store.workspace)
    until(lambda: status_of(store, run.id) == QUEUED, "it to wait", SECONDS)
    time.sleep(2 * jobs.POLL)  # into its waiting
    process.send_signal(signal.SIGINT)
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and said == "" and "Traceback" not in error
    assert status_of(store, run.id) == STOPPED


# What a worker says of its end


@pytest.fixture
def claimed(store):
    run = make_run(store)
    assert jobs.claim(store, run.id)
    return run.id


def raising(error):
    def train(*_):
        raise error

    return train


def test_a_bug_in_training_fails_the_run_with_one_line_and_its_story_in_the_log(store, claimed, monkeypatch, capfd):
    monkeypatch.setattr(worker, "_train", raising(ZeroDivisionError("division by zero\nin a dark corner")))
    run = worker.work(store, claimed)
    assert (run.status, run.message, run.pid) == (FAILED, "ZeroDivisionError: division by zero", 0)
    log = (store.folder(claimed) / "log.txt").read_text()
    assert "Traceback (most recent call last)" in log and "in a dark corner" in log
    assert log.splitlines()[-1].endswith("Failed at step 0. ZeroDivisionError: division by zero")
    assert capfd.readouterr() == ("", ""), "a command line shows the line and no more"


def test_what_the_user_can_put_right_is_told_as_it_is(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", raising(BadInput("Take the other one.")))
    run = worker.work(store, claimed)
    assert (run.status, run.message) == (FAILED, "Take the other one.")
    assert "Traceback" not in (store.folder(claimed) / "log.txt").read_text()


def test_a_failure_before_training_is_told_too(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "rewind", raising(StoreError("The workspace is on a full disk.")))
    run = worker.work(store, claimed)
    assert (run.status, run.message) == (FAILED, "The workspace is on a full disk.")


def test_a_failure_to_write_the_last_rows_is_told_too(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", helpers_runs.count)
    monkeypatch.setattr(store, "add_rows", raising(StoreError("The workspace is on a full disk.")))
    run = worker.work(store, claimed)
    assert (run.status, run.message) == (FAILED, "The workspace is on a full disk.")


def test_an_interrupted_worker_does_not_stay_running(store, claimed, monkeypatch):
    monkeypatch.setattr(worker, "_train", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        worker.work(store, claimed)
    run = store.get(claimed)
    assert (run.status, run.message) == (FAILED, "Interrupted.")


def test_waiting_for_a_turn_that_was_taken_away_ends(store):
    make_run(store, status=RUNNING, **jobs.ownership())
    run = make_run(store, **jobs.ownership())
    told = []

    def on_wait(active):
        told.append(len(active))
        jobs.stop(store, run.id)

    with pytest.raises(RunFailed, match="stopped") as caught:
        jobs.wait_for_turn(store, run.id, on_wait)
    assert told == [1] and is_a_sentence(str(caught.value))


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
    from gan_core.families import family
    from gan_core.spec import make_spec
    from gan_core.data import DataSpec

    ring = DataSpec("points", (2,), tuple(f"mode {i}" for i in range(8)))
    known = family("gan", cache=store.workspace / "cache")
    long = jobs.launch(store, make_spec(known, "ring", ring, knobs | {"steps": 10_000_000})).id
    short = jobs.launch(store, make_spec(known, "ring", ring, knobs | {"steps": 40})).id

    wait_for_step(store, long, 5)
    assert status_of(store, short) == QUEUED
    began = time.monotonic()
    stopped = jobs.stop(store, long, wait=SECONDS)
    assert stopped.status == STOPPED and time.monotonic() - began < SECONDS
    assert max(files.checkpoints(store.folder(long))) == stopped.step

    jobs.resume(store, long, steps=stopped.step + 20)  # queued behind the short one, which starts by itself
    finished = wait_for(store, short, *ENDED)
    assert (finished.status, finished.step) == (FINISHED, 40), finished.message
    assert finished.facts["parameters"].keys() == {"generator", "discriminator"}

    resumed = wait_for(store, long, *ENDED)
    assert (resumed.status, resumed.step, resumed.attempt) == (FINISHED, stopped.step + 20, 2), resumed.message
    assert resumed.started >= finished.ended
    steps = store.rows(long, keys=["d_loss"]).step
    assert steps.max() == stopped.step + 20 and len(set(steps)) == len(steps)
    for run_id in (long, short):
        folder = store.folder(run_id)
        assert 0 in files.sample_sheets(folder) and store.get(run_id).step in files.sample_sheets(folder)
        assert not list(folder.rglob(".partial-*"))
        assert "Traceback" not in (folder / "log.txt").read_text()
