"""Labels read back from pictures: the counting by hand, and a network that learns to read."""

import dataclasses

import numpy as np
import pytest

from gan_core.data import PAIRS, Dataset
from gan_core.errors import Stopped
from gan_core.evaluation import label_reading

COLOURS = np.array([[255, 0, 0], [0, 0, 255], [0, 255, 0]], np.uint8)
QUICK = label_reading.Recipe(steps=60, batch=8, rate=5e-3, filters=8)


def pairs(n=40, side=16, seed=0):
    """Label maps of stripes, and pictures whose brightness says the label, with noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, (n, side // 4)).repeat(4, axis=1)[:, None].repeat(side, axis=1)
    grey = 40 + 80 * labels + rng.normal(0, 8, labels.shape)
    pictures = np.clip(grey, 0, 255).astype(np.uint8)[..., None]
    return Dataset("stripes", PAIRS, pictures, None, more={"source": COLOURS[labels]})


def test_counts_are_those_of_the_paper():
    asked = np.array([[[0, 0, 1], [1, 1, 2]]])
    read = np.array([[[0, 1, 1], [1, 1, 1]]])
    found = label_reading.compare(read, asked, 4)
    assert found.pixel_accuracy == pytest.approx(4 / 6)
    assert found.class_accuracy == pytest.approx((1 / 2 + 1 + 0) / 3), "a label that is nowhere counts for nothing"
    assert found.iou == pytest.approx((1 / 2 + 3 / 5 + 0) / 3)
    assert label_reading.compare(asked, asked, 3) == (1, 1, 1)


def test_it_learns_to_read_is_kept_and_can_be_stopped(tmp_path):
    dataset, others = pairs(), pairs(8, seed=1)
    colours = label_reading.colours_of(dataset)
    read = label_reading.reader(dataset, tmp_path, recipe=QUICK)
    asked = (others.more["source"][..., None, :] == colours).all(-1).argmax(-1)
    found = label_reading.compare(read(others.x), asked, 3)
    assert found.pixel_accuracy > 0.9 and found.iou > 0.75, found
    assert len(list((tmp_path / "cache" / "extractors").glob("*.npz"))) == 1
    again = label_reading.reader(dataset, tmp_path, recipe=QUICK, should_stop=lambda: True)
    assert np.array_equal(again(others.x), read(others.x)), "it is not trained again"
    with pytest.raises(Stopped):
        label_reading.reader(dataset, recipe=QUICK, should_stop=lambda: True)


def test_sources_that_are_pictures_are_not_read():
    dataset = pairs()
    noise = np.random.default_rng(0).integers(0, 256, dataset.more["source"].shape, dtype=np.uint8)
    assert label_reading.colours_of(dataclasses.replace(dataset, more={"source": noise})) is None
    smaller = dataclasses.replace(dataset, more={"source": dataset.more["source"][:, ::2, ::2]})
    assert label_reading.colours_of(smaller) is None
    few = dataclasses.replace(dataset, x=dataset.x[:5], more={"source": dataset.more["source"][:5]})
    assert label_reading.colours_of(few) is None
