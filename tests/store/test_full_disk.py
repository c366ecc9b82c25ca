"""Where nothing can be written, all can be read; and on a full disk runs can be deleted.

What SQLite and the system say there is played in most tests; the last ones have a disk of their own, where one can be had.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess

import pytest

from gan_core.errors import DiskFull, StoreError
from gan_core.launch import queue
from gan_core.store import FINISHED, LOST, RUNNING, DiskStore, sqlite
from helpers_runs import cli, folder_of, is_a_sentence, make_run

FULL = sqlite3.OperationalError("database or disk is full")
READ_ONLY = sqlite3.OperationalError("unable to open database file")


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "a workspace?%41#"


@pytest.fixture
def run(workspace):
    """One with rows and a log, in a workspace that nobody has open."""
    with contextlib.closing(DiskStore(workspace)) as store:
        run = make_run(store, status=FINISHED)
        store.add_rows(run.id, [(step, "a", 1.0, 0.0) for step in range(50)])
        store.artifacts(run.id).put("log.txt", b"x" * 5000)
    return run


def refuse(monkeypatch, error):
    """From now on SQLite opens no file in the usual way."""
    def refused(connection):
        raise error

    monkeypatch.setattr(sqlite, "tune", refused)


def left_behind(workspace):
    """Make it look as if a process was killed that had written: what it wrote last is in SQLite's log alone."""
    with contextlib.closing(DiskStore(workspace)) as store:
        store.set("late", "yes")
        shutil.copytree(workspace, workspace.parent / "copy")
    shutil.rmtree(workspace)
    (workspace.parent / "copy").rename(workspace)
    (workspace / "catalogue.sqlite-shm").unlink()
    assert (workspace / "catalogue.sqlite-wal").stat().st_size


@pytest.mark.parametrize("lockable", [True, False], ids=["", "not lockable"])
@pytest.mark.parametrize("error", [FULL, READ_ONLY], ids=["full", "read-only"])
@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_a_catalogue_is_read_where_nothing_can_be_written_beside_it(run, workspace, monkeypatch, error, killed, lockable):
    if killed:
        left_behind(workspace)
    refuse(monkeypatch, error)
    if not lockable:
        monkeypatch.setattr(sqlite, "_locked", lambda path, error: (_ for _ in ()).throw(error))
    before = sorted(os.listdir(workspace))
    with contextlib.closing(DiskStore(workspace)) as store:
        assert store.list() == [run] and len(store.rows(run.id)) == 50
        assert store.setting("late") == ("yes" if killed else "")
        with pytest.raises(StoreError) as refused:
            store.update(run.id, notes="new")
        assert is_a_sentence(str(refused.value)) and isinstance(refused.value, DiskFull) == (error is FULL)
    assert set(before) - {"catalogue.sqlite-wal"} <= set(os.listdir(workspace))
    assert not os.path.exists(os.path.join(workspace, "catalogue.sqlite-shm"))


def test_what_was_opened_for_reading_alone_is_opened_anew_when_there_is_room(run, workspace, monkeypatch):
    with monkeypatch.context() as full:
        refuse(full, FULL)
        store = DiskStore(workspace)
        assert store.list() == [run]
    with contextlib.closing(store):
        store.update(run.id, notes="new")
        assert store.get(run.id).notes == "new"


def test_who_looks_need_not_mark_the_dead(workspace, monkeypatch):
    with contextlib.closing(DiskStore(workspace)) as store:
        run = make_run(store, status=RUNNING)
        with monkeypatch.context() as full:
            full.setattr(store, "_writing", lambda: (_ for _ in ()).throw(DiskFull("The disk is full.")))
            assert queue.reap(store) == 0
        assert queue.reap(store) == 1 and store.get(run.id).status == LOST


@pytest.mark.parametrize("room_by", ["the reserve", "its own files"])
def test_a_run_is_deleted_on_a_full_disk(run, workspace, monkeypatch, room_by):
    with contextlib.closing(DiskStore(workspace)) as store:
        reserve, writing = workspace / ".reserve", store._writing
        assert reserve.stat().st_size == 2**20

        def when_there_is_room():
            if reserve.exists() or room_by != "the reserve" and folder_of(store, run.id).exists():
                raise DiskFull("The workspace is on a full disk; make room.")
            return writing()

        monkeypatch.setattr(store, "_writing", when_there_is_room)
        store.delete(run.id)
        assert store.list() == [] and os.listdir(workspace / "runs") == [] and reserve.exists()


def test_a_run_that_cannot_be_forgotten_yet_or_works_keeps_its_files(run, workspace, monkeypatch):
    with contextlib.closing(DiskStore(workspace)) as store:
        busy = make_run(store, status=RUNNING)
        monkeypatch.setattr(store, "_writing", lambda: (_ for _ in ()).throw(DiskFull("The workspace is on a full disk.")))
        with pytest.raises(DiskFull):
            store.delete(busy.id)
        assert folder_of(store, busy.id).is_dir()


# A disk of its own


@pytest.fixture
def disk(tmp_path):
    """A folder that is a disk of 24 MB, of which nothing is free once ``fill()`` was called."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("a disk of its own takes the right to mount one")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk):
    with contextlib.suppress(OSError), open(disk / f"fill-{len(os.listdir(disk))}", "wb", 0) as file:
        while file.write(b"x" * 4096):
            pass
    assert os.statvfs(disk).f_bavail == 0


def test_on_a_disk_with_nothing_free_all_is_listed_and_one_run_after_the_other_deleted(disk):
    with contextlib.closing(DiskStore(disk / "w")) as store:
        runs = [make_run(store, status=FINISHED) for _ in range(3)]
        for run in runs:
            store.add_rows(run.id, [(step, "a", 1.0, 0.0) for step in range(3000)])
    fill(disk)
    for command in ("runs", f"show {runs[0].id}", f"metrics {runs[0].id}", "datasets", "tasks --work"):
        answer = cli(*command.split(), workspace=disk / "w")
        assert (answer.code, answer.err) == (0, ""), command
    assert len(cli("metrics", runs[0].id, workspace=disk / "w").out.splitlines()) == 3001
    with contextlib.closing(DiskStore(disk / "w")) as store:
        for left in (2, 1, 0):
            store.delete(store.list()[0].id)
            assert len(store.list()) == left == len(os.listdir(disk / "w" / "runs"))
            fill(disk)
