"""That scoring in the background leaves the processor to training, can be cancelled, and goes on when a run is gone."""

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
from gan_core.tasks import background, evaluation, sampling, score_jobs
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
                         cwd=Path(__file__).parents[1])
        for first in ("", "from gan_core.tasks import background; background._step_back()"))
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


AT_ONCE = ("from gan_core.tasks import background; background._step_back = lambda: None; "
           "from gan_core.__main__ import main; main()")


def test_a_cancelled_scoring_keeps_what_it_has(store, trained, monkeypatch):
    """In a process of its own, which only does not step back: on a busy machine it would never begin."""
    held = store.artifacts(trained[1])
    monkeypatch.setattr(local, "ENTRANCE", [sys.executable, "-c", AT_ONCE])
    score_jobs.start(store, [trained[1]], every=True)
    until(lambda: scores.kept(held), "the first scores")
    score_jobs.cancel(store)
    until(lambda: not score_jobs.current(store).active, "its end")
    now = score_jobs.current(store)
    assert (now.what, now.problems) == ("cancelled", ()) and 1 <= len(scores.kept(held)) < 30
    until(lambda: not processes(store.workspace, "score-runs"), "the end of its process")
    assert scores.best(held, modality("points").headline)[0] in artifacts.checkpoints(held)


@pytest.fixture
def at_once(monkeypatch):
    """Scoring in this process, which goes on as it was."""
    monkeypatch.setattr(background, "_step_back", lambda: None)
    monkeypatch.setattr(background.signal, "signal", lambda *_: None)
    monkeypatch.setattr(evaluation.evaluate_all, "__kwdefaults__", evaluation.evaluate_all.__kwdefaults__ | {"n": 100})


@pytest.mark.parametrize("when", ["before a score", "after samples were drawn"])
def test_a_run_that_is_deleted_while_it_is_scored_does_not_keep_others_from_it(store, trained, at_once, monkeypatch, when):
    other = make_run(store, status="stopped")
    shutil.copytree(folder_of(store, trained[1]), folder_of(store, other.id), dirs_exist_ok=True)
    for name in list(artifacts.checkpoints(store.artifacts(other.id)).values())[2:]:
        store.artifacts(other.id).remove(name)
    store.update(other.id, spec=store.get(trained[1]).spec)
    draw, drawn = sampling.draw, []

    def delete_meanwhile(store, run, *arguments, **options):
        drawn.append(run.id)
        if drawn.count(run.id) == 2 and run.id == trained[1]:
            if when == "before a score":
                store.delete(run.id)
            samples = draw(store, run, *arguments, **options)
            store.delete(run.id)
            return samples
        return draw(store, run, *arguments, **options)

    monkeypatch.setattr(sampling, "draw", delete_meanwhile)
    assert score_jobs.work(store, [trained[1], other.id], every=True) == 1
    now = score_jobs.current(store)
    problem, = now.problems
    assert now.what == "done" and is_a_sentence(problem) and f"{trained[1]} was deleted" in problem
    assert len(scores.kept(store.artifacts(other.id))) == 2, "the next one was scored"
    assert not folder_of(store, trained[1]).exists(), "nothing was made of it anew"


def test_a_bug_in_the_score_of_one_run_is_told_and_the_others_are_scored(store, trained, at_once, monkeypatch, capsys):
    other = make_run(store, status="stopped")

    def score_all(store, run, **_):
        if run.id == trained[1]:
            raise ValueError("negative dimensions are not allowed.\nReally.")
        scored.append(run.id)

    scored = []
    monkeypatch.setattr(evaluation, "evaluate_all", score_all)
    assert score_jobs.work(store, [trained[1], other.id], every=True) == 1 and scored == [other.id]
    problem, = score_jobs.current(store).problems
    assert is_a_sentence(problem.replace("ValueError", "")) and "negative dimensions" in problem and "scoring.log" in problem
    assert "Traceback" in capsys.readouterr().err


def test_scores_of_a_run_that_is_gone_are_not_kept(store, trained):
    store.delete(trained[1])
    with pytest.raises(StoreError, match="was deleted") as refused:
        scores.keep(store.artifacts(trained[1]), {"step": 1, "extractor": "random:1", "n_fake": 9, "live": False})
    assert is_a_sentence(str(refused.value)) and not folder_of(store, trained[1]).exists()
