"""What is particular to the store on disk: many processes, damage, read-only workspaces."""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import pytest

import helpers_stores
from gan_core.errors import StoreError
from gan_core.store import FINISHED, QUEUED, RUNNING, DiskStore, catalogue, migrations, open_store, workspace_path
from gan_core.whole_files import replacing, write_whole
from helpers_runs import PATIENCE, folder_of, is_a_sentence, make_run, python, start_python

disk = helpers_stores.disk  # the fixture


# On disk


def test_the_workspace_is_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_WORKSPACE", str(tmp_path / "from-environment"))
    monkeypatch.chdir(tmp_path)
    assert workspace_path() == tmp_path / "from-environment"
    assert workspace_path("here") == tmp_path / "here"
    monkeypatch.delenv("GAN_WORKSPACE")
    assert workspace_path() == tmp_path / "workspace"
    open_store().close()
    assert (tmp_path / "workspace" / "catalogue.sqlite").is_file()


def test_what_one_store_wrote_another_reads(disk):
    run = make_run(disk, name="kept")
    disk.add_rows(run.id, [(1, "a", 1.0, 0.0)])
    disk.set("parallel", 2)
    with contextlib.closing(DiskStore(disk.workspace)) as again:
        assert again.get(run.id) == run and len(again.rows(run.id)) == 1 and again.setting("parallel") == "2"


def test_a_new_run_leaves_its_settings_in_its_folder(disk):
    run = make_run(disk, steps=77)
    assert json.loads((folder_of(disk, run.id) / "config.json").read_text())["settings"]["steps"] == 77


def test_a_reader_is_not_held_up_by_a_writer(disk):
    run = make_run(disk)
    disk.add_rows(run.id, [(1, "a", 1.0, 0.0)])
    with disk._writing() as connection:
        connection.execute(catalogue.metrics.insert().values(run_id=run.id, step=2, key="a", value=1.0, time=0.0))
        began = time.perf_counter()
        with contextlib.closing(DiskStore(disk.workspace)) as other:
            assert len(other.rows(run.id)) == 1, "what is not committed is not seen"
            assert other.get(run.id) == run
        assert time.perf_counter() - began < 2
    assert len(disk.rows(run.id)) == 2


def test_a_writer_is_not_held_up_by_a_reader(disk):
    run = make_run(disk)
    with contextlib.closing(DiskStore(disk.workspace)) as other, other._reading() as connection:
        reading = connection.execution_options(stream_results=True).execute(catalogue.runs.select())
        assert reading.fetchone() is not None, "a page looks at the runs, and takes its time"
        began = time.perf_counter()
        disk.update(run.id, step=7)
        assert time.perf_counter() - began < 5
    assert disk.get(run.id).step == 7


RACE = """
import sys, time
from gan_core.store import open_store
from helpers_runs import make_run
what, workspace, number, start = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
time.sleep(max(0, start - time.time()))
store = open_store(workspace)
ids = store.setting("ids").split()
if what == "open":
    make_run(store)
elif what == "move":
    print(sum(store.move(each, "stopped", only_from=("queued",)) for each in ids))
elif what == "claim":
    print(sum(store.claim(each, parallel=2) for _ in range(5) for each in ids))
elif what == "write":
    for step in range(60):
        store.add_rows(ids[0], [(step, f"{number}-{k}", 1.0, 0.0) for k in range(20)])
        store.update(ids[number], step=step)
"""


def test_a_run_starts_when_it_was_claimed_and_not_when_the_claim_began_to_wait(disk):
    run = make_run(disk)
    with contextlib.closing(sqlite3.connect(disk.workspace / "catalogue.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        claimed = threading.Thread(target=disk.claim, args=(run.id,), kwargs={"parallel": 1})
        claimed.start()
        time.sleep(0.3)
        assert disk.get(run.id).status == QUEUED
        released = time.time()
        other.execute("COMMIT")
    claimed.join(PATIENCE)
    found = disk.get(run.id)
    assert found.status == RUNNING and released <= found.started == found.heartbeat <= time.time()


def race(what, workspace, number=4):
    """Processes that all begin at once; what each printed."""
    start = time.time() + 1.2  # by then all have imported what they need
    racers = [start_python(RACE, what, workspace, i, start) for i in range(number)]
    answers = [racer.communicate(timeout=PATIENCE) for racer in racers]
    assert not any(racer.returncode for racer in racers), "\n".join(error for _, error in answers)
    return [said.strip() for said, _ in answers]


def test_processes_that_open_a_new_workspace_at_once_all_succeed(tmp_path):
    race("open", tmp_path / "new")
    with contextlib.closing(open_store(tmp_path / "new")) as store:
        assert len(store.list()) == 4


def test_of_many_processes_one_wins_a_move_and_as_many_as_may_a_claim(disk):
    ids = [make_run(disk, queued=float(i)).id for i in range(12)]
    disk.set("ids", " ".join(ids))
    assert sum(map(int, race("claim", disk.workspace))) == 2
    assert [run.id for run in disk.list([RUNNING])] == ids[1::-1]
    assert sum(map(int, race("move", disk.workspace))) == 10


def test_processes_that_write_at_once_lose_nothing(disk):
    ids = [make_run(disk).id for _ in range(2)]
    disk.set("ids", " ".join(ids))
    race("write", disk.workspace, 2)
    assert len(disk.rows(ids[0])) == 2 * 60 * 20
    assert [disk.get(each).step for each in ids] == [59, 59]


def test_a_workspace_of_a_newer_version_is_refused_and_left_alone(disk):
    run = make_run(disk)
    disk.set("schema", migrations.NEWEST + 1)
    with pytest.raises(StoreError, match="newer version") as caught:
        DiskStore(disk.workspace)
    assert is_a_sentence(str(caught.value)) and "update" in str(caught.value)
    assert disk.setting("schema") == str(migrations.NEWEST + 1) and disk.get(run.id) == run


def test_a_catalogue_that_is_none_is_told_in_a_sentence(tmp_path):
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "catalogue.sqlite").write_bytes(b"This is a shopping list, not a database.\n" * 200)
    with pytest.raises(StoreError, match="damaged") as caught:
        DiskStore(workspace)
    assert is_a_sentence(str(caught.value))


def test_a_catalogue_that_was_overwritten_in_part_is_told_in_a_sentence(disk):
    run = make_run(disk)
    disk.add_rows(run.id, [(s, "a", 1.0, 0.0) for s in range(5000)])
    disk.close()
    path = disk.workspace / "catalogue.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.stat().st_size
    with open(path, "r+b") as file:
        file.seek(4096)  # the first page, with the schema, stays
        file.write(os.urandom(whole - 4096))
    with pytest.raises(StoreError, match="damaged") as caught:
        with contextlib.closing(DiskStore(disk.workspace)) as store:
            store.list(), store.rows(run.id)
    assert is_a_sentence(str(caught.value))


@pytest.mark.parametrize("in_the_way", ["workspace", "workspace/runs"])
def test_a_file_in_place_of_a_folder_is_told_in_a_sentence(tmp_path, in_the_way):
    path = tmp_path / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way")
    with pytest.raises(StoreError, match="cannot be made") as caught:
        DiskStore(tmp_path / "workspace")
    assert is_a_sentence(str(caught.value)) and "--workspace" in str(caught.value)
    assert path.read_text() == "in the way"


READ_ONLY = """
import encodings.cp437, encodings.utf_8_sig, os, sys  # the first are for archives and tables
from gan_core.launch import queue  # with all that is imported late, while it can still be read
from gan_core.__main__ import main
from gan_core.store import MemoryStore, open_store
from helpers_runs import make_run
make_run(MemoryStore())
if os.getuid() == 0:  # to whom modes mean nothing
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
if sys.argv[2:] == ["create"]:
    from gan_core.errors import UserError
    try:
        make_run(open_store(sys.argv[1]))
    except UserError as error:
        sys.exit(str(error))
    sys.exit()
for command in sys.argv[2:]:
    if code := main([*command.split(), "--workspace", sys.argv[1]]):
        sys.exit(code)
"""


@pytest.fixture
def read_only():
    """A workspace with one run in it, everything in it without the right to write; where anyone may look."""
    top = Path(tempfile.mkdtemp(prefix="gan-"))
    top.chmod(0o755)
    with contextlib.closing(DiskStore(top / "workspace")) as store:
        run = make_run(store)
    for path in [top / "workspace", *(top / "workspace").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield top / "workspace", run
    make_writable(top / "workspace")
    shutil.rmtree(top)


def make_writable(workspace):
    for path in [workspace, workspace / "runs", *workspace.rglob("*")]:
        path.chmod(0o755)


@pytest.mark.parametrize("writable", [[], ["."], [".", "runs"]], ids=["nothing", "the top", "all but the catalogue"])
def test_a_read_only_workspace_is_told_in_a_sentence(read_only, writable):
    workspace, run = read_only
    for name in writable:
        (workspace / name).chmod(0o777)
    before = sorted(path for path in (workspace / "runs").rglob("*"))
    answer = python(READ_ONLY, workspace, "create")
    assert answer.returncode == 1 and is_a_sentence(answer.stderr), answer.stderr
    assert "workspace" in answer.stderr.lower()
    assert sorted(path for path in (workspace / "runs").rglob("*")) == before, "nothing is left half-made"
    make_writable(workspace)
    with contextlib.closing(DiskStore(workspace)) as store:
        assert [each.id for each in store.list()] == [run.id]


def test_the_command_line_shows_what_is_in_a_read_only_workspace(read_only):
    workspace, run = read_only
    answer = python(READ_ONLY, workspace, "runs", f"show {run.id}", f"metrics {run.id}", "datasets", "tasks --work",
                    "stop nosuch")
    assert answer.returncode == 2 and answer.stderr.splitlines() == [
        "There is no run 'nosuch'; `python -m gan_core runs` lists them."]
    assert f"{run.id}  queued" in answer.stdout and "step\tkey\tvalue\ttime" in answer.stdout and "digits" in answer.stdout


def test_nothing_of_a_deleted_run_is_left_in_the_workspace(disk):
    run, other = (make_run(disk, status=FINISHED) for _ in range(2))
    disk.artifacts(run.id).put("samples/x.png", b"x")
    disk.delete(run.id)
    assert os.listdir(disk.workspace / "runs") == [other.id]


# Files


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "file.bin"
    write_whole(path, b"first")
    with pytest.raises(RuntimeError):
        with replacing(path) as partial:
            partial.write_bytes(b"half of the sec")
            assert path.read_bytes() == b"first"
            raise RuntimeError
    assert path.read_bytes() == b"first" and os.listdir(path.parent) == ["file.bin"]
    write_whole(path, b"second")
    assert path.read_bytes() == b"second" and os.listdir(path.parent) == ["file.bin"]


def test_nothing_is_left_when_the_last_move_fails(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").touch()
    with pytest.raises(OSError):
        write_whole(tmp_path / "taken", b"data")
    assert os.listdir(tmp_path) == ["taken"]
