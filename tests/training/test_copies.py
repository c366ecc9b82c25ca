"""Few images: what samples are most like, and an alarm when they are the images again."""

import numpy as np
import pytest

from gan_core.data import IMAGES, POINTS, Dataset, floats
from gan_core.evaluation.alarms import by_heart
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from gan_core.training.sheets import COARSE, FEW, Nearest, _coarse


@pytest.fixture
def dataset():
    rng = np.random.default_rng(0)
    shapes = rng.integers(0, 256, (30, 4, 4, 3)).repeat(8, 1).repeat(8, 2)
    return Dataset("mine", IMAGES, shapes.astype(np.uint8), None, ())


def test_the_nearest_is_found_and_a_copy_is_one(dataset):
    rng, samples = np.random.default_rng(1), floats(dataset.x)
    nearest = Nearest(dataset)
    copies = np.clip(samples[[3, 7]] + 0.1 * rng.standard_normal(samples[:2].shape), -1, 1)
    rows, mirrored, _ = nearest.places(copies)
    assert rows.tolist() == [3, 7] and not mirrored.any()
    assert nearest.figures(copies) == {"copied": 1.0}
    others = floats(rng.integers(0, 256, (8, 4, 4, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8))
    assert nearest.figures(others) == {"copied": 0.0}
    (title, ((_, shown), (_, real))), = nearest.view(copies).items()
    assert title == "Nearest in the data" and np.array_equal(real, samples[[3, 7]]) and shown is copies


def test_the_average_of_all_is_no_copy(dataset):
    """A blur is near to everything, and to nothing very near."""
    blur = np.repeat(floats(dataset.x).mean(0, keepdims=True), 4, axis=0)
    assert Nearest(dataset).figures(blur) == {"copied": 0.0}


def test_a_mirrored_copy_is_one_where_mirrored_images_were_learned(dataset):
    turned = floats(dataset.x)[[5], :, ::-1]
    assert Nearest(dataset).figures(turned) == {"copied": 0.0}
    nearest = Nearest(dataset, mirror=True)
    assert nearest.figures(turned) == {"copied": 1.0}
    (_, ((_, _), (_, real))), = nearest.view(turned).items()
    assert np.array_equal(real, turned)


def test_what_is_no_number_has_no_figures(dataset):
    broken = np.full((2, 32, 32, 3), np.nan, np.float32)
    assert Nearest(dataset).figures(broken) == {} and Nearest(dataset).view(broken) == {}


@pytest.mark.parametrize("side", [8, 28, 30, 64, 256])
def test_images_are_compared_small(side):
    small = _coarse(np.zeros((2, side, side, 3), np.float32)).shape[1]
    assert side % small == 0 and (small >= COARSE or small == side) and small < 2 * COARSE + 8


def test_only_few_images_are_looked_through(noise):
    assert Nearest.suits(noise(n=FEW)) and not Nearest.suits(noise(n=FEW + 1)) and not Nearest.suits(noise(POINTS))


def test_a_run_on_few_images_keeps_them_beside_its_samples(noise, tiny_spec):
    dataset = noise(size=8)
    spec, recorder = tiny_spec("gan", dataset, steps=2), MemoryRecorder()
    loop.fit(loop.build(spec), spec, dataset, recorder)
    steps = [step for step, title, rows in recorder.views if title == "Nearest in the data"]
    assert steps == [step for step, _, _ in recorder.sheets]
    assert all("copied" in values for _, values in recorder.rows if "sheet_spread" in values)


# The alarm


class Curves:
    def __init__(self, copied, spread):
        self.values = {"copied": np.array(copied), "sheet_spread": np.array(spread)}

    def later(self, key):
        return self.values[key]


class Run:
    knobs = {"augment": "none"}


@pytest.mark.parametrize("copied, spread, raised", [
    ([0.0, 0.0, 0.0, 0.0], [1.0] * 4, False),
    ([0.2, 0.3, 0.4, 0.4], [1.0] * 4, False),
    ([0.1, 0.7, 0.9, 1.0], [0.9] * 4, True),
    ([0.9, 1.0, 1.0], [0.01] * 3, False),  # one image only: collapse is another alarm's
    ([1.0, 1.0], [0.9] * 2, False),
])
def test_the_alarm_is_raised_for_copies_that_vary(copied, spread, raised):
    said = by_heart.check(by_heart.RULE, Curves(copied, spread), Run())
    assert bool(said) == raised
    if raised:
        why, advice, change = said
        assert "%" in why and advice and change == {"augment": ("diffaugment",)}


def test_a_generator_that_knows_them_by_heart_is_told(dataset):
    """The figures of a real alarm: samples that are the images with a little noise, and new ones."""
    rng, nearest, images = np.random.default_rng(0), Nearest(dataset), floats(dataset.x)
    figures = []
    for _ in range(3):
        chosen = images[rng.integers(0, len(images), 16)]
        figures.append(nearest.figures(chosen + 0.2 * rng.standard_normal(chosen.shape))["copied"])
    assert by_heart.check(by_heart.RULE, Curves(figures, [0.9] * 3), Run())
