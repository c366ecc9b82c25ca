"""That scoring in the background leaves the processor to training, can be stopped, and goes on when a run is gone."""

import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gan_core.errors import StoreError
from gan_core.launch.launchers import local
from gan_core.modalities.base import modality
from gan_core.store import DiskStore, artifacts, scores
from gan_core.tasks import background, evaluation, process, sampling
from helpers_runs import cli, end_all, folder_of, is_a_sentence, make_run, processes, until

SPIN = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
%s
print("ready", flush=True)
while True: pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="SCHED_IDLE, autogroups and processors to be pinned to are Linux's")
def test_it_gets_what_training_leaves():
    """Both have a session of their own, as jobs start them; Linux may share the processor out among sessions."""
    training, scoring = (
        subprocess.Popen([sys.executable, "-c", SPIN % first], start_new_session=True, stdout=subprocess.PIPE,
                         cwd=Path(__file__).parents[2])
        for first in ("", "from gan_core.tasks import process; process.step_back()"))
    spent = lambda process: sum(psutil.Process(process.pid).cpu_times()[:2])  # noqa: E731
    try:
        for process in (training, scoring):
            process.stdout.readline()
        before = spent(training), spent(scoring)
        end = time.monotonic() + 60
        while spent(training) - before[0] < 2 and time.monotonic() < end:
            time.sleep(0.1)
        assert spent(scoring) - before[1] < 0.25 * (spent(training) - before[0])
    finally:
        for process in (training, scoring):
            process.kill()
            process.wait()


# What becomes of runs


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The workspace of a run on points with thirty checkpoints, and its id."""
    workspace = tmp_path_factory.mktemp("scored") / "workspace"
    answer = cli("train", "gan", "--data", "ring", "--steps", 1, "--set", "points_width=8", "--set", "points_depth=1",
                 "--set", "xla=off", workspace=workspace)
    assert answer.code == 0, answer.err
    with contextlib.closing(DiskStore(workspace)) as store:
        run, = store.list()
        held = store.artifacts(run.id)
        first, = artifacts.checkpoints(held).values()
        for step in range(2, 31):
            held.put(artifacts.checkpoint_name(step), held.read(first))
    return workspace, run.id


@pytest.fixture
def store(trained, tmp_path):
    shutil.copytree(trained[0], tmp_path / "workspace")
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        yield store
    end_all(tmp_path / "workspace")


AT_ONCE = ("from gan_core.tasks import process; process.step_back = lambda: None; "
           "from gan_core.__main__ import main; main()")


def test_a_stopped_scoring_keeps_what_it_has(store, trained, monkeypatch):
    """In a process of its own, which only does not step back: on a busy machine it would never begin.  Stopped through the
    store, as from another machine."""
    held = store.artifacts(trained[1])
    monkeypatch.setattr(local, "ENTRANCE", [sys.executable, "-c", AT_ONCE])
    record = background.start(store, "score", store.get(trained[1]), {"every": True})
    until(lambda: scores.kept(held), "the first scores")
    assert 0 < until(lambda: store.tasks.get(record.id).share, "a word of how far it is") < 1
    background.stop(store, record.id)
    until(lambda: not store.tasks.get(record.id).open, "its end")
    ended = store.tasks.get(record.id)
    assert (ended.status, ended.message, ended.handle) == ("stopped", "", {}) and 1 <= len(scores.kept(held)) < 30
    until(lambda: not processes(store.workspace, "task"), "the end of its process")
    assert scores.best(held, modality("points").headline)[0] in artifacts.checkpoints(held)
    log = store.workspace / ended.log
    assert not log.exists() or "absl" not in log.read_text(), "nothing that TensorFlow says while it loads"


@pytest.fixture
def waiting(store, trained, monkeypatch):
    """Two runs whose scoring waits; in this process, which goes on as it was."""
    monkeypatch.setattr(evaluation.evaluate_all, "__kwdefaults__", evaluation.evaluate_all.__kwdefaults__ | {"n": 100})
    monkeypatch.setattr(process, "_write_to", lambda path: None)
    monkeypatch.setattr(process, "step_back", lambda: None)
    monkeypatch.setattr(background, "_start_process", lambda store, record: None)
    other = make_run(store, status="stopped")
    shutil.copytree(folder_of(store, trained[1]), folder_of(store, other.id), dirs_exist_ok=True)
    for name in list(artifacts.checkpoints(store.artifacts(other.id)).values())[2:]:
        store.artifacts(other.id).remove(name)
    store.update(other.id, spec=store.get(trained[1]).spec)
    return [background.start(store, "score", store.get(run_id), {"every": True}) for run_id in (trained[1], other.id)]


@pytest.mark.parametrize("when", ["before a score", "after samples were drawn"])
def test_a_run_that_is_deleted_while_it_is_scored_does_not_keep_others_from_it(store, waiting, monkeypatch, when):
    first, second = waiting
    draw, drawn = sampling.draw, []

    def delete_meanwhile(store, run, *arguments, **options):
        drawn.append(run.id)
        if drawn.count(run.id) == 2 and run.id == first.run:
            if when == "before a score":
                store.delete(run.id)
            samples = draw(store, run, *arguments, **options)
            store.delete(run.id)
            return samples
        return draw(store, run, *arguments, **options)

    monkeypatch.setattr(sampling, "draw", delete_meanwhile)
    assert process.main(store, first.id) == 1
    ended = store.tasks.get(first.id)
    assert ended.status == "failed" and is_a_sentence(ended.message) and f"{first.run} was deleted" in ended.message
    assert store.tasks.get(second.id).status == "finished", "the process went on with the next one"
    assert len(scores.kept(store.artifacts(second.run))) == 2
    assert not folder_of(store, first.run).exists(), "nothing was made of it anew"


def test_a_bug_in_the_score_of_one_run_is_told_and_the_others_are_scored(store, waiting, monkeypatch):
    first, second = waiting

    def score_all(store, run, **_):
        if run.id == first.run:
            raise ValueError("negative dimensions are not allowed.\nReally.")
        scored.append(run.id)
        return [1, 2]

    scored = []
    monkeypatch.setattr(evaluation, "evaluate_all", score_all)
    assert process.main(store, first.id) == 1 and scored == [second.run]
    ended = store.tasks.get(first.id)
    assert ended.message == ("Score failed (ValueError: negative dimensions are not allowed); "
                             f"{ended.log} in the workspace says more.")
    log = (store.workspace / ended.log).read_text()
    assert "Traceback" in log and "score_all" in log and "Really." in log
    assert store.tasks.get(second.id).words == "scored 2 checkpoints"


def test_scores_of_a_run_that_is_gone_are_not_kept(store, trained):
    store.delete(trained[1])
    with pytest.raises(StoreError, match="was deleted") as refused:
        scores.keep(store.artifacts(trained[1]), {"step": 1, "extractor": "random:1", "n_fake": 9, "live": False})
    assert is_a_sentence(str(refused.value)) and not folder_of(store, trained[1]).exists()
