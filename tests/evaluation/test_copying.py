"""Do samples copy? Nearest neighbours, authenticity and the copy test."""

import numpy as np
import pytest
import scipy.spatial
import scipy.stats

from gan_core.evaluation import metrics
from helpers_metrics import gaussian


def test_nearest_neighbours_agree_with_a_tree():
    fake, train = gaussian(200, 5), gaussian(300, 5, seed=1)
    indices, found = metrics.nearest_neighbours(fake, train, 4)
    expected, expected_indices = scipy.spatial.cKDTree(train).query(fake, 4)
    assert (indices == expected_indices).all()
    assert found == pytest.approx(expected)


def test_an_exact_copy_is_at_exactly_no_distance_however_far_from_the_origin():
    train = gaussian(300, 64) + 1e6
    indices, found = metrics.nearest_neighbours(train[[7, 250]], train, 2)
    assert indices[:, 0].tolist() == [7, 250]
    assert (found[:, 0] == 0).all() and (found[:, 1] > 1).all()


def test_nearest_neighbours_at_equal_distance_come_by_index():
    train = np.array([[1.0, 0], [0, 1], [-1, 0], [5, 5]])
    assert metrics.nearest_neighbours(np.zeros((1, 2)), train, 3)[0].tolist() == [[0, 1, 2]]


def test_authenticity_of_copies_near_copies_and_fresh_samples():
    train, fresh = gaussian(500, 8), gaussian(500, 8, seed=1)
    assert metrics.authenticity(train, train) == 0
    assert metrics.authenticity(train, train + 1e-3 * fresh) == 0
    assert 0.4 < metrics.authenticity(train, fresh) < 0.9
    assert metrics.authenticity(train, fresh + 100) == 1


def test_authenticity_compares_with_the_spacing_at_the_neighbour():
    train = np.array([[0.0], [1.0], [10.0]])  # nearest fellows at 1, 1 and 9
    assert metrics.authenticity(train, np.array([[-0.5], [-1.5], [15.0], [20.0]])) == 0.5


def test_copy_test_agrees_with_scipy_and_has_the_right_sign():
    train, held_out, fresh = gaussian(400, 6), gaussian(300, 6, seed=1), gaussian(200, 6, seed=2)
    tree = scipy.spatial.cKDTree(train)
    z = metrics.copy_test(train, held_out, fresh)
    u = scipy.stats.mannwhitneyu(tree.query(fresh)[0], tree.query(held_out)[0]).statistic
    assert z == pytest.approx((u - 30000) / np.sqrt(60000 * 501 / 12))
    assert abs(z) < 3
    assert metrics.copy_test(train, held_out, train[:200] + 0.01 * fresh) < -10
    assert metrics.copy_test(train, held_out, 3 * fresh) > 10
    assert metrics.copy_test(train, held_out, held_out) == 0  # all ties
