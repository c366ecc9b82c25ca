"""The contract that every launcher must pass, with counting in the place of training (see helpers_runs.py).

A launcher is found by itself, in ``gan_core/launch/launchers``; it joins the contract by one line in PREPARE, which has it
count instead of training.
"""

import functools
import json
import os
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa

import helpers_jobs
import helpers_runs
from gan_core.__main__ import main
from gan_core.errors import BadInput, RunFailed, StoreError
from gan_core.launch import dispatcher, launchers, queue, worker
from gan_core.launch.launchers import inline, local
from gan_core.store import FINISHED, QUEUED, RUNNING, STOPPED, DiskStore
from helpers_jobs import FOREVER, SECONDS, launch, status_of, wait_for, wait_for_step
from helpers_runs import PATIENCE, cli, is_a_sentence, make_run, processes, start_python, until

store = helpers_jobs.store  # the fixture
PREPARE = {
    "local": lambda patch: patch.setattr(local, "ENTRANCE", helpers_runs.ENTRANCE),
    "inline": lambda patch: (patch.setattr(inline.launcher, "main", main),
                             patch.setattr(worker, "_train", helpers_runs.count)),
}


@pytest.fixture(params=launchers.launchers())
def launcher(request, monkeypatch):
    assert request.param in PREPARE, f"say in PREPARE how processes of {request.param} are made to count instead of training"
    PREPARE[request.param](monkeypatch)
    monkeypatch.setenv("GAN_LAUNCHER", request.param)
    return launchers.launchers()[request.param]


@pytest.fixture
def started(store, launcher):
    """A run at work, and the handle of what works on it."""
    run = make_run(store, steps=FOREVER)
    attempt = store.claim(run.id, parallel=1)
    handle = launcher.start(["work", run.id, "--attempt", str(attempt), "--workspace", str(store.workspace)],
                            {"KERAS_BACKEND": "tensorflow"}, functools.partial(store.open_log, run.id))
    yield wait_for_step(store, run.id), handle
    if status_of(store, run.id) == RUNNING:
        queue.stop(store, run.id, wait=SECONDS)


# The contract


def test_all_launchers_are_found_and_tested():
    assert list(launchers.launchers()) == sorted(PREPARE) and {"local", "inline"} <= set(PREPARE)


def test_a_handle_is_json_that_names_its_launcher(started, launcher):
    run, handle = started
    assert json.loads(json.dumps(handle)) == handle
    assert launchers.launchers()[handle["launcher"]] is launcher


def test_the_worker_signs_its_run_with_a_handle_of_the_same_launcher(started, launcher, store):
    """Who started it may have died before it could."""
    run, handle = started
    assert run.handle["launcher"] == handle["launcher"] and launcher.alive(run.handle) and queue.alive(run)


def test_it_lives_until_its_command_ends(started, launcher, store):
    run, handle = started
    assert launcher.alive(handle) is True and launchers.alive(handle) is True
    queue.stop(store, run.id)
    wait_for(store, run.id, STOPPED, seconds=SECONDS)
    until(lambda: launcher.alive(handle) is False, "its end", SECONDS)
    assert launcher.alive(handle) is False and launcher.usage(handle) is None


def test_stopping_it_twice_or_after_its_end_does_no_harm(started, launcher, store):
    run, handle = started
    launcher.stop(handle), launcher.stop(handle)
    if status_of(store, run.id) == RUNNING:  # not all can be asked that way
        queue.stop(store, run.id)
    assert wait_for(store, run.id, STOPPED, seconds=SECONDS).message == ""
    until(lambda: launcher.alive(handle) is False, "its end", SECONDS)
    launcher.stop(handle)


def test_usage_is_of_the_process_or_unknown(started, launcher):
    usage = launcher.usage(started[1])
    assert usage is None or usage.memory > 10**6 and usage.cpu >= 0


def test_what_cannot_be_begun_is_told_in_a_sentence(launcher, tmp_path):
    with pytest.raises(RunFailed, match="could not be started") as caught:
        launcher.start(["runs"], {}, functools.partial(open, tmp_path, "ab"))  # a folder in place of the log
    assert is_a_sentence(str(caught.value))


def test_what_goes_wrong_is_in_the_log(launcher, tmp_path):
    log = tmp_path / "log.txt"
    log.write_text("what was there\n")
    handle = launcher.start(["work", "nosuch", "--attempt", "one"], {}, functools.partial(open, log, "ab"))
    until(lambda: launcher.alive(handle) is False, "its end", SECONDS)
    assert log.read_text().startswith("what was there\n")
    if handle["launcher"] != "inline":  # whose command speaks to the terminal of its process
        assert "whole number" in log.read_text()


def test_the_queue_moves(store, launcher):
    first, second = launch(store, steps=20), launch(store, steps=20)
    ended = wait_for(store, second, FINISHED)
    assert store.get(first).ended <= ended.started and (ended.step, ended.handle, ended.message) == (20, {}, "")
    until(lambda: not store.holder(dispatcher.LEASE), "the dispatcher to end when nothing waits", SECONDS)


# Which launcher


def test_the_environment_chooses(monkeypatch):
    monkeypatch.delenv("GAN_LAUNCHER", raising=False)
    assert launchers.chosen() is local.launcher
    monkeypatch.setenv("GAN_LAUNCHER", "inline")
    assert launchers.chosen() is inline.launcher


def test_one_that_does_not_exist_is_told_with_those_there_are(store, monkeypatch):
    monkeypatch.setenv("GAN_LAUNCHER", "carrier-pigeon")
    with pytest.raises(BadInput) as caught:
        launch(store)
    ended = make_run(store, status=STOPPED)
    with pytest.raises(BadInput, match="carrier-pigeon"):
        queue.resume(store, ended.id)
    assert store.list() == [ended], "nothing is written down that could not be begun"
    said = str(caught.value)
    assert is_a_sentence(said) and all(name in said for name in ("carrier-pigeon", *launchers.launchers()))
    answer = cli("runs", workspace=store.workspace)
    assert answer.code == 0, "who only looks needs none"


def test_a_dispatcher_with_none_that_exists_fails_the_run_and_goes_on(store, monkeypatch):
    run = make_run(store)
    children = {}
    monkeypatch.setenv("GAN_LAUNCHER", "carrier-pigeon")
    assert dispatcher._round(store, children, []) and children == {}
    failed = store.get(run.id)
    assert (failed.status, failed.handle) == ("failed", {}) and "carrier-pigeon" in failed.message


def test_the_inline_one_says_that_it_is_not_for_everyone(tmp_path):
    with pytest.raises(RunFailed, match="GAN_LAUNCHER=local") as caught:
        inline.Inline().start(["runs"], {}, functools.partial(open, tmp_path / "log.txt", "ab"))
    assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("handle", [{}, {"launcher": "of-tomorrow", "job": 7}, {"job": 7}])
def test_nothing_is_known_of_what_no_launcher_here_has_started(handle):
    assert launchers.alive(handle) is None and launchers.usage(handle) is None
    launchers.stop(handle)


def test_a_thread_of_another_process_is_dead_with_it_and_else_unknown():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    handle = local.ownership(process.pid) | {"launcher": "inline", "thread": 1}
    assert launchers.alive(handle) is None
    process.communicate(b"\n")
    assert launchers.alive(handle) is False


# The dispatcher's lease


def test_a_waiting_run_starts_within_seconds_of_its_dispatchers_death(store):
    working, waiting = launch(store, steps=FOREVER), launch(store)
    wait_for_step(store, working)
    killed, = processes(store.workspace, "dispatch")
    assert store.holder(dispatcher.LEASE)
    killed.kill()
    killed.wait(SECONDS)
    queue.stop(store, working, wait=SECONDS)
    began = time.monotonic()
    dispatcher.tend(store)  # someone looks
    wait_for_step(store, waiting)
    assert time.monotonic() - began < SECONDS


def test_a_launch_after_a_dispatchers_death_needs_nobody_to_look(store):
    """Though the dead one's lease has not run out."""
    working = launch(store, steps=FOREVER)
    wait_for_step(store, working)
    killed, = processes(store.workspace, "dispatch")
    killed.kill()
    killed.wait(SECONDS)
    queue.stop(store, working, wait=SECONDS)
    wait_for(store, launch(store), FINISHED)


def test_a_dispatcher_of_which_nothing_is_known_is_waited_for_until_its_lease_runs_out(store):
    """It worked on another machine, which went down."""
    elsewhere = json.dumps(local.ownership() | {"host": "elsewhere"})
    assert store.lease(dispatcher.LEASE, elsewhere, 2.0)
    began = time.time()
    run = wait_for(store, launch(store), FINISHED)
    assert run.started >= began + 1.9


def test_a_dispatcher_that_works_elsewhere_is_left_to_it(store, monkeypatch):
    monkeypatch.setattr(dispatcher, "SECONDS", 1.0)
    run = make_run(store)
    elsewhere, done = json.dumps(local.ownership() | {"host": "elsewhere"}), threading.Event()
    assert store.lease(dispatcher.LEASE, elsewhere, 60.0)
    thread = threading.Thread(target=lambda: (dispatcher.dispatch(store.workspace), done.set()))
    thread.start()
    thread.join(PATIENCE)
    assert done.is_set() and store.holder(dispatcher.LEASE) == elsewhere and store.get(run.id) == run


def test_two_dispatchers_that_start_at_once_leave_one(store):
    runs = [make_run(store, steps=FOREVER), make_run(store, steps=FOREVER)]
    code = ("import sys, time; from gan_core.launch import dispatcher; import helpers_runs;"
            "from gan_core.launch.launchers import local; local.ENTRANCE = helpers_runs.ENTRANCE;"
            "time.sleep(max(0, float(sys.argv[2]) - time.time())); dispatcher.dispatch(sys.argv[1])")
    start = time.time() + 2.0
    both = [start_python(code, store.workspace, start) for _ in range(2)]
    try:
        until(lambda: [each.poll() for each in both].count(None) == 1, "one to end", SECONDS)
        wait_for_step(store, runs[0].id)
        left = next(each for each in both if each.poll() is None)
        assert json.loads(store.holder(dispatcher.LEASE))["pid"] == left.pid
        assert len(processes(store.workspace, "work")) == 1
    finally:
        for each in both:
            each.kill()
            each.communicate(timeout=PATIENCE)


def test_one_that_was_frozen_gives_way_to_another(store, monkeypatch):
    """Its lease ran out, and it notices."""
    monkeypatch.setattr(dispatcher, "SECONDS", 0.5)
    lease, other = dispatcher._Lease(store), dispatcher._Lease(store)
    assert lease.taken() and lease.kept() and not other._renew()
    time.sleep(0.6)
    assert other.taken() and not lease.kept()
    lease.give_back()
    assert other.kept() and store.holder(dispatcher.LEASE)


def test_looking_starts_no_second_dispatcher(store, monkeypatch):
    monkeypatch.setattr(queue, "start_dispatcher", lambda store: pytest.fail("there is one"))
    make_run(store)
    assert store.lease(dispatcher.LEASE, json.dumps(local.ownership()), 60.0)
    dispatcher.tend(store)


# A full disk


def test_a_full_disk_is_told_to_whoever_launches(store):
    with store._reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    store.engine.dispose()
    sa.event.listen(store.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreError, match="full disk; make room") as caught:
        for _ in range(100):
            launch(store)
    assert is_a_sentence(str(caught.value))
    assert len(os.listdir(store.workspace / "runs")) == len(store.list()), "nothing half-made"


def test_a_full_disk_ends_a_dispatcher_with_a_sentence_in_its_log(store, monkeypatch):
    def full(*_):
        raise StoreError("The workspace is on a full disk; make room and resume the run.")

    run = make_run(store)
    monkeypatch.setattr(DiskStore, "lease", full)
    answer = cli("dispatch", workspace=store.workspace)
    assert answer.code == 2 and answer.err == "The workspace is on a full disk; make room and resume the run.\n"
    assert store.get(run.id) == run


def test_a_dispatcher_that_cannot_be_started_is_told_and_the_run_waits(store):
    (store.workspace / "dispatcher.log").mkdir()
    with pytest.raises(RunFailed, match="could not be started"):
        launch(store)
    run, = store.list()
    assert run.status == QUEUED
    (store.workspace / "dispatcher.log").rmdir()
    dispatcher.tend(store)
    wait_for(store, run.id, FINISHED)
