"""All scores at once: their floors, seeds, subsets and notes."""

import ast
import json
import pathlib

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.evaluation import metrics
from helpers_metrics import gaussian

SCORES = {"frechet", "kernel", "kernel_std", "precision", "recall", "density", "coverage", "vendi"}
CLASSIFIER = {"classifier_score", "classifier_score_std"}
COUNTS = {"n_real", "n_fake", "n_real_floor", "n_fake_floor", "dimension", "kernel_subset_size",
          "kernel_subset_size_floor", "stopped", "notes"}


AGAIN = {f"{key}_at_floor_counts" for key in ("frechet", "precision", "recall", "density", "coverage")}


def floors(keys):
    return {f"{key}_floor" for key in keys}


def test_evaluation_has_every_score_and_its_floor():
    real, fake = gaussian(2100, 6), gaussian(2000, 6, seed=1) + 0.5
    p = np.random.default_rng(0).dirichlet(np.ones(5), 2100)
    found = metrics.evaluate_features(real, fake, probabilities_real=p, probabilities_fake=p[:2000], seed=3)
    assert set(found) == SCORES | floors(SCORES) | CLASSIFIER | floors(CLASSIFIER) | COUNTS | AGAIN
    assert all(type(found[key]) is float and np.isfinite(found[key]) for key in SCORES | floors(SCORES))
    json.dumps(found)  # goes into a run's record as it is

    assert found["frechet"] == metrics.frechet_distance(real, fake)
    assert (found["kernel"], found["kernel_std"]) == metrics.kernel_distance(real, fake, seed=3)
    assert (found["precision"], found["recall"]) == metrics.precision_recall(real, fake)
    assert (found["density"], found["coverage"]) == metrics.density_coverage(real, fake)
    assert found["vendi"] == metrics.vendi_score(fake)
    assert found["classifier_score"] == metrics.classifier_score(p[:2000], seed=3).mean
    assert (found["n_real"], found["n_fake"], found["n_real_floor"], found["n_fake_floor"]) == (2100, 2000, 1050, 1050)

    # Shifted fakes are worse than what real samples score against real samples.
    assert found["frechet"] > found["frechet_floor"] > 0
    assert found["kernel"] > found["kernel_floor"]
    assert found["density"] < found["density_floor"]
    assert found["coverage"] < found["coverage_floor"]


def test_equal_seeds_give_equal_numbers():
    real, fake, p = gaussian(200, 3), gaussian(200, 3, seed=1), np.tile(np.eye(4), (50, 1))

    def scores(seed):
        return metrics.evaluate_features(real, fake, probabilities_real=p, probabilities_fake=p, seed=seed, live=True)

    assert scores(7) == scores(7)
    assert scores(7)["kernel"] != scores(8)["kernel"] and scores(7)["frechet_floor"] != scores(8)["frechet_floor"]


def test_held_out_reals_give_a_floor_at_the_counts_of_the_score():
    real, fake, real_b = gaussian(300, 4), gaussian(250, 4, seed=1), gaussian(400, 4, seed=2)
    found = metrics.evaluate_features(real, fake, real_b=real_b)
    assert (found["n_real_floor"], found["n_fake_floor"]) == (300, 250) and not AGAIN & set(found)
    assert found["frechet_floor"] == metrics.frechet_distance(real, real_b[:250])
    assert (found["precision_floor"], found["recall_floor"]) == metrics.precision_recall(real, real_b[:250])
    assert (found["density_floor"], found["coverage_floor"]) == metrics.density_coverage(real, real_b[:250])


def test_a_perfect_fake_is_compared_with_its_floor_at_the_floors_counts():
    """Halves of the reals are farther from each other than all of them are from as many others."""
    found = metrics.evaluate_features(gaussian(600, 32), gaussian(600, 32, seed=1))
    assert (found["n_real_floor"], found["n_fake_floor"]) == (300, 300)
    assert found["frechet"] < 0.7 * found["frechet_floor"], "of other counts: it says nothing"
    assert found["frechet_at_floor_counts"] == pytest.approx(found["frechet_floor"], rel=0.1)
    for key in ("precision", "recall", "coverage"):
        assert found[f"{key}_at_floor_counts"] == pytest.approx(found[f"{key}_floor"], abs=0.08)
    shifted = metrics.evaluate_features(gaussian(600, 32), gaussian(600, 32, seed=1) + 0.5)
    assert shifted["frechet_at_floor_counts"] > 2 * shifted["frechet_floor"]


def test_the_split_matches_the_count_of_fakes_where_reals_abound():
    found = metrics.evaluate_features(gaussian(1000, 4), gaussian(100, 4, seed=1), live=True)
    assert (found["n_real_floor"], found["n_fake_floor"]) == (900, 100)


def test_the_split_is_shuffled_or_reals_in_order_would_not_be_like_each_other():
    in_order = np.sort(gaussian(1000, 3), axis=0)
    assert metrics.evaluate_features(in_order, in_order, live=True)["frechet_floor"] < 0.1


def test_live_scores_take_fewer_and_smaller_subsets():
    real, fake = gaussian(1500, 3), gaussian(1500, 3, seed=1)
    found = metrics.evaluate_features(real, fake, live=True, seed=5)
    assert (found["kernel"], found["kernel_std"]) == metrics.kernel_distance(real, fake, subsets=10, subset_size=500,
                                                                             seed=5)
    assert found["kernel_subset_size"] == 500 and not found["notes"]


def test_small_sets_get_smaller_subsets_and_a_note():
    found = metrics.evaluate_features(gaussian(80, 3), gaussian(60, 3, seed=1))
    assert found["kernel_subset_size"] == 30
    assert found["kernel_std"] > 0
    assert any("subsets of 30 samples" in note and "1000" in note for note in found["notes"])


def test_reals_too_few_for_a_floor_leave_it_out_with_a_note():
    found = metrics.evaluate_features(gaussian(60, 40), gaussian(60, 40, seed=1), live=True)
    assert "frechet" in found and "frechet_floor" not in found and "precision_floor" in found
    assert any("41 are needed" in note for note in found["notes"])
    found = metrics.evaluate_features(gaussian(30, 4), gaussian(30, 4, seed=1), live=True)
    assert {key for key in found if key.endswith("_floor")} == {"vendi_floor"}
    assert any("20 are needed" in note for note in found["notes"])
    with pytest.raises(BadInput, match="at least 20 samples"):
        metrics.evaluate_features(gaussian(19, 4), gaussian(30, 4))


def test_few_samples_have_all_scores_but_the_frechet_distance():
    real, fake = gaussian(60, 80), gaussian(60, 80, seed=1)
    with pytest.raises(BadInput, match="at least 81 samples"):
        metrics.evaluate_features(real, fake, live=True)
    found = metrics.evaluate_features(real, fake, live=True, few=True)
    missing = {"frechet", "frechet_floor"}
    assert set(found) == (SCORES | floors(SCORES) | COUNTS | AGAIN) - missing - {"frechet_at_floor_counts"}
    about = [note for note in found["notes"] if "Fréchet" in note]
    assert len(about) == 1 and "81 are needed" in about[0] and "has 60" in about[0]
    with pytest.raises(BadInput, match="at least 20 samples"):
        metrics.evaluate_features(real[:19], fake, few=True)


def test_floors_can_be_left_out_and_lent():
    real, fake = gaussian(100, 3), gaussian(100, 3, seed=1)
    first = metrics.evaluate_features(real, fake, live=True)
    without = metrics.evaluate_features(real, fake, live=True, floor=False)
    assert not any(key.endswith("_floor") for key in without)
    assert metrics.evaluate_features(real, fake, live=True, floor=first) == first


def test_progress_is_told_and_a_stop_returns_what_there_is():
    real, fake = gaussian(100, 3), gaussian(100, 3, seed=1)
    told = []
    metrics.evaluate_features(real, fake, live=True, progress=lambda share, name: told.append((share, name)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    assert told[0][1] == "Fréchet distance"

    answers = iter([False, False, True])
    found = metrics.evaluate_features(real, fake, live=True, should_stop=lambda: next(answers))
    assert found["stopped"] is True
    assert {"frechet", "kernel"} <= set(found) and "precision" not in found


def test_float32_and_lists_and_the_callers_arrays_are_left_alone():
    real, fake = gaussian(60, 4).astype(np.float32), gaussian(60, 4, seed=1).astype(np.float32)
    before = real.copy(), fake.copy()
    found = metrics.evaluate_features(real, fake, live=True)
    assert (real == before[0]).all() and (fake == before[1]).all()
    assert found == metrics.evaluate_features(real.tolist(), fake.tolist(), live=True)
    doubles = real.astype(float), fake.astype(float)
    metrics.evaluate_features(*doubles, live=True)  # asarray makes no copy of these
    assert (doubles[0] == before[0]).all() and (doubles[1] == before[1]).all()


def test_metrics_import_numpy_and_nothing_heavier():
    for path in pathlib.Path(metrics.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                     else [node.module] if isinstance(node, ast.ImportFrom) else [])
            # PSNR and SSIM are not our own, nor who is taught to tell rows apart.
            library = {"paired.py": {"skimage"}, "detection.py": {"sklearn"}, "learned_from_rows.py": {"sklearn"},
                       "linear_prediction.py": {"scipy", "hashlib"}}.get(
                path.name, set())
            allowed = {"numpy", "gan_core", "math", "typing", "functools", "collections", "dataclasses", "itertools",
                       "sys"} | library
            assert {name.split(".")[0] for name in names} <= allowed, path.name
