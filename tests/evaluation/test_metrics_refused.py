"""Features and arguments that no score can be computed of are refused in a sentence."""

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.evaluation import metrics
from helpers_metrics import RING, gaussian

PAIR_SCORES = {"frechet": metrics.frechet_distance, "precision and recall": metrics.precision_recall,
               "density and coverage": metrics.density_coverage, "all": metrics.evaluate_features,
               "kernel": lambda real, fake: metrics.kernel_distance(real, fake, subset_size=10, seed=0)}
GOOD = gaussian(60, 4)
WITH_NAN, WITH_INF = GOOD.copy(), GOOD.copy()
WITH_NAN[3, 1], WITH_INF[5:7, 0] = np.nan, np.inf


@pytest.mark.parametrize("score", PAIR_SCORES)
@pytest.mark.parametrize("bad, says", [
    (WITH_NAN, "NaN or infinite values in 1 of 60"),
    (WITH_INF, "NaN or infinite values in 2 of 60"),
    (np.ones((60, 4)), "constant"),
    (np.empty((0, 4)), "empty"),
    (np.empty((60, 0)), "empty"),
    (gaussian(60, 5), "dimensions"),
    (GOOD[:, 0], "shape"),
    (GOOD.reshape(60, 2, 2), "shape"),
    ([["a", "b"]], "not numbers"),
    (GOOD[:1], "."),
])
def test_unusable_features_are_refused_in_a_sentence(score, bad, says):
    for pair in ((GOOD, bad), (bad, GOOD)):
        if score == "density and coverage" and len(bad) == 1 and pair[1] is bad:
            continue  # one fake is enough there
        with pytest.raises(BadInput) as error:
            PAIR_SCORES[score](*pair)
        message = str(error.value)
        assert says in message and message.endswith(".") and message[0].isupper()


def test_a_collapsed_generator_and_a_broken_extractor_get_different_sentences():
    with pytest.raises(BadInput, match="fake features are constant.*collapsed"):
        metrics.frechet_distance(GOOD, np.ones((60, 4)))
    with pytest.raises(BadInput, match="real features are constant.*all real samples.*extractor"):
        metrics.frechet_distance(np.ones((60, 4)), GOOD)


def test_the_frechet_distance_says_how_many_samples_it_needs():
    with pytest.raises(BadInput, match="4-dimensional features needs at least 5 samples.*only 4 real and 3 fake"):
        metrics.frechet_distance(GOOD[:4], GOOD[:3])
    assert metrics.frechet_distance(GOOD[:5], GOOD[:5]) == pytest.approx(0, abs=1e-9)
    with pytest.raises(BadInput, match="at least 41 samples.*only 40 fake"):
        metrics.evaluate_features(gaussian(100, 40), gaussian(40, 40))


@pytest.mark.parametrize("call, says", [
    (lambda: metrics.precision_recall(GOOD[:3], GOOD), "at least 4 samples.*only 3 real"),
    (lambda: metrics.precision_recall(GOOD, GOOD[:5], k=5), "at least 6 samples.*only 5 fake"),
    (lambda: metrics.precision_recall(GOOD, GOOD, k=0), "neighbours"),
    (lambda: metrics.density_coverage(GOOD[:5], GOOD), "at least 6 samples.*only 5 real"),
    (lambda: metrics.kernel_distance(GOOD, GOOD[:50], seed=0), "between 2 and the smaller set's 50 samples, not 1000"),
    (lambda: metrics.kernel_distance(GOOD, GOOD, subset_size=1, seed=0), "between 2"),
    (lambda: metrics.kernel_distance(GOOD, GOOD, subset_size=9.5, seed=0), "whole number"),
    (lambda: metrics.kernel_distance(GOOD, GOOD, subsets=0, subset_size=9, seed=0), "number of subsets"),
    (lambda: metrics.classifier_score(GOOD), "softmax"),
    (lambda: metrics.classifier_score(np.full((30, 4), 0.3)), "sum to 1"),
    (lambda: metrics.classifier_score(np.eye(4)), "at least 10 samples"),
    (lambda: metrics.classifier_score(np.full((30, 4), np.nan)), "NaN"),
    (lambda: metrics.vendi_score(WITH_NAN), "NaN"),
    (lambda: metrics.vendi_score(np.empty((0, 3))), "empty"),
    (lambda: metrics.mode_report(WITH_NAN[:, :2], RING, 0.1), "NaN"),
    (lambda: metrics.mode_report(GOOD, RING, 0.1), "dimensions"),
    (lambda: metrics.mode_report(GOOD[:, :2], RING, 0), "positive"),
    (lambda: metrics.mode_report(GOOD[:, :2], RING, np.nan), "positive"),
    (lambda: metrics.class_histogram_report([0, 4], 4), "between 0 and 3"),
    (lambda: metrics.class_histogram_report([-1], 4), "between 0 and 3"),
    (lambda: metrics.class_histogram_report([0.5], 4), "whole numbers"),
    (lambda: metrics.class_histogram_report([], 4), "non-empty"),
    (lambda: metrics.nearest_neighbours(GOOD, GOOD[:3], 4), "only 3 training samples"),
    (lambda: metrics.nearest_neighbours(GOOD, gaussian(9, 5), 1), "dimensions"),
    (lambda: metrics.authenticity(GOOD[:1], GOOD), "at least 2 samples"),
    (lambda: metrics.copy_test(GOOD, WITH_INF, GOOD), "held-out features hold NaN or infinite"),
    (lambda: metrics.copy_test(GOOD, GOOD, np.empty((0, 4))), "empty"),
])
def test_unusable_arguments_are_refused_in_a_sentence(call, says):
    with pytest.raises(BadInput, match=says):
        call()


@pytest.mark.parametrize("arguments, says", [
    ({"real_b": gaussian(60, 5)}, "dimensions"),
    ({"real_b": WITH_NAN}, "held-out real features hold NaN"),
    ({"probabilities_fake": np.eye(4)}, "at least 10"),
    ({"probabilities_fake": np.full((20, 4), 0.5)}, "of the fakes .*sum to 1"),
    ({"probabilities_fake": np.full((20, 4), 0.25), "probabilities_real": np.full((20, 5), 0.2)}, "same classifier"),
])
def test_evaluation_refuses_before_it_computes(arguments, says):
    def progress(share, name):
        raise AssertionError("computing has begun")

    with pytest.raises(BadInput, match=says):
        metrics.evaluate_features(GOOD, gaussian(60, 4, seed=1), progress=progress, **arguments)
