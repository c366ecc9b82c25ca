"""The angle error by hand, and a network that learns to read turns."""

import numpy as np
import pytest

from gan_core.data import solids
from gan_core.errors import Stopped
from gan_core.evaluation import pose_reading
from gan_core.evaluation.metrics.pose import pose_error, wrapped

ASKED = np.arange(8) * 45.0


def test_angles_are_wrapped():
    assert wrapped([0, 179, 181, 360, -190, 540]).tolist() == [0, 179, -179, 0, 170, -180]


def test_what_turns_as_asked_has_no_error_whatever_its_front_and_direction():
    fronts = np.array([[10.0], [200.0]])
    same = pose_error(ASKED, (ASKED + 77) % 360 + np.zeros((3, 1)))
    assert same.each == same.shared == 0 and not same.mirrored
    own = pose_error(ASKED, ASKED + fronts)
    assert own.each == 0 and own.shared == pytest.approx(85, abs=0.01), "the fronts lie 190 degrees apart"
    other = pose_error(ASKED, fronts - ASKED)
    assert other.each == 0 and other.mirrored
    both = pose_error(ASKED, np.stack([ASKED, -ASKED]))
    assert both.each > 30, "all turn in one direction"


def test_what_does_not_turn_has_ninety_degrees():
    still = pose_error(ASKED, np.full((4, 8), 33.0) + np.arange(4)[:, None])
    assert still.each == pytest.approx(90) and still.shared == pytest.approx(90, abs=1)


def test_it_is_the_mean_of_every_view():
    rng = np.random.default_rng(0)
    read = rng.uniform(0, 360, (3, 8))
    best = min(np.mean([min(np.mean([abs(wrapped(one - sign * angle - offset)) for one, angle in zip(views, ASKED)])
                            for offset in range(360)) for views in read]) for sign in (1, -1))
    assert pose_error(ASKED, read).each == pytest.approx(best)


def test_it_learns_to_read_is_kept_and_can_be_stopped(tmp_path):
    quick = pose_reading.Recipe(rendered=1500, steps=250, batch=32, rate=5e-3, filters=8)
    read = pose_reading.reader(16, tmp_path, recipe=quick)
    found = pose_reading.floor(read, 16)
    assert found["pose_error_floor"] < 40 and found["pose_error_floor"] <= found["pose_error_shared_floor"] + 1e-6
    turn, elevation = solids.poses(10, np.random.default_rng(5))
    images = solids.rendered(solids.drawn(10, np.random.default_rng(6)), turn, elevation, 16)
    assert len(list((tmp_path / "cache" / "extractors").glob("*.npz"))) == 1
    again = pose_reading.reader(16, tmp_path, recipe=quick, should_stop=lambda: True)
    assert np.array_equal(again(images), read(images)) and ((0 <= read(images)) & (read(images) <= 360)).all()
    with pytest.raises(Stopped):
        pose_reading.reader(16, recipe=quick, should_stop=lambda: True)
