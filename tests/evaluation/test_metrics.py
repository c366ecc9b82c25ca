"""Scores against other people's implementations (goldens) and closed forms."""

import json
import tracemalloc

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial

from benchmarks import metrics_golden
from gan_core.evaluation import metrics
from gan_core.evaluation.metrics import distances
from gan_core.evaluation.metrics.distances import squared_distance_blocks, squared_neighbour_radii
from helpers_metrics import RING, gaussian

GOLDEN = json.loads(metrics_golden.GOLDEN.read_text())
CASES = metrics_golden.cases()
PROBABILITIES = metrics_golden.probabilities()


def whitened(count, dimension, seed=0):
    """Samples whose mean is 0 and whose covariance is the identity, up to rounding."""
    x = gaussian(count, dimension, seed)
    x -= x.mean(axis=0)
    return np.linalg.solve(np.linalg.cholesky(np.atleast_2d(np.cov(x, rowvar=False))), x.T).T


# Goldens

@pytest.fixture(params=CASES)
def golden(request):
    real, fake = CASES[request.param]
    expected = GOLDEN["features"][request.param]
    assert metrics_golden.checksum(real, fake) == pytest.approx(expected["checksum"], rel=1e-9), \
        "NumPy makes other features from this seed: no score is to blame"
    return real, fake, expected


def test_frechet_distance_agrees_with_torch_fidelity(golden):
    real, fake, expected = golden
    assert metrics.frechet_distance(real, fake) == pytest.approx(expected["frechet"], rel=1e-6)


def test_kernel_distance_agrees_with_torch_fidelity(golden):
    real, fake, expected = golden
    assert expected["kernel"]
    for subset in expected["kernel"]:
        mean, std = metrics.kernel_distance(real, fake, subsets=subset["subsets"], subset_size=subset["subset_size"],
                                            seed=GOLDEN["seed"])
        assert mean == pytest.approx(subset["mean"], rel=1e-6)
        assert std == pytest.approx(subset["std"], rel=1e-6)


def test_precision_and_recall_agree_with_torch_fidelity_and_prdc(golden):
    real, fake, expected = golden
    found = metrics.precision_recall(real, fake)
    assert found == pytest.approx((expected["precision"], expected["recall"]), abs=1e-6)
    for k in (3, 5):
        other = expected[f"prdc_{k}"]
        assert metrics.precision_recall(real, fake, k) == pytest.approx((other["precision"], other["recall"]), abs=1e-6)


def test_density_and_coverage_agree_with_prdc(golden):
    real, fake, expected = golden
    for k in (3, 5):
        other = expected[f"prdc_{k}"]
        assert metrics.density_coverage(real, fake, k) == pytest.approx((other["density"], other["coverage"]), abs=1e-6)


def test_vendi_score_agrees_with_its_authors(golden):
    _, fake, expected = golden
    assert metrics.vendi_score(fake) == pytest.approx(expected["vendi"], rel=1e-6)
    assert metrics.vendi_score(fake[:50]) == pytest.approx(expected["vendi_small"], rel=1e-6)


@pytest.mark.parametrize("name", PROBABILITIES)
def test_classifier_score_agrees_with_torch_fidelity(name):
    p, expected = PROBABILITIES[name], GOLDEN["probabilities"][name]
    assert metrics_golden.checksum(p) == pytest.approx(expected["checksum"], rel=1e-9)
    assert metrics.classifier_score(p) == pytest.approx(tuple(expected["in_order"]), rel=1e-3)
    assert metrics.classifier_score(p, seed=GOLDEN["seed"]) == pytest.approx(tuple(expected["shuffled"]), rel=1e-3)


# Closed forms: distances between distributions

def test_frechet_distance_of_two_gaussians_known_in_closed_form():
    scales, shift = np.array([1.0, 2.0, 0.5]), np.array([0.0, 3.0, -1.0])
    distance = metrics.frechet_distance(whitened(50, 3), whitened(80, 3, seed=1) * scales + shift)
    assert distance == pytest.approx((shift ** 2).sum() + ((scales - 1) ** 2).sum(), rel=1e-9)


def test_frechet_distance_of_gaussians_whose_covariances_do_not_commute():
    factors = gaussian(2, 16, seed=2).reshape(2, 4, 4)
    c1, c2 = (factor @ factor.T for factor in factors)
    product_root = scipy.linalg.sqrtm(c1 @ c2).real
    distance = metrics.frechet_distance(whitened(60, 4) @ factors[0].T, whitened(60, 4, seed=1) @ factors[1].T)
    assert distance == pytest.approx(np.trace(c1 + c2 - 2 * product_root), rel=1e-9)


def test_identical_sets():
    x = gaussian(300, 8)
    assert metrics.frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert metrics.precision_recall(x, x) == (1, 1)
    assert metrics.density_coverage(x, x) == (1, 1)


def test_dead_features_and_one_dimension_do_not_disturb_the_frechet_distance():
    x, y = gaussian(50, 3), gaussian(50, 3, seed=1) + 1
    dead = np.hstack([x, np.zeros((50, 2))]), np.hstack([y, np.zeros((50, 2))])
    assert metrics.frechet_distance(*dead) == pytest.approx(metrics.frechet_distance(x, y), rel=1e-6)
    assert metrics.frechet_distance(whitened(9, 1), 3 * whitened(9, 1) + 2) == pytest.approx(4 + 4)


def test_far_sets_have_nothing_in_common():
    x, y = gaussian(200, 8), gaussian(200, 8, seed=1) + 1000
    assert metrics.precision_recall(x, y) == (0, 0)
    assert metrics.density_coverage(x, y) == (0, 0)
    assert metrics.frechet_distance(x, y) == pytest.approx(8e6, rel=1e-2)


def test_kernel_distance_against_a_loop_over_pairs():
    real, fake = gaussian(12, 3), gaussian(12, 3, seed=1) + 0.5

    def k(x, y):
        return (sum(a * b for a, b in zip(x, y)) / 3 + 1) ** 3

    pairs = [(i, j) for i in range(12) for j in range(12)]
    within = sum(k(x[i], x[j]) for x in (real, fake) for i, j in pairs if i != j) / (12 * 11)
    across = sum(k(real[i], fake[j]) for i, j in pairs) / 12 ** 2
    found = metrics.kernel_distance(real, fake, subsets=1, subset_size=12, seed=0)
    assert found.mean == pytest.approx(within - 2 * across, rel=1e-9)


def test_kernel_distance_is_unbiased_and_follows_its_seed():
    real, fake = gaussian(2000, 4), gaussian(2000, 4, seed=1)
    first = metrics.kernel_distance(real, fake, subsets=50, subset_size=100, seed=3)
    assert first == metrics.kernel_distance(real, fake, subsets=50, subset_size=100, seed=3)
    assert first != metrics.kernel_distance(real, fake, subsets=50, subset_size=100, seed=4)
    assert abs(first.mean) < 3 * first.std / np.sqrt(50) + 0.01


def test_precision_and_recall_tell_a_narrow_generator_from_a_wide_one():
    real, narrow, wide = gaussian(500, 4), 0.3 * gaussian(500, 4, seed=1), 3 * gaussian(500, 4, seed=2)
    assert metrics.precision_recall(real, narrow).precision > 0.95 > 0.3 > metrics.precision_recall(real, narrow).recall
    assert metrics.precision_recall(real, wide).precision < 0.3 < 0.9 < metrics.precision_recall(real, wide).recall


def test_one_outlier_among_the_reals_moves_precision_and_not_density():
    real, fake = gaussian(300, 2), gaussian(300, 2, seed=1) + 30
    outlier = np.vstack([real, [[40, 40]]])  # its ball reaches back to the crowd and holds all fakes
    assert metrics.precision_recall(outlier, fake).precision == 1
    assert metrics.density_coverage(outlier, fake).density < 0.5


# Closed forms: scores of one set

def test_one_hot_and_evenly_spread_classes_score_their_number():
    assert metrics.classifier_score(np.tile(np.eye(10), (20, 1))) == pytest.approx((10, 0))
    assert metrics.classifier_score(np.repeat(np.eye(10), 20, axis=0), splits=1) == pytest.approx((10, 0))


def test_equal_answers_score_one_and_a_shuffle_mends_an_order_by_class():
    assert metrics.classifier_score(np.full((30, 4), 0.25)) == pytest.approx((1, 0))
    assert metrics.classifier_score(np.tile(np.eye(4)[2], (30, 1))) == pytest.approx((1, 0))
    by_class = np.repeat(np.eye(10), 100, axis=0)
    assert metrics.classifier_score(by_class).mean == pytest.approx(1)
    assert metrics.classifier_score(by_class, seed=0).mean > 9


@pytest.mark.parametrize("count, dimension", [(1, 1), (5, 5), (7, 20)])
def test_vendi_score_of_orthogonal_vectors_is_their_number(count, dimension):
    basis = np.linalg.qr(gaussian(dimension, dimension))[0][:count]
    assert metrics.vendi_score(basis) == pytest.approx(count)
    assert metrics.vendi_score(np.repeat(basis * 7, 6, axis=0)) == pytest.approx(count)  # n > d, repeats add nothing


def test_vendi_score_of_equal_samples_is_one_whatever_their_size():
    assert metrics.vendi_score(np.ones((50, 3))) == pytest.approx(1)
    assert metrics.vendi_score(np.array([[1e-200, 0], [1e200, 0]])) == pytest.approx(1)
    assert metrics.vendi_score(np.zeros((50, 3))) == pytest.approx(1)
    assert metrics.vendi_score(np.array([[0, 0], [0, 5]])) == pytest.approx(2)


def test_vendi_score_by_samples_equals_vendi_score_by_dimensions():
    x = gaussian(30, 30)
    similarity = (x / np.linalg.norm(x, axis=1, keepdims=True)) @ (x / np.linalg.norm(x, axis=1, keepdims=True)).T
    shares = np.linalg.eigvalsh(similarity / 30)
    assert metrics.vendi_score(x) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert metrics.vendi_score(np.vstack([x, x])) == pytest.approx(metrics.vendi_score(x))


# Modes

def test_mode_report_of_a_perfect_mixture_and_of_a_collapse():
    samples = np.repeat(RING, 500, axis=0) + 0.02 * gaussian(4000, 2)
    report = metrics.mode_report(samples, RING, 0.02)
    assert (report.captured, report.modes) == (8, 8)
    assert report.high_quality == pytest.approx(1 - np.exp(-4.5), abs=0.005)  # P(|z| <= 3) in the plane
    assert report.reverse_kl == 0
    assert report.counts.tolist() == [500] * 8

    report = metrics.mode_report(samples[:500], RING, 0.02)
    assert report.captured == 1
    assert report.reverse_kl == pytest.approx(np.log(8))


def test_mode_report_counts_only_good_samples_as_captures_but_all_in_the_histogram():
    centres = np.array([[0.0, 0.0], [10.0, 0.0]])
    samples = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.001], [8.0, 5.0]])  # on, at, just beyond 3 sigma, far
    captured, modes, high_quality, reverse_kl, counts = metrics.mode_report(samples, centres, 1.0)
    assert (captured, modes, high_quality) == (1, 2, 0.5)
    assert counts.tolist() == [3, 1]
    assert reverse_kl == pytest.approx(0.75 * np.log(1.5) + 0.25 * np.log(0.5))


def test_class_histogram_of_a_thousand_modes():
    even = metrics.class_histogram_report(np.tile(np.arange(1000), 26), 1000)
    assert (even.captured, even.reverse_kl) == (1000, 0)
    half = metrics.class_histogram_report(np.arange(500), 1000)
    assert (half.captured, half.modes) == (500, 1000)
    assert half.reverse_kl == pytest.approx(np.log(2))
    uneven = metrics.class_histogram_report(np.array([0, 0, 0, 1]), 4)
    assert uneven.reverse_kl == pytest.approx(0.75 * np.log(3) + 0.25 * np.log(1))


# Distances in blocks

@pytest.mark.parametrize("block", [1, 1000, 2 ** 22])
def test_scores_do_not_depend_on_the_size_of_blocks(monkeypatch, block):
    monkeypatch.setattr(distances, "BLOCK", block)
    real, fake = CASES["correlated"]
    real, fake = real[:150], fake[:130]
    expected = scipy.spatial.distance.cdist(fake, real, "sqeuclidean")
    assert np.vstack([part for _, part in squared_distance_blocks(fake, real)]) == pytest.approx(expected)
    own = np.sort(scipy.spatial.distance.cdist(real, real, "sqeuclidean"), axis=1)
    assert squared_neighbour_radii(real, [5, 1, 3]) == pytest.approx(own[:, [5, 1, 3]].T)
    assert metrics.precision_recall(real, fake) == pytest.approx(((expected <= own[:, 3]).any(1).mean(), _recall(
        expected, fake)))
    assert metrics.nearest_neighbours(fake, real, 2)[1] == pytest.approx(np.sqrt(np.sort(expected, axis=1)[:, :2]))


def _recall(fake_to_real, fake):
    radii = np.sort(scipy.spatial.distance.cdist(fake, fake, "sqeuclidean"), axis=1)[:, 3]
    return (fake_to_real <= radii[:, None]).any(axis=0).mean()


def test_copies_are_at_no_distance_in_spite_of_rounding():
    x = 1e4 + gaussian(50, 64)
    repeated = np.repeat(x, 5, axis=0)  # four fellows of each sample at distance 0
    assert (squared_neighbour_radii(repeated, [4]) == 0).all()
    assert metrics.precision_recall(repeated, repeated[::-1]) == (1, 1)


@pytest.mark.parametrize("dimension, offset", [(2, 0), (32, 0), (32, 10)])
def test_samples_at_the_edge_are_in_closed_balls_and_not_in_open_ones(dimension, offset):
    # Turned into more dimensions the ties stay, in numbers that round.
    turn = np.eye(2) if dimension == 2 else np.linalg.qr(gaussian(32, 32))[0][:2] * 0.1
    grid = np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1)
    real = grid.reshape(-1, 2) @ turn + offset
    # One step beyond the border: at 1 from a sample whose third fellow is at 1 too, at more from all others.
    beyond = (grid[0, 1:-1] - [0, 1]) @ turn + offset
    assert metrics.precision_recall(real, beyond, 3).precision == 1
    assert metrics.density_coverage(real, beyond, 3) == (0, 0)
    # Copies of inner samples: inside the ball of the original, and at the edge of its four neighbours'.
    copies = grid[3:9, 3:9].reshape(-1, 2) @ turn + offset
    assert metrics.density_coverage(real, copies, 4) == (1 / 4, 36 / 144)


def test_blocks_bound_the_memory():
    real, fake = gaussian(4500, 16), gaussian(4500, 16, seed=1)  # 162 MB as one matrix of distances
    tracemalloc.start()
    try:
        metrics.precision_recall(real, fake)
        metrics.nearest_neighbours(fake, real, 5)
        assert tracemalloc.get_traced_memory()[1] < 150e6
    finally:
        tracemalloc.stop()
