"""Points: mixtures around their modes, and shapes without any."""

import itertools

import numpy as np
import pytest

from gan_core import data
from gan_core.data.sets import points
from helpers_data import POINT_SETS


@pytest.mark.parametrize("name, modes, sigma", [("ring", 8, 0.01), ("grid", 25, 0.05)])
def test_mixtures_lie_around_their_modes(name, modes, sigma):
    centres = points.MODES[name].centres
    assert centres.shape == (modes, 2) and points.MODES[name].sigma == sigma
    dataset = data.load(name)
    distance = np.linalg.norm(dataset.x[:, None] - centres, axis=-1)
    assert np.array_equal(distance.argmin(axis=1), dataset.y)
    assert (dataset.x - centres[dataset.y]).std() == pytest.approx(sigma, rel=0.02)
    assert np.bincount(dataset.y) == pytest.approx(len(dataset) / modes, rel=0.1)


def test_mode_centres():
    assert np.linalg.norm(points.MODES["ring"].centres, axis=1) == pytest.approx(1)
    ticks = {-4, -2, 0, 2, 4}
    assert {tuple(centre) for centre in points.MODES["grid"].centres.tolist()} == set(itertools.product(ticks, ticks))


def test_points_are_many_and_float32():
    for name in POINT_SETS:
        dataset = data.load(name)
        assert dataset.x.shape == (100_000, 2) and dataset.x.dtype == dataset.x_test.dtype == np.float32
        assert not {tuple(p) for p in dataset.x[:1000].tolist()} & {tuple(p) for p in dataset.x_test[:1000].tolist()}


def test_shapes_without_modes():
    board = data.load("checkerboard").x
    square = np.floor((board + 1) * 2).astype(int)
    assert (square.sum(axis=1) % 2 == 0).all() and len(np.unique(square, axis=0)) == 8
    radius = np.linalg.norm(data.load("swiss_roll").x, axis=1)
    assert 0.25 < radius.min() < 0.35 and 0.95 < radius.max() < 1.1
    moons = data.load("two_moons")
    assert moons.x[moons.y == 0].mean(axis=0)[1] > 0.2 > -0.2 > moons.x[moons.y == 1].mean(axis=0)[1]
