"""What is particular to artifacts in a folder: where they lie, what others write there, and how seldom it is listed."""

import os
from pathlib import Path

import pytest

from gan_core.store import artifacts as kinds
from gan_core.store.artifact_stores import folder, open_artifact_store
from gan_core.store.artifacts import NotWritten
from helpers_runs import is_a_sentence

RUN = "260101-000000-abcdef"


@pytest.fixture
def top(tmp_path):
    """The folder of a run in a folder of runs."""
    return tmp_path / RUN


@pytest.fixture
def filed(tmp_path):
    place = open_artifact_store(f"file://{tmp_path}")
    place.make(RUN)
    return place.of(RUN)


def settled(path):
    """Make a folder look as if it had stood still for an hour; its new time of change."""
    then = os.stat(path).st_mtime_ns - 3600 * 10**9
    os.utime(path, ns=(then, then))
    return then


@pytest.fixture
def scans(monkeypatch):
    """The folders that are listed anew."""
    seen, scandir = [], os.scandir
    monkeypatch.setattr(folder.os, "scandir", lambda path: seen.append(str(path)) or scandir(path))
    return seen


def test_files_lie_where_they_always_lay(filed, top):
    filed.put("samples/000000100.png", b"x")
    filed.append("log.txt", b"y")
    assert (top / "samples" / "000000100.png").read_bytes() == b"x" and (top / "log.txt").read_bytes() == b"y"
    assert not list(top.rglob(".*"))


def test_what_others_wrote_is_there(filed, top):
    (top / "samples").mkdir()
    (top / "samples" / "000000100.png").write_bytes(b"x")
    for odd in (".partial-7-000000200.png", ".DS_Store", "a\\b"):
        (top / "samples" / odd).write_bytes(b"not ours, or not whole")
    (top / ".cache").mkdir()
    (top / ".cache" / "x").write_bytes(b"x")
    assert filed.list() == ("samples/000000100.png",) and filed.read("samples/000000100.png") == b"x"


def test_a_folder_that_stands_still_is_listed_once(filed, top, scans):
    for step in range(3):
        filed.put(kinds.sheet_name(step), b"x")
    settled(top / "samples")
    assert [len(filed.list("samples/")) for _ in range(5)] == [3] * 5 and scans == [str(top / "samples")]
    filed.put(kinds.sheet_name(3), b"x")
    assert len(filed.list("samples/")) == 4, "and is seen to change"
    settled(top / "samples")
    filed.list("samples/")
    (top / "samples" / "000000000.png").unlink()
    assert len(filed.list("samples/")) == 3, "whoever changes it"


def test_a_folder_that_changes_twice_within_a_tick_is_seen_to_change(filed, top):
    filed.put(kinds.sheet_name(1), b"x")
    tick = os.stat(top / "samples").st_mtime_ns
    assert len(filed.list("samples/")) == 1
    filed.put(kinds.sheet_name(2), b"x")
    os.utime(top / "samples", ns=(tick, tick))
    assert len(filed.list("samples/")) == 2


def test_a_disk_that_does_not_tell_when_a_folder_changed_is_looked_at_now_and_then(filed, top, monkeypatch):
    filed.put(kinds.sheet_name(1), b"x")
    then = settled(top / "samples")
    filed.list("samples/")
    filed.put(kinds.sheet_name(2), b"x")
    os.utime(top / "samples", ns=(then, then))
    assert len(filed.list("samples/")) == 1
    monkeypatch.setattr(folder, "TRUSTED", 0.0)
    assert len(filed.list("samples/")) == 2


def test_what_is_known_of_a_deleted_run_is_forgotten(tmp_path, top):
    place = open_artifact_store(f"file://{tmp_path}")
    for run in (RUN, f"{RUN}-longer"):
        place.make(run)
        place.of(run).put("samples/x", b"x")
        settled(tmp_path / run / "samples"), settled(tmp_path / run)
        place.of(run).list()
    place.remove(RUN)
    assert sorted(place._listings) == [str(tmp_path / f"{RUN}-longer") + end for end in ("/", "/samples")]
    assert os.listdir(tmp_path) == [f"{RUN}-longer"]


def test_a_write_that_fails_leaves_the_old_and_nothing_half(filed, top, monkeypatch):
    filed.put("checkpoints/a", b"old")

    def full(path, data):
        with open(path, "wb") as file:
            file.write(bytes(data)[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotWritten, match=r"\(No space left on device\)") as refused:
        filed.put("checkpoints/a", b"new")
    assert is_a_sentence(str(refused.value)) and refused.value.reason == "No space left on device"
    assert filed.read("checkpoints/a") == b"old" and os.listdir(top / "checkpoints") == ["a"]


def test_leftovers_of_killed_writers_are_swept(filed, top):
    filed.put("samples/x", b"x")
    (top / "samples" / ".partial-1-y").write_bytes(b"half"), (top / ".partial-2-z").write_bytes(b"half")
    filed.sweep()
    assert not list(top.rglob(".partial-*")) and filed.list() == ("samples/x",)
