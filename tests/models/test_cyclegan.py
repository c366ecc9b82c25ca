"""CycleGAN: the pool of earlier translations, both ways, and what its losses are made of."""

import numpy as np
import pytest
from keras import ops

from gan_core.data import DOMAINS
from gan_core.engine.autodiff import compiled
from gan_core.models.networks import translation
from helpers_engine import array
from helpers_zoo import built


@pytest.fixture
def model(noise):
    return built("cyclegan", noise(DOMAINS).spec, pool=8, identity=0.5)


def images(*values, side=8):
    return ops.convert_to_tensor(np.stack([np.full((side, side, 1), value, np.float32) for value in values]))


def test_the_pool_fills_and_then_gives_half_of_what_it_has(model):
    first = images(*np.linspace(-1, 0, 4))
    np.testing.assert_array_equal(array(model._pooled("b", first)), array(first), "all are new until it is full")
    model._pooled("b", images(*np.linspace(0.1, 1, 4)))
    assert int(model.pooled_b) == 8 and int(model.pooled_a) == 0
    kept = {round(float(image.mean()) / 127.5 - 1, 1) for image in array(model.pool_b)}
    assert len(kept) >= 7
    old = 0
    for number in range(60):
        new = images(*([0.5 + number / 1000] * 4))
        shown, before = array(model._pooled("b", new)), array(new)
        is_old = np.abs(shown - before).max((1, 2, 3)) > 1e-6
        old += is_old.sum()
    assert 80 < old < 160, "about half of 240"
    assert array(model.pool_b).min() > 150, "new ones have taken the places of the first"


def test_without_a_pool_all_are_new(noise):
    model = built("cyclegan", noise(DOMAINS).spec, pool=0)
    made = images(0.1, 0.2)
    np.testing.assert_array_equal(array(model._pooled("a", made)), array(made))
    assert not hasattr(model, "pool_a")


def test_the_way_back_and_staying_the_same_are_what_they_say(model, noise):
    batch = {"source": images(0.2, -0.4), "real": images(-0.1, 0.6)}
    model.generator = model.generator_back = lambda x, training=False: x * 0.5
    total, logs = model.generator_loss(batch)
    source, real = np.array([0.2, -0.4]), np.array([-0.1, 0.6])
    back = np.abs(source / 4 - source).mean() + np.abs(real / 4 - real).mean()
    same = np.abs(source / 2 - source).mean() + np.abs(real / 2 - real).mean()
    assert float(logs["cycle"]) == pytest.approx(back / 2, rel=1e-5)
    assert float(logs["identity"]) == pytest.approx(same / 2, rel=1e-5)
    assert float(total) > model.config.cycle * (back + 0.5 * same) - 1e-4


def test_both_ways_are_translated_and_come_back(model):
    pictures = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 1)).astype(np.float32)
    there, back = (array(model.translate(pictures, to)) for to in ("b", "a"))
    assert there.shape == back.shape == pictures.shape and not np.allclose(there, back)
    and_back = model.translate(model.translate(pictures, "a"), "b")
    np.testing.assert_allclose(array(model.reconstruction(pictures)), array(and_back))
    np.testing.assert_allclose(array(model.sample({"source": pictures})), there)


def test_a_translation_depends_on_no_other_image(model):
    pictures = np.random.default_rng(0).uniform(-1, 1, (5, 8, 8, 1)).astype(np.float32)
    together = array(model.translate(pictures, "b"))
    for number in range(5):
        np.testing.assert_allclose(array(model.translate(pictures[number:number + 1], "b"))[0], together[number], atol=1e-5)


def test_it_learns_to_turn_light_into_dark(noise_for, tiny_model):
    """The smallest task: one domain is dark, the other light, and translating is a shift."""
    import dataclasses

    from gan_core import data

    rng, dataset = np.random.default_rng(0), noise_for("cyclegan", DOMAINS, n=64)
    dark = rng.integers(20, 60, dataset.more["source"].shape).astype(np.uint8)
    light = rng.integers(190, 230, dataset.x.shape).astype(np.uint8)
    dataset = dataclasses.replace(dataset, x=light, more={"source": dark})
    model = tiny_model("cyclegan", dataset, generator_rate=2e-3, discriminator_rate=1e-3, batch_size=8, filters=8)
    before = float(np.mean(array(model.translate(data.floats(dark[:8]), "b"))))
    source, play = data.batches(dataset, 8, seed=0), compiled(lambda batch: model.train_step((batch,)))
    for step in range(60):
        play({key: ops.convert_to_tensor(value) for key, value in source.batch_at(step).items()})
    after = float(np.mean(array(model.translate(data.floats(dark[:8]), "b"))))
    assert after > before + 0.2, (before, after)


def test_its_translator_squeezes_to_a_quarter(noise):
    network = translation.residual_translator((32, 32, 1), (32, 32, 3), 8, 2)
    assert min(layer.output.shape[1] for layer in network.layers) == 8 and network.output_shape == (None, 32, 32, 3)
