"""The interval of a human error rate."""

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.evaluation.human import Rate, wilson
from gan_core.evaluation.human.error_rate import Z
from helpers_runs import is_a_sentence


@pytest.mark.parametrize("wrong, n, low, high", [
    # Newcombe 1998, table I, method 3
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)])
def test_the_interval_is_the_published_one(wrong, n, low, high):
    assert wilson(wrong, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("wrong, n", [(0, 1), (1, 1), (0, 10), (10, 10), (3, 10), (5, 10), (17, 100), (999, 1000)])
def test_the_interval_ends_where_the_score_test_does(wrong, n):
    # |p^ - p| = z sqrt(p (1 - p) / n), squared: a quadratic in p.
    z2n, p = Z**2 / n, wrong / n
    assert wilson(wrong, n) == pytest.approx(sorted(np.roots([1 + z2n, -(2 * p + z2n), p * p]).real), abs=1e-9)
    mirrored = wilson(n - wrong, n)
    assert wilson(wrong, n) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


def test_the_ends_of_the_interval_are_shares():
    for n in range(1, 200):
        assert wilson(0, n)[0] == pytest.approx(0, abs=1e-12) and wilson(0, n)[0] >= 0 and 0 < wilson(0, n)[1] < 1
        assert wilson(n, n)[1] == pytest.approx(1, abs=1e-12) and wilson(n, n)[1] <= 1 and 0 < wilson(n, n)[0] < 1
    assert wilson(0, 0) == (0, 1) and Rate(0, 0).share is None
    assert Rate(0, 20).error > 0, "no mistakes in twenty verdicts are no certainty"


@pytest.mark.parametrize("wrong, n", [(-1, 5), (6, 5), (1, 0)])
def test_counts_that_are_no_share_are_refused(wrong, n):
    with pytest.raises(BadInput) as refused:
        wilson(wrong, n)
    assert is_a_sentence(str(refused.value))
