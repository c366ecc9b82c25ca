"""Rendered boxes: what rays meet, how it is lit, and the dataset that is made of them."""

import numpy as np
import pytest

from gan_core import data, visitors
from gan_core.data import solids
from gan_core.data.sets import boxes
from gan_core.errors import BadInput
from helpers_runs import is_a_sentence


def of(*several):
    """One object of boxes (low, high, colour)."""
    parts = np.full((1, solids.BOXES, 9), np.nan, np.float32)
    for place, (low, high, colour) in enumerate(several):
        parts[0, place] = [*low, *high, *colour]
    return solids.Solids(parts[..., :3], parts[..., 3:6], parts[..., 6:])


def seen(objects, turn=0.0, elevation=0.0, size=16):
    return solids.rendered(objects, np.array([turn]), np.array([elevation]), size)[0]


def lit(colour, axis, sign):
    light = solids.AMBIENT + (1 - solids.AMBIENT) * max(sign * float(solids.LIGHT[axis]), 0)
    return np.rint(255 * light * np.array(colour))


CUBE = ((-0.4,) * 3, (0.4,) * 3, (1.0, 0.5, 0.25))


@pytest.mark.parametrize("turn, elevation, axis, sign", [(0, 0, 2, 1), (90, 0, 0, 1), (180, 0, 2, -1), (270, 0, 0, -1),
                                                        (0, 90, 1, 1)])
def test_each_face_is_lit_by_where_it_looks(turn, elevation, axis, sign):
    picture = seen(of(CUBE), turn, elevation)
    np.testing.assert_allclose(picture[8, 8], lit(CUBE[2], axis, sign), atol=1)
    assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()


def test_the_nearest_box_is_seen_and_which_side_is_right_and_up():
    near, far = ((-0.2, -0.2, 0.3), (0.2, 0.2, 0.5), (1, 0, 0)), ((-0.5, -0.5, -0.6), (0.5, 0.5, -0.4), (0, 0, 1))
    for order in ((near, far), (far, near)):
        assert seen(of(*order))[8, 8, 0] > 100 and seen(of(*order), turn=180)[8, 8, 2] > 100
    right = seen(of(((0.2, -0.1, -0.1), (0.5, 0.1, 0.1), (0, 0, 0))))
    top = seen(of(((-0.1, 0.2, -0.1), (0.1, 0.5, 0.1), (0, 0, 0))))
    assert right[:, 8:].mean() < right[:, :8].mean() and top[:8].mean() < top[8:].mean()


def test_a_picture_is_that_of_every_ray_by_itself():
    """Against a loop over rays and boxes."""
    rng = np.random.default_rng(3)
    objects, (turn, elevation) = solids.drawn(3, rng), solids.poses(3, rng)
    pictures = solids.rendered(objects, turn, elevation, 6)
    eye, directions = solids.rays(turn, elevation, 6 * solids.FINER)
    found = np.ones(directions.shape)
    for n, row, column in np.ndindex(directions.shape[:3]):
        best = np.inf
        for low, high, colour in zip(*(part[n] for part in objects)):
            if np.isnan(low).any():
                continue
            times = np.sort(np.stack([low - eye[n], high - eye[n]]) / directions[n, row, column], axis=0)
            axis = int(times[0].argmax())
            if times[0].max() < times[1].min() and times[0].max() < best:
                best = times[0].max()
                towards = -np.sign(directions[n, row, column, axis]) * solids.LIGHT[axis]
                found[n, row, column] = colour * (solids.AMBIENT + (1 - solids.AMBIENT) * max(towards, 0))
    mean = found.reshape(3, 6, 2, 6, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(pictures, 255 * mean, atol=1)


def test_objects_lie_in_the_ball_have_five_to_eight_boxes_and_differ():
    objects = solids.drawn(200, np.random.default_rng(0))
    reach = np.nanmax(np.linalg.norm(np.maximum(np.abs(objects.low), np.abs(objects.high)), axis=2), axis=1)
    assert reach.max() < 1 and reach.min() > 0.8
    counts = np.isfinite(objects.low[..., 0]).sum(axis=1)
    assert set(counts) <= set(range(5, 9)) and len(set(counts)) > 1
    assert np.nanmin(objects.colour) >= 0 and np.nanmax(objects.colour) <= 1
    turn, elevation = solids.poses(2000, np.random.default_rng(0))
    assert turn.min() < 5 and turn.max() > 355 and (elevation.min(), elevation.max()) == pytest.approx((10, 40), abs=0.2)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(boxes, "N_TRAIN", 20)
    monkeypatch.setattr(boxes, "N_TEST", 6)


def test_boxes_are_rendered_once_and_kept(few, tmp_path, monkeypatch):
    first = data.load("boxes", workspace=tmp_path)
    assert first.x.shape == (20, 32, 32, 3) and first.x_test.shape == (6, 32, 32, 3) and not first.labelled
    assert (first.x[:, 0, 0] == 255).all() and not first.more, "white behind, and no pose beside"
    file, = (tmp_path / "cache" / "rendered").iterdir()
    monkeypatch.setattr(boxes, "_rendered", lambda size: pytest.fail("they lie there"))
    assert np.array_equal(data.load("boxes", workspace=tmp_path).x, first.x)
    monkeypatch.undo()


def test_a_damaged_file_is_made_again_and_visitors_leave_none(few, tmp_path, monkeypatch):
    first = data.load("boxes", size=16, workspace=tmp_path)
    file, = (tmp_path / "cache" / "rendered").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert np.array_equal(data.load("boxes", size=16, workspace=tmp_path).x, first.x) and file.stat().st_size > 100
    monkeypatch.setenv(visitors.VARIABLE, "1")
    assert np.array_equal(data.load("boxes", size=16, workspace=tmp_path / "other").x, first.x)
    assert not (tmp_path / "other").exists()


def test_another_size_is_the_same_objects_drawn_finer(few):
    small, large = (boxes.load("boxes", size).x.astype(float) for size in (16, 32))
    means = large.reshape(20, 16, 2, 16, 2, 3).mean(axis=(2, 4))
    assert np.abs(means - small).mean() < 6


def test_a_size_that_would_take_too_long_is_a_sentence():
    with pytest.raises(BadInput, match="up to 128") as error:
        boxes.load("boxes", 200)
    assert is_a_sentence(str(error.value)) and "size" in error.value.fields
