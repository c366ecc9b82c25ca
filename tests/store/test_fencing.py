"""A process that was taken for dead and comes back writes nothing into a run that goes on elsewhere."""

import signal
import threading
import time

import numpy as np
import psutil
import pytest

import helpers_jobs
import helpers_runs
import helpers_stores
from gan_core.errors import BadInput, Superseded
from gan_core.launch import queue, worker
from gan_core.store import ENDED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING, artifacts
from gan_core.store.recorder import BEAT, StoreRecorder
from gan_core.store.rewinding import rewind
from helpers_jobs import FOREVER, wait_for_step
from helpers_runs import PATIENCE, folder_of, foreground, is_a_sentence, log_of, make_run, until
from helpers_stores import table

store = helpers_stores.store  # the fixture
counting = helpers_jobs.store  # the same of the queue, whose runs count instead of training


# The contract of stores


@pytest.fixture
def again(store):
    """A run that is at its second attempt, the first having been taken for dead."""
    run = make_run(store)
    assert store.claim(run.id, parallel=1) == 1
    store.add_rows(run.id, [(s, "a", 1.0, 0.0) for s in range(1, 9)], only_attempt=1)
    assert store.move(run.id, LOST, only_from=(RUNNING,), only_attempt=1)
    store.update(run.id, only_attempt=1, step=8)  # it may be taken back yet
    assert store.move(run.id, QUEUED, only_from=(LOST,))
    with pytest.raises(Superseded):
        store.update(run.id, only_attempt=1, step=9)  # someone has asked for it to go on without us
    assert store.claim(run.id, parallel=1) == 2
    return store.get(run.id)


@pytest.mark.parametrize("write", [
    lambda store, run, attempt: store.update(run.id, only_attempt=attempt, step=99, facts={"a": 1}),
    lambda store, run, attempt: store.add_rows(run.id, [(9, "a", 2.0, 0.0), (3, "a", 2.0, 0.0)], only_attempt=attempt),
    lambda store, run, attempt: store.cut(run.id, 2, only_attempt=attempt),
], ids=["update", "add_rows", "cut"])
def test_what_an_older_attempt_writes_is_refused_as_a_whole(store, again, write):
    before = store.get(again.id), table(store.rows(again.id))
    for attempt in (1, 3):
        with pytest.raises(Superseded) as caught:
            write(store, again, attempt)
        assert is_a_sentence(str(caught.value)) and "attempt 2" in str(caught.value)
        assert (store.get(again.id), table(store.rows(again.id))) == before
    write(store, again, 2)
    assert (store.get(again.id), table(store.rows(again.id))) != before


def test_an_older_attempt_cannot_end_the_run(store, again):
    assert not store.move(again.id, FINISHED, only_from=(RUNNING, STOPPING), only_attempt=1)
    assert store.get(again.id) == again
    assert store.move(again.id, FINISHED, only_from=(RUNNING, STOPPING), only_attempt=2)


@pytest.mark.parametrize("status", [QUEUED, *ENDED])
def test_a_run_that_waits_or_has_ended_is_no_attempts(store, status):
    run = make_run(store, status=status, attempt=1)
    if status == LOST:
        return store.update(run.id, only_attempt=1, step=5)
    with pytest.raises(Superseded, match=f"it is {status} at attempt 1"):
        store.update(run.id, only_attempt=1, step=5)
    assert store.get(run.id) == run


def test_an_attempt_at_a_run_that_is_deleted_is_told_that_there_is_no_run(store):
    with pytest.raises(BadInput, match="no run"):
        store.add_rows("nosuch", [(1, "a", 1.0, 0.0)], only_attempt=1)


def test_no_number_is_given_twice(store):
    """Whoever claims, and whatever it had read before."""
    run = make_run(store)
    for attempt in (1, 2, 3):
        assert store.claim(run.id, parallel=1) == store.get(run.id).attempt == attempt
        assert store.claim(run.id, parallel=9) == 0
        store.move(run.id, QUEUED, only_from=(RUNNING,))


# Two recorders of one run


def test_of_two_recorders_of_a_run_the_older_stops_and_leaves_nothing(store):
    run = make_run(store)
    first = make_attempt(store, run)
    recorder = StoreRecorder(store, first)
    recorder.__enter__()
    for step in range(1, 6):
        recorder.metrics(step, {"d_loss": 1.0})
    recorder.checkpoint(5, lambda file: file.write(b"5"))
    recorder.metrics(6, {"d_loss": 1.0})
    recorder._done.set()  # it is frozen: its heart stands still
    recorder._thread.join()
    store.move(run.id, LOST, only_from=(RUNNING,))
    store.move(run.id, QUEUED, only_from=(LOST,))
    second = make_attempt(store, run)
    assert rewind(store, second)[0] == 5
    with StoreRecorder(store, second) as other:
        for step in (6, 7):
            other.metrics(step, {"d_loss": 2.0})
        other.samples(7, np.zeros((4, 2), np.float32), (2, 2))
        other.checkpoint(7, lambda file: file.write(b"7"))
        before = files(store, run)
        # It comes back.
        for late in (lambda: recorder.samples(6, np.ones((4, 2), np.float32), (2, 2)),
                     lambda: recorder.view(6, "Levels", [("a", np.zeros((2, 8, 8, 1), np.float32))]),
                     lambda: recorder.checkpoint(6, lambda file: file.write(b"6")),
                     lambda: rewind(store, first)):
            with pytest.raises(Superseded):
                late()
        recorder.metrics(7, {"d_loss": 1.0})
        with pytest.raises(Superseded):
            recorder.__exit__(None, None, None)
        assert files(store, run) == before
    assert table(store.rows(run.id)) == [(s, "d_loss", 1.0) for s in range(1, 6)] + [(6, "d_loss", 2.0), (7, "d_loss", 2.0)]
    assert (store.get(run.id).status, store.get(run.id).step, store.get(run.id).attempt) == (RUNNING, 7, 2)


def make_attempt(store, run):
    attempt = store.claim(run.id, parallel=1)
    assert attempt
    return store.get(run.id)


def files(store, run):
    held = store.artifacts(run.id)
    return {name: held.read(name) for name in held.list() if not name.startswith(artifacts.EVENTS)}


def test_training_hears_of_it_within_a_beat(store):
    run = make_attempt(store, make_run(store))
    with pytest.raises(Superseded), StoreRecorder(store, run) as recorder:
        store.move(run.id, LOST, only_from=(RUNNING,))
        store.move(run.id, QUEUED, only_from=(LOST,))
        deadline = time.monotonic() + 10 * BEAT
        while not recorder.should_stop():
            assert time.monotonic() < deadline
            time.sleep(0.01)


# A process


def test_a_frozen_process_that_wakes_up_leaves_the_run_to_the_one_that_took_it_over(counting, monkeypatch):
    store = counting
    monkeypatch.setattr(worker, "_train", helpers_runs.count)
    run = make_run(store, status=STOPPED, steps=FOREVER)
    process = foreground("resume", run.id, workspace=store.workspace)
    wait_for_step(store, run.id, 25)
    psutil.Process(process.pid).send_signal(signal.SIGSTOP)
    until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_STOPPED, "it to freeze")
    store.move(run.id, LOST, only_from=(RUNNING,))  # as another machine finds, by its heart

    saved = max(artifacts.checkpoints(store.artifacts(run.id)))
    queue.resume(store, run.id, steps=saved + 7, foreground=True)
    awoken = threading.Timer(0.2, process.send_signal, [signal.SIGCONT])
    awoken.start()  # while the new attempt is at work
    ended = worker.work(store, run.id, queue.wait_for_turn(store, run.id), queue.ownership())
    awoken.join()
    said, error = process.communicate(timeout=PATIENCE)

    found, seen = store.get(run.id), artifacts.checkpoints(store.artifacts(run.id))
    assert process.returncode == 1 and said == "" and "Traceback" not in error
    assert is_a_sentence(error.splitlines()[-1]) and "Attempt 1" in error.splitlines()[-1]
    assert "Attempt 1 of this run was taken for dead" in log_of(store, run.id)
    assert found == ended and (found.status, found.step, found.attempt, found.message) == (FINISHED, saved + 7, 2, "")
    assert store.rows(run.id, keys=["d_loss"]).step.tolist() == list(range(1, saved + 8)), "every step once"
    assert max(seen) == saved + 7


def test_a_worker_that_comes_too_late_for_its_attempt_does_not_begin(counting, monkeypatch):
    """Its process took so long to start that the run was given to another."""
    store = counting
    monkeypatch.setattr(worker, "_train", lambda *_: pytest.fail("the run is another's"))
    run = make_run(store, attempt=1)
    assert store.claim(run.id, parallel=1) == 2
    (folder_of(store, run.id) / ".partial-1-x").write_text("what the other is about to write")
    before = store.get(run.id)
    with pytest.raises(Superseded):
        worker.work(store, run.id, 1, queue.ownership())
    assert store.get(run.id) == before and (folder_of(store, run.id) / ".partial-1-x").exists()


def test_the_dead_of_an_older_attempt_are_not_taken_for_the_living(counting, monkeypatch):
    """Who looked before the run went on elsewhere, and writes what it saw after."""
    store = counting
    run = make_run(store, attempt=1)
    seen = make_attempt(store, run)
    store.move(run.id, QUEUED, only_from=(RUNNING,))
    assert store.claim(run.id, parallel=1, handle=queue.ownership()) == 3
    monkeypatch.setattr(store, "list", lambda statuses=None: [seen])
    assert queue.reap(store) == 0
    assert store.get(run.id).status == RUNNING


def test_a_checkpoint_that_was_written_too_late_is_taken_back(counting):
    """Frozen after it had asked whether the run was still its own, and before it wrote."""
    store = counting
    run = make_run(store, attempt=1, status=RUNNING)
    with pytest.raises(Superseded), StoreRecorder(store, store.get(run.id)) as late:
        put = late.artifacts.put

        def frozen(name, data):
            store.move(run.id, LOST, only_from=(RUNNING,))
            store.move(run.id, QUEUED, only_from=(LOST,))
            assert store.claim(run.id, parallel=1) == 2
            put(name, data)
            assert artifacts.checkpoints(store.artifacts(run.id))

        late.artifacts.put = frozen
        late.checkpoint(30, lambda file: file.write(b"weights"))
    assert artifacts.checkpoints(store.artifacts(run.id)) == {}
