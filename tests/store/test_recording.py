"""The recorder of a run: rows, checkpoints, and samples, and going back to a checkpoint."""

import dataclasses
import errno
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

import helpers_stores
from gan_core.data import Dataset
from gan_core.errors import BadInput, StoreError, Superseded
from gan_core.store import LOST, RUNNING, STOPPING, Unreachable, artifacts, scores
from gan_core.store.artifacts import NotWritten
from gan_core.store.recorder import BEAT, KEEP, StoreRecorder
from gan_core.store.rewinding import rewind
from helpers_runs import PATIENCE, folder_of, is_a_sentence, log_of, make_run, until
from helpers_stores import whole

store, disk, recorded = helpers_stores.store, helpers_stores.disk, helpers_stores.recorded  # the fixtures


# The recorder


def picture_of(value=0.0, n=4):
    return np.full((n, 8, 8, 1), value, np.float32)


def test_the_interval_between_commits_is_about_a_second():
    assert 0.5 <= BEAT <= 2.0


def test_rows_are_committed_by_the_second_and_not_by_the_batch(disk):
    run = make_run(disk, status=RUNNING)
    commits, inserts = [], []
    sa.event.listen(disk.engine, "commit", lambda connection: commits.append(time.monotonic()))
    sa.event.listen(disk.engine, "before_cursor_execute", lambda connection, cursor, statement, *_:
                    inserts.append(statement) if statement.startswith("INSERT INTO metrics") else None)
    with StoreRecorder(disk, run) as recorder:
        deadline, step = time.monotonic() + 2.5 * BEAT, 0
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
        began = time.thread_time()
        for step in range(2000):
            recorder.metrics(step, {f"key_{i}": 1.0 for i in range(10)})
        each = (time.thread_time() - began) / 2000
    assert each < 0.001, f"{1e6 * each:.0f} microseconds a row of ten"


def test_the_heart_beats_while_training_is_blocked(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.1)
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
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.05)
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


def test_a_signal_may_come_in_the_midst_of_another(recorded):
    """Two a millisecond apart left a run "stopping" for ever: the second waited for a lock that the first held."""
    def stopped():
        sys.setprofile(lambda *_: recorder.stop())  # at every call, and every return, that stopping makes
        recorder.stop()
        sys.setprofile(None)

    with StoreRecorder(*recorded) as recorder:
        thread = threading.Thread(target=stopped, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        assert not thread.is_alive() and recorder.should_stop()


def test_a_living_run_that_was_taken_for_lost_is_taken_back(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.05)
    with StoreRecorder(store, run) as recorder:
        store.move(run.id, LOST, only_from=(RUNNING,), ended=5.0, handle={}, message="It is dead.")
        until(lambda: store.get(run.id).status == RUNNING, "the verdict to be taken back", 5)
        assert not recorder.should_stop()
    found = store.get(run.id)
    assert (found.message, found.ended) == ("", 0.0)
    assert found.handle == run.handle != {}, "so that its death would be seen"


def test_a_catalogue_that_fails_ends_training_with_its_sentence(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.05)

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
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.05)

    def full(*_):
        raise NotWritten("It is full.", os.strerror(errno.ENOSPC))

    with pytest.raises(StoreError, match="TensorBoard file .*No space left") as caught:
        with StoreRecorder(store, run) as recorder:
            monkeypatch.setattr(recorder.artifacts, "append", full)
            deadline, step = time.monotonic() + 5, 0
            while not recorder.should_stop():
                assert time.monotonic() < deadline
                step += 1
                recorder.metrics(step, {"d_loss": 1.0})
                time.sleep(0.001)
    assert is_a_sentence(str(caught.value)) and len(store.rows(run.id)) > 0


def test_a_run_that_was_deleted_under_its_process_ends_it(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.05)
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
    kept = artifacts.checkpoints(store.artifacts(run.id))
    assert list(kept) == [100, 1000, 123_456_789][-KEEP:] and KEEP >= 2, "one to fall back on"
    assert [store.artifacts(run.id).read(name) for name in kept.values()] == [
        whole(text) for text in (b"100", b"1000", b"123456789")][-KEEP:]


def kept_through(store, run, curve, steps=range(100, 1001, 100)):
    """The checkpoints that are left of ``steps``, after a probe's ``curve`` {step: kernel distance} in between."""
    with StoreRecorder(store, run) as recorder:
        for step in steps:
            if step - 20 in curve:
                recorder.metrics(step - 20, {"kernel": curve[step - 20]})
            recorder.checkpoint(step, lambda file: file.write(b"weights"))
    return list(artifacts.checkpoints(store.artifacts(run.id)))


def test_the_checkpoint_of_a_runs_best_moment_outlives_its_collapse(recorded):
    store, run = recorded
    curve = {180: 0.3, 280: 0.1, 380: 0.2, 480: float("nan")} | {step: 0.9 for step in range(580, 1001, 100)}
    assert kept_through(store, run, curve) == [300, *range(1000 - 100 * (KEEP - 1), 1001, 100)]
    held = store.artifacts(run.id)
    # It goes on, a process later, and gets a little better, but not as good as it was.
    assert kept_through(store, store.get(run.id), {1180: 0.15}, [1100, 1200, 1300, 1400, 1500, 1600])[0] == 300
    # The scores know better than a probe: one more checkpoint at most stays beside the newest.
    for step, kernel in ((300, 0.4), (1600, 0.2)):
        scores.keep(held, {"step": step, "kernel": kernel, "extractor": "random:1", "n_real": 9, "n_fake": 9,
                             "live": False})
    assert kept_through(store, store.get(run.id), {}, range(1700, 2101, 100)) == [
        1600, *range(2100 - 100 * (KEEP - 1), 2101, 100)]


def test_a_checkpoint_of_the_same_step_replaces_the_old_one(recorded):
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        for text in ("old", "new"):
            recorder.checkpoint(7, lambda file: file.write(text.encode()))
    held = store.artifacts(run.id)
    assert [held.read(name) for name in artifacts.checkpoints(held).values()] == [whole(b"new")]


def test_a_run_has_come_as_far_as_its_last_checkpoint(recorded):
    """The rows of a long run are means over many steps, and the last may be older than the end."""
    store, run = recorded
    with StoreRecorder(store, run) as recorder:
        recorder.metrics(500, {"d_loss": 1.0})
        recorder.checkpoint(742, lambda file: None)
        assert recorder.step == 742
    assert store.get(run.id).step == 742


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_ones_and_a_sentence(disk, monkeypatch):
    run = make_run(disk, status=RUNNING)

    def fail(path, data):
        with open(path, "wb") as file:
            file.write(data[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with StoreRecorder(disk, run) as recorder:
        recorder.checkpoint(1, lambda file: file.write(b"good"))
        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(StoreError) as caught:
            recorder.checkpoint(2, lambda file: file.write(b"half of it"))
    said = str(caught.value)
    assert is_a_sentence(said) and "checkpoint" in said and "(No space left on device)" in said and "resume" in said
    folder = folder_of(disk, run.id) / "checkpoints"
    assert [path.name for path in folder.iterdir()] == ["000000001.weights.h5"]


@pytest.mark.parametrize("what", ["samples", "log"])
def test_other_files_that_cannot_be_written_leave_a_sentence_too(disk, what):
    run = make_run(disk, status=RUNNING)
    with StoreRecorder(disk, run) as recorder:
        if what == "samples":
            (folder_of(disk, run.id) / "samples").write_text("a file in place of the folder")
            call = lambda: recorder.samples(1, np.zeros((4, 2), np.float32), (2, 2))  # noqa: E731
        else:
            (folder_of(disk, run.id) / "log.txt").mkdir()
            call = lambda: recorder.log("Hello.")  # noqa: E731
        with pytest.raises(StoreError, match=what) as caught:
            call()
    assert is_a_sentence(str(caught.value))


def test_samples_are_pictures_and_what_they_were_made_of(recorded):
    from PIL import Image

    store, run = recorded
    run = dataclasses.replace(run, spec=run.spec | {"kind": "images", "shape": [8, 8, 1]})
    with StoreRecorder(store, run) as recorder:
        recorder.samples(0, picture_of(-1.0, 6), (2, 3))
        recorder.samples(50, picture_of(1.0, 6), (2, 3))
    held = store.artifacts(run.id)
    sheets = artifacts.sample_sheets(held)
    assert list(sheets) == [0, 50]
    darkest, brightest = (np.asarray(Image.open(held.open(name))) for name in sheets.values())
    assert darkest.mean() < 60 < 195 < brightest.mean()
    assert held.read("samples/grid.json") == b'{"rows": 2, "columns": 3}'


def test_samples_of_points_are_kept_as_numbers_too(recorded):
    store, run = recorded
    points = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    with StoreRecorder(store, run) as recorder:
        recorder.show_beside(Dataset("ring", "points", points + 1, None))
        recorder.samples(3, points, (4, 5))
    held = store.artifacts(run.id)
    assert held.list("samples/") == ("samples/000000003.npy", "samples/000000003.png")
    assert np.array_equal(np.load(held.open("samples/000000003.npy")), points)


def test_a_line_of_the_log_that_is_no_text_ends_no_run(disk):
    run = make_run(disk, status=RUNNING)
    with StoreRecorder(disk, run) as recorder:
        recorder.log("Imported from caf\udce9.")  # as what was kept by older code says of itself
    assert "Imported from caf?." in log_of(disk, run.id)


def test_the_log_grows_by_lines_with_a_time(recorded):
    store, run = recorded
    heard = []
    with StoreRecorder(store, run, echo=heard.append) as recorder:
        recorder.log("First.")
        recorder.log("Zweite: größer.")
    lines = log_of(store, run.id).splitlines()
    assert [line[10:] for line in lines] == ["First.", "Zweite: größer."] and heard == lines
    time.strptime(lines[0][:8], "%H:%M:%S")


def test_who_asked_is_told_of_every_row(recorded):
    heard = []
    with StoreRecorder(*recorded, on_row=lambda step, values: heard.append((step, values))) as recorder:
        recorder.metrics(1, {"d_loss": 1.0})
        recorder.metrics(2, {"d_loss": 2.0})
    assert heard == [(1, {"d_loss": 1.0}), (2, {"d_loss": 2.0})]


def test_what_it_takes_of_its_machine_is_kept_now_and_then_and_once_a_step(recorded, monkeypatch):
    store, run = recorded
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.02)
    monkeypatch.setattr("gan_core.store.recorder.USAGE", 0.1)
    asked = []
    with StoreRecorder(store, run, usage=lambda: asked.append(time.monotonic()) or {"machine_cpu": 1.5}) as recorder:
        time.sleep(0.4)
        assert len(asked) == 1, "it stands at its first step yet"
        for step in range(1, 31):
            recorder.metrics(step, {"d_loss": 1.0})
            time.sleep(0.02)
    rows = store.rows(run.id, keys=["machine_cpu"])
    assert 3 <= len(rows) == len(asked) <= 8 and rows.step[0] == 0 and set(rows.value) == {1.5}
    assert min(later - earlier for earlier, later in zip(asked, asked[1:])) >= 0.1


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
    held = store.artifacts(run.id)
    step, name = rewind(store, run)
    assert step == 10 and held.read(name) == whole(b"10")
    assert store.rows(run.id).step.max() == 10
    assert list(artifacts.sample_sheets(held)) == [0, 5, 10]
    assert list(artifacts.by_step(held, "samples/", ".npy")) == [0, 5, 10]


def test_rewind_removes_what_a_killed_process_left_half_written(disk):
    run = make_run(disk, status=RUNNING)
    with StoreRecorder(disk, run) as recorder:
        recorder.samples(0, np.zeros((4, 2), np.float32), (2, 2))
    folder = folder_of(disk, run.id)
    for half in (folder / ".partial-1-log.txt", folder / "samples" / ".partial-1-x.png"):
        half.write_text("of a process that was killed while it wrote")
    rewind(disk, run)
    assert not list(folder.rglob(".partial-*")) and disk.artifacts(run.id).list("samples/")


def test_rewind_without_a_checkpoint_begins_anew(recorded):
    store, run = recorded
    store.add_rows(run.id, [(s, "a", 1.0, 0.0) for s in range(1, 9)])
    assert rewind(store, run) is None
    assert len(store.rows(run.id)) == 0


# Servers that are away


@pytest.fixture
def away(recorded, monkeypatch):
    """``(store, run, gone)``: while ``gone`` is set, nobody answers for the catalogue."""
    monkeypatch.setattr("gan_core.store.recorder.BEAT", 0.05)
    store, run = recorded
    gone, answer = threading.Event(), store._changing

    def change():
        if gone.is_set():
            raise Unreachable("The catalogue cannot be reached; try again.")
        return answer()

    monkeypatch.setattr(store, "_changing", change)
    yield store, run, gone
    gone.clear()


def test_what_is_told_while_the_catalogue_is_away_is_written_once_it_is_back(away, monkeypatch):
    monkeypatch.setattr("gan_core.store.deferred.LATER", 2)
    store, run, gone = away
    with StoreRecorder(store, run) as recorder:
        gone.set()
        for step in range(1, 6):
            recorder.metrics(step, {"g_loss": float(step)})
            recorder.samples(step, np.zeros((4, 2), np.float32), (2, 2))
            recorder.checkpoint(step, lambda file: file.write(b"weights"))
            time.sleep(0.1)
            assert not recorder.should_stop(), "training goes on"
        held = store.artifacts(run.id)
        assert len(store.rows(run.id)) == 0 and not artifacts.checkpoints(held) and not artifacts.sample_sheets(held)
        gone.clear()
        until(lambda: len(store.rows(run.id)) == 5 and len(recorder._files) == 0, PATIENCE)
        assert [*artifacts.checkpoints(held)] == [3, 4, 5], "the newest, as always"
        assert [*artifacts.sample_sheets(held)] == [4, 5], "memory has an end"
        recorder.samples(6, np.zeros((4, 2), np.float32), (2, 2))
        assert 6 in artifacts.sample_sheets(held)
    assert store.get(run.id).step == 5


def test_what_waited_goes_nowhere_when_the_run_goes_on_elsewhere_meanwhile(away):
    store, run, gone = away
    recorder = StoreRecorder(store, run)
    with pytest.raises(Superseded), recorder:
        gone.set()
        recorder.checkpoint(7, lambda file: file.write(b"weights"))
        gone.clear()
        store.move(run.id, LOST, only_from=(RUNNING,))
        store.move(run.id, "queued", only_from=(LOST,))
        until(lambda: recorder._stop, PATIENCE)
        recorder.should_stop()
    assert not artifacts.checkpoints(store.artifacts(run.id))


def test_a_catalogue_that_does_not_come_back_ends_the_run(away, monkeypatch):
    monkeypatch.setattr("gan_core.store.recorder.OUTAGE", 0.2)
    store, run, gone = away
    with pytest.raises(Unreachable), StoreRecorder(store, run) as recorder:
        gone.set()
        until(lambda: recorder._stop, PATIENCE)
        recorder.should_stop()
