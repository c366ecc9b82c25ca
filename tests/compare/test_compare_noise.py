"""Which differences between scores count: errors of samples and of seeds, and what is not called better."""

import math

import numpy as np
import pytest
from helpers_compare import side_by_side, store  # noqa: F401 (a fixture)
from helpers_pages import SCORE, add_run, scored, zoo
from helpers_runs import is_a_sentence
from scipy import stats

from gan_core.compare.figures import Figure
from gan_core.compare.noise import STUDENT, UNKNOWN, Measured, freedom, of_one, over_seeds, student, within
from gan_core.evaluation import metrics


def row(found, key):
    return next(each for each in found.figures if each.key == key)


def test_students_quantiles():
    for degrees, quantile in STUDENT.items():
        assert quantile == pytest.approx(stats.t.ppf(0.975, degrees) if degrees < math.inf else 1.96, abs=6e-4)
    assert student(1) == 12.706 and student(2.9) == 4.303 and student(11) == STUDENT[10] and student(1e9) == STUDENT[120]


def test_degrees_of_freedom_are_welchs():
    few, many = Measured(0, 0.3, 2), Measured(0, 0.1, 9)
    assert freedom(few, many) == pytest.approx((0.09 + 0.01) ** 2 / (0.09**2 / 2 + 0.01**2 / 9))
    assert freedom(few, few) == pytest.approx(4) and freedom(Measured(0, 0.1), Measured(0, 0.2)) == math.inf


def test_three_seeds_are_surer_than_two_standard_errors_say():
    a, b = over_seeds([1.0, 1.1, 1.2]), over_seeds([1.21, 1.31, 1.41])
    assert abs(a.value - b.value) > 2 * math.hypot(a.error, b.error), "what two standard errors would call a difference"
    assert within(a, b) and stats.ttest_ind([1.0, 1.1, 1.2], [1.21, 1.31, 1.41], equal_var=False).pvalue > 0.05
    assert not within(over_seeds([1.0, 1.1, 1.2] * 3), over_seeds([1.21, 1.31, 1.41] * 3))


@pytest.mark.parametrize("key, counts, n", [
    ("precision", {"n_fake": 400, "n_real": 900}, 400), ("recall", {"n_fake": 900, "n_real": 400}, 400),
    ("coverage", {"n_fake": 400, "n_real": 900}, 400), ("label_accuracy", {"n_fake": 400}, 400),
    ("high_quality", {"n_fake": 400}, 400), ("authenticity", {"n_copy": 400, "n_fake": 900}, 400)])
def test_shares_have_the_error_of_their_counts(key, counts, n):
    assert of_one(SCORE | counts | {key: 0.3}, key).error == pytest.approx(math.sqrt(0.3 * 0.7 / n), rel=0.02)
    assert of_one(SCORE | counts | {key: 1.0}, key).error > 0, "of which all are right, not all need be"


def test_the_error_of_a_kernel_distance_is_what_other_samples_make_of_it():
    rng = np.random.default_rng(0)
    found = []
    for seed in range(60):
        real, fake = rng.normal(0, 1, (200, 4)), rng.normal(0.7, 1, (200, 4))
        mean, std = metrics.kernel_distance(real, fake, subsets=40, subset_size=100, seed=seed)
        scores = {"kernel": mean, "kernel_std": std, "kernel_subset_size": 100, "n_real": 200, "n_fake": 200}
        found.append((mean, of_one(scores, "kernel").error))
    means, errors = np.transpose(found)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(means.std(ddof=1), rel=0.25)
    assert of_one(SCORE | {"kernel_subset_size": 1000}, "kernel").error is None, "one subset of all has no spread"


def test_the_error_of_a_classifier_score_is_that_of_a_mean_of_ten():
    parts = np.random.default_rng(0).normal(5, 1, 10)
    found = of_one(SCORE | {"classifier_score": parts.mean(), "classifier_score_std": parts.std()}, "classifier_score")
    assert found.error == pytest.approx(stats.sem(parts)) and found.freedom == 9


@pytest.mark.parametrize("key", ["frechet", "density", "vendi", "reverse_kl", "modes_captured", "psnr", "tstr_accuracy"])
def test_what_nobody_knows_is_no_certainty(key):
    assert of_one(SCORE | {key: 5.0}, key).error is None
    near, far = Measured(5.0 * (1 - 0.9 * UNKNOWN)), Measured(5.0 * (1 - 1.1 * UNKNOWN))
    assert within(Measured(5.0), near) and not within(Measured(5.0), far)
    assert within(Measured(5.0, 1.0), far), "of an error that is known on one side, the larger counts"


def test_a_small_difference_is_not_called_better(store):
    one = scored(store, add_run(store, zoo(), architecture="gan"), kernel=0.05, recall=0.51, frechet=10.0)
    other = scored(store, add_run(store, zoo(), architecture="dcgan"), kernel=0.02, recall=0.50, frechet=9.5)
    found = side_by_side(store, one, other)
    assert row(found, "recall").best() == (0, [1]) and row(found, "frechet").best() == (1, [0])
    assert not any("better recall" in sentence for sentence in found.verdict)


def test_where_noise_is_not_known_the_verdict_says_so(store):
    runs = [scored(store, add_run(store, zoo(), architecture=name), kernel=kernel, kernel_std=None)
            for name, kernel in (("gan", 0.05), ("dcgan", 0.02), ("lsgan", 0.021))]
    said = side_by_side(store, *runs).verdict[0]
    assert "C · lsgan cannot be told from it" in said and "not all of the noise is known" in said
    far = side_by_side(store, *runs[:2]).verdict[0]
    assert "by more than 15 %" in far and "beyond the noise" not in far


def test_scores_of_nothing_are_shown(store):
    seeds = [scored(store, add_run(store, zoo(), values={"seed": seed}), recall=0.0, precision=0.0) for seed in (0, 1)]
    found = side_by_side(store, *seeds)
    assert row(found, "recall").written(0) == "0 ± 0", "an error of 0 is known"


# Nearer is better, and what ranks nobody


def test_more_than_real_samples_have_is_as_wrong_as_less():
    values, floor = (0.6, 1.1, 1.9), 1.0
    found = Figure("density", "Density", "", "nearer", ".3g", values, (0.01,) * 3, floor)
    assert found.best() == (1, [])
    assert Figure("density", "Density", "", "nearer", ".3g", (0.9, 1.11), (0.01,) * 2, floor).best() == (0, [1])
    assert Figure("density", "Density", "", "nearer", ".3g", values, (0.01,) * 3).best() is None, "near to what?"


def test_the_worst_samples_are_not_the_most_authentic(store):
    runs = [scored(store, add_run(store, zoo(), architecture=name), kernel=kernel, n_copy=1000, authenticity=share,
                   authenticity_floor=0.68, density=density, density_floor=1.0, vendi=vendi, vendi_floor=12.0)
            for name, kernel, share, density, vendi in (("gan", 0.9, 0.9957, 1.8, 40.0), ("dcgan", 0.02, 0.7, 0.9, 11.0))]
    found = side_by_side(store, *runs)
    assert row(found, "authenticity").best() is None and row(found, "authenticity").errors[0] > 0
    assert row(found, "density").best() == (1, []) and row(found, "vendi").best() == (1, [])


# One recipe


def test_seeds_of_one_recipe_have_their_mean_and_nothing_is_ranked(store):
    seeds = [add_run(store, zoo(), values={"seed": seed}) for seed in (0, 1)]
    assert side_by_side(store, *seeds).verdict == ["There are no scores yet: score the runs to have them ranked."]
    for run, kernel in zip(seeds, (0.01, 0.03)):
        scored(store, run, kernel=kernel)
    said, = side_by_side(store, *seeds).verdict
    assert said == "One recipe over 2 seeds: kernel distance 0.02 ± 0.01 (real data against real data: 0.0001)."
    assert is_a_sentence(said)


def test_one_scored_run_among_others_is_the_only_one(store):
    runs = [add_run(store, zoo(), architecture=name) for name in ("gan", "dcgan")]
    scored(store, runs[1])
    found = side_by_side(store, *runs)
    assert found.verdict[0] == "Only B · dcgan has a score that could be ranked: score the others."
