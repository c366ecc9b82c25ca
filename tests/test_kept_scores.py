"""What is kept of a run's scores, and which of its checkpoints they call the best."""

import pytest

import helpers_stores
from gan_core.store import RUNNING, artifacts, scores
from gan_core.store.recorder import KEEP, StoreRecorder
from gan_core.whole_files import write_whole
from helpers_runs import make_run

disk = helpers_stores.disk  # the fixture


def result(step, kernel, extractor="random:1", n=100, live=False):
    return {"step": step, "kernel": kernel, "extractor": extractor, "n_real": n, "n_fake": n, "live": live}


@pytest.fixture
def folder(tmp_path):
    for step in (10, 20, 30):
        write_whole(artifacts.step_path(tmp_path / "checkpoints", step, ".weights.h5"), b"weights")
    return tmp_path


def test_the_best_of_kept_checkpoints_is_the_one_of_the_lowest_kernel_distance(folder):
    assert scores.best(folder) == (None, False)
    for step, kernel in ((5, 0.0), (10, 0.3), (20, 0.1)):
        scores.keep(folder, result(step, kernel))
    assert scores.best(folder) == (20, False), "that of step 5 is gone"
    scores.keep(folder, result(30, 0.2))
    assert scores.best(folder) == (20, True)
    scores.keep(folder, result(20, 0.5))
    assert scores.best(folder) == (30, True), "scored again"


def test_scores_of_other_extractors_and_counts_are_not_compared(folder):
    for step, kernel in ((10, 0.3), (20, 0.4)):
        scores.keep(folder, result(step, kernel))
    scores.keep(folder, result(30, 0.001, extractor="random:2"))
    scores.keep(folder, result(30, 0.001, live=True))
    scores.keep(folder, result(30, 0.001, n=99))
    assert scores.best(folder) == (10, False)
    assert len(scores.kept(folder)) == 5, "and none overwrites another"


def test_files_of_other_programs_are_passed_over(folder):
    (folder / "scores").mkdir()
    (folder / "scores" / "000000001-x-1.json").write_text("not JSON")
    (folder / "scores" / "000000002-x-1.json").write_text("[1]")
    assert scores.kept(folder) == []


def test_the_best_checkpoint_outlives_newer_ones(disk):
    run = make_run(disk, status=RUNNING)
    with StoreRecorder(disk, run) as recorder:
        for step in range(1, 4):
            recorder.checkpoint(step, lambda file: file.write(b"weights"))
        scores.keep(disk.folder(run.id), result(1, 0.1))
        scores.keep(disk.folder(run.id), result(2, 0.2))
        for step in range(4, 8):
            recorder.checkpoint(step, lambda file: file.write(b"weights"))
    assert list(artifacts.checkpoints(disk.folder(run.id))) == [1, *range(8 - KEEP, 8)]
