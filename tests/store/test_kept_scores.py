"""What is kept of a run's scores, and which of its checkpoints they call the best."""

import json

import pytest

import helpers_stores
from gan_core.modalities.base import Headline
from gan_core.store import RUNNING, artifacts, scores
from gan_core.store.recorder import KEEP, StoreRecorder
from helpers_runs import make_run

store, disk = helpers_stores.store, helpers_stores.disk  # the fixtures
KERNEL = Headline("kernel", "kernel distance")


def result(step, kernel, extractor="random:1", n=100, live=False):
    return {"step": step, "kernel": kernel, "extractor": extractor, "n_real": n, "n_fake": n, "live": live}


@pytest.fixture
def held(store):
    """The artifacts of a run with three checkpoints."""
    found = store.artifacts(make_run(store).id)
    for step in (10, 20, 30):
        found.put(artifacts.checkpoint_name(step), b"weights")
    return found


def test_the_best_of_kept_checkpoints_is_the_one_of_the_lowest_kernel_distance(held):
    assert scores.best(held, KERNEL) == (None, False)
    for step, kernel in ((5, 0.0), (10, 0.3), (20, 0.1)):
        scores.keep(held, result(step, kernel))
    assert scores.best(held, KERNEL) == (20, False), "that of step 5 is gone"
    scores.keep(held, result(30, 0.2))
    assert scores.best(held, KERNEL) == (20, True)
    scores.keep(held, result(20, 0.5))
    assert scores.best(held, KERNEL) == (30, True), "scored again"


def test_another_kind_of_sample_may_rank_by_a_score_of_which_more_is_better(held):
    for step, value in ((10, 0.3), (20, 0.9), (30, 0.5)):
        scores.keep(held, result(step, 0.1) | {"ssim": value})
    assert scores.best(held, Headline("ssim", "SSIM", "higher")) == (20, True)
    assert scores.best(held, Headline("psnr", "PSNR", "higher")) == (None, False), "a score that nothing has"


def test_scores_of_other_extractors_and_counts_are_not_compared(held):
    for step, kernel in ((10, 0.3), (20, 0.4)):
        scores.keep(held, result(step, kernel))
    scores.keep(held, result(30, 0.001, extractor="random:2"))
    scores.keep(held, result(30, 0.001, live=True))
    scores.keep(held, result(30, 0.001, n=99))
    assert scores.best(held, KERNEL) == (10, False)
    assert len(scores.kept(held)) == 5, "and none overwrites another"


def test_files_of_other_programs_are_passed_over(held):
    held.put("scores/000000001-x-1.json", b"not JSON")
    held.put("scores/000000002-x-1.json", b"[1]")
    held.put("scores/README.json", json.dumps(result(1, 0.1)).encode())
    assert scores.kept(held) == []


def test_the_best_checkpoint_outlives_newer_ones(disk):
    run = make_run(disk, status=RUNNING)
    with StoreRecorder(disk, run) as recorder:
        for step in range(1, 4):
            recorder.checkpoint(step, lambda file: file.write(b"weights"))
        scores.keep(disk.artifacts(run.id), result(1, 0.1))
        scores.keep(disk.artifacts(run.id), result(2, 0.2))
        for step in range(4, 8):
            recorder.checkpoint(step, lambda file: file.write(b"weights"))
    assert list(artifacts.checkpoints(disk.artifacts(run.id))) == [1, *range(8 - KEEP, 8)]
