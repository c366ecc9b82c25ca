"""Workspaces that are none, damaged or on a full disk: one sentence that says what to do, and nothing half-written.

Stores that cannot be read or written are treated in detail in test_disk_store.py; here all go through the command line.
"""

import contextlib
import os

import pytest

from gan_core.store import FAILED, FINISHED, QUEUED, RUNNING, DiskStore, artifacts, migrations
from helpers_runs import PATIENCE, cli, end_all, foreground, is_a_sentence, make_run, python, start_python, until


# Workspaces


@pytest.mark.parametrize("arguments", ["runs", "show x", "train gan --data digits", "sample x --out y.png", "stop x",
                                       "resume x", "metrics x"])
def test_a_workspace_that_cannot_be_one_is_told_by_every_verb(tmp_path, arguments):
    (tmp_path / "workspace").write_text("a file")
    answer = cli(*arguments.split(), workspace=tmp_path / "workspace")
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(answer.err), answer.err
    assert "--workspace" in answer.err and (tmp_path / "workspace").read_text() == "a file"


@pytest.mark.parametrize("damage, names", [("newer", "newer version"), ("damaged", "damaged")])
@pytest.mark.parametrize("arguments", ["runs", "train gan --data ring"])
def test_a_catalogue_that_cannot_be_used_is_told_and_left_as_it_is(tmp_path, damage, names, arguments):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        run = make_run(store)
        store.set("schema", migrations.NEWEST + 1)
    path = tmp_path / "workspace" / "catalogue.sqlite"
    if damage == "damaged":
        path.write_bytes(b"no database at all " * 1000)
    before = path.read_bytes(), sorted(os.listdir(tmp_path / "workspace" / "runs"))
    answer = cli(*arguments.split(), workspace=tmp_path / "workspace")
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(answer.err) and names in answer.err, answer.err
    assert (path.read_bytes(), sorted(os.listdir(tmp_path / "workspace" / "runs"))) == before
    assert before[1] == [run.id]


def test_two_stops_at_once_stop_once_and_both_are_answered(tmp_path):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        bystander = make_run(store, status=QUEUED, created=1.0, queued=4e9)
        run = make_run(store, status=FINISHED, steps=20_000)
        process = foreground("resume", run.id, "--steps", 30_000, workspace=store.workspace)
        stop = "import sys; from gan_core.__main__ import main; sys.exit(main(['stop', *sys.argv[1:]]))"
        try:
            until(lambda: store.get(run.id).status == RUNNING, "it to work")
            stops = [start_python(stop, run.id, "--workspace", store.workspace) for _ in range(2)]
            answers = [each.communicate(timeout=PATIENCE) for each in stops]
            process.communicate(timeout=PATIENCE)
        finally:
            end_all(store.workspace)
        for each, (said, error) in zip(stops, answers):
            assert (each.returncode, error) == (0, "") and "is stopped" in said \
                or each.returncode == 2 and is_a_sentence(error) and "stopped" in error
        assert 0 in [each.returncode for each in stops]
        assert store.get(run.id).status == "stopped" and store.get(bystander.id) == bystander


# A full disk


LIMITED = """
import resource, sys
from gan_core.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))  # "File too large", as if full
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory):
    """A run with a checkpoint, resumed where no file may grow to the size of another: ``(store, run, before, end)``."""
    with contextlib.closing(DiskStore(tmp_path_factory.mktemp("full") / "workspace")) as store:
        bystander = make_run(store, status=FINISHED)
        store.add_rows(bystander.id, [(1, "a", 1.0, 0.0)])
        answer = cli("train", "gan", "--data", "digits", "--steps", 4, "--set", "width=32", "--set", "batch_size=8",
                     "--set", "xla=off", workspace=store.workspace)
        run = store.get(answer.out.strip())
        before = store.artifacts(run.id).read(artifacts.checkpoint_name(4))
        assert len(before) > 800_000, "larger than the limit, which everything else must stay below"
        end = python(LIMITED, 600_000, "resume", run.id, "--steps", 40, "--workspace", store.workspace)
        yield store, run.id, before, end


def test_a_full_disk_fails_the_run_with_a_sentence(full_disk):
    store, run_id, _, end = full_disk
    run = store.get(run_id)
    assert run.status == FAILED and run.handle == {}
    assert is_a_sentence(run.message) and "checkpoint" in run.message and "make room" in run.message
    assert run.message in end.stderr.splitlines() and "Traceback (most recent call last):\n  File \"<" not in end.stderr


def test_a_full_disk_leaves_the_last_checkpoint_whole_and_nothing_half(full_disk):
    store, run_id, before, _ = full_disk
    kept = artifacts.checkpoints(store.artifacts(run_id))
    assert list(kept) == [4] and store.artifacts(run_id).read(kept[4]) == before
    assert not list(store.workspace.rglob(".partial-*"))


def test_a_full_disk_does_not_damage_the_catalogue(full_disk):
    store, run_id, _, _ = full_disk
    with store._reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    others = [run for run in store.list() if run.id != run_id]
    assert [run.status for run in others] == [FINISHED] and len(store.rows(others[0].id)) == 1


def test_a_command_that_met_a_full_disk_ends_in_good_order(full_disk):
    _, run_id, _, end = full_disk
    assert end.returncode == 1, f"{end.returncode} (a negative number is a crash)"
    assert end.stdout == f"{run_id}\n"


def test_a_run_goes_on_when_there_is_room_again(full_disk, tmp_path):
    store, run_id, _, _ = full_disk
    answer = cli("sample", run_id, "--n", 4, "--out", tmp_path / "x.png", workspace=store.workspace)
    assert (answer.code, answer.err) == (0, ""), "from the checkpoint that was kept"
    answer = cli("resume", run_id, "--steps", 8, workspace=store.workspace)
    assert answer.code == 0, answer.err
    run = store.get(run_id)
    assert (run.status, run.step, run.message) == (FINISHED, 8, "")
    steps = store.rows(run_id, keys=["d_loss"]).step.tolist()
    assert steps == list(range(1, 9)), "every step once"
