"""WaveNet: what a number of a wave may see, its likelihood, and waves drawn number by number."""

import math

import numpy as np
import pytest
from keras import ops

from gan_core.data import SOUND, floats
from gan_core.errors import BadInput
from gan_core.models import inputs
from gan_core.models.networks import causal
from gan_core.sound import mu_law
from gan_core.tasks import sampling
from helpers_engine import array
from helpers_runs import is_a_sentence

DILATIONS = [1, 2, 4, 1, 2, 4]


def network(length=20, dilations=DILATIONS, classes=0, seed=0):
    """One whose weights, biases included, are all at work."""
    made = causal.wave_network(length, dilations, 5, 7, classes, 3 if classes else 0)
    rng = np.random.default_rng(seed)
    made.set_weights([w + rng.normal(0.0, 0.4, w.shape) for w in made.get_weights()])
    return made


# Levels


def test_levels_come_back_from_the_waves_that_they_stand_for():
    levels = np.arange(mu_law.LEVELS)
    waves = mu_law.waves_of(levels)
    assert np.array_equal(mu_law.levels_of(waves), levels) and waves[0] == -1 and waves[-1] == 1
    assert np.array_equal(array(causal.levels_in(waves)), levels)
    np.testing.assert_allclose(mu_law.companded(0.5), math.log(1 + 255 * 0.5) / math.log(256), rtol=1e-12)
    assert (np.diff(waves) > 0).all() and np.diff(waves)[127] < np.diff(waves)[250] / 100, "closer the quieter"
    assert mu_law.levels_of([9.0, -9.0, 0.0]).tolist() == [255, 0, 128]


def test_a_level_ends_where_the_next_begins():
    edges = mu_law.edges()
    assert edges.shape == (255,) and np.array_equal(mu_law.levels_of(edges - 1e-9), np.arange(255))
    assert np.array_equal(mu_law.levels_of(edges + 1e-9), np.arange(1, 256))


def test_tensors_and_arrays_have_the_same_levels():
    waves = np.concatenate([np.random.default_rng(0).uniform(-1.2, 1.2, 2000), 10.0 ** -np.arange(1, 9)]).astype(np.float32)
    assert np.array_equal(array(causal.levels_in(waves)), mu_law.levels_of(waves))


# What a number sees


def test_a_number_sees_all_of_its_context_and_nothing_of_its_future():
    """Through the features of the levels, which have no slope themselves: what is asked is where a change arrives."""
    made, context = network(), causal.context(DILATIONS)
    wave = np.random.default_rng(1).uniform(-1, 1, (1, context - 1 + 20, 1)).astype(np.float32)
    plain = array(made(wave))
    assert plain.shape == (1, 20, 256)
    for place in range(wave.shape[1]):
        other = wave.copy()
        other[0, place] = -np.sign(other[0, place]) * 0.5
        changed = np.flatnonzero(np.abs(array(made(other)) - plain).max(axis=(0, 2)) > 0)
        # Logits i are told from the places i to i + context - 1, and are of the number that comes next.
        wanted = [i for i in range(20) if i <= place <= i + context - 1]
        assert changed.tolist() == wanted, place


def test_the_probabilities_of_a_number_add_up_to_one_and_the_loss_is_that_of_the_right_one(noise, tiny_model):
    """The off-by-one that makes a network foresee: the bits of a wave, counted by hand from the whole network."""
    dataset = noise(SOUND, n=6)
    model = tiny_model("wavenet", dataset, seed=3)
    real, length = floats(dataset.x), dataset.x.shape[1]
    padded = np.concatenate([np.zeros((6, model.context, 1), np.float32), real], axis=1)
    levels, bits = mu_law.levels_of(real[..., 0]), np.zeros((6, length))
    for place in range(length):
        heard = padded[:, place:place + model.context]  # what is before this number, and nothing of it
        window = np.concatenate([heard, np.ones((6, model.stretch - 1, 1), np.float32)], axis=1)
        logits = array(model.sampler("network")([window, dataset.y]))[:, 0].astype(float)
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        bits[:, place] = -np.log2(p[np.arange(6), levels[:, place]])
    np.testing.assert_allclose(model.surprise(dataset.x, dataset.y)[..., 0], bits, rtol=1e-3)


def test_an_untrained_network_needs_about_the_bits_that_levels_have(noise, tiny_model):
    dataset = noise(SOUND)
    model = tiny_model("wavenet", dataset)
    batch = {"real": ops.convert_to_tensor(floats(dataset.x[:8])), "label": ops.convert_to_tensor(dataset.y[:8])}
    nats, logs = model.negative_log_likelihood(batch)
    assert float(logs["bits"]) == pytest.approx(8.0, abs=0.5)
    assert model.surprise(dataset.x[:8], dataset.y[:8]).mean() == pytest.approx(8.0, abs=0.5)
    assert float(nats) == pytest.approx(float(logs["bits"]) * math.log(2), rel=1e-5)


def test_stretches_begin_everywhere_and_often_where_samples_begin(noise, tiny_model, monkeypatch):
    """Also at both ends, where a place that is drawn evenly from all that fit would hardly ever begin."""
    dataset = noise(SOUND, n=4)
    model, seen = tiny_model("wavenet", dataset), []
    position = np.repeat(np.linspace(-1, 1, dataset.x.shape[1], dtype=np.float32)[None, :, None], 4, axis=0)
    monkeypatch.setattr(model, "_nats", lambda network, heard, wanted, label, training: (
        seen.extend(zip(array(heard)[..., 0], array(wanted)[..., 0])), ops.zeros((4,)))[1])
    for _ in range(60):
        model.negative_log_likelihood({"real": ops.convert_to_tensor(position), "label": ops.convert_to_tensor(dataset.y)})
    firsts = [np.flatnonzero(position[0, :, 0] == wanted[0])[0] for _, wanted in seen]
    last = dataset.x.shape[1] - model.stretch
    assert min(firsts) == 0 and max(firsts) == last and len(set(firsts)) > 20
    assert 0.1 < np.mean(np.array(firsts) == 0) < 0.5 and 0.1 < np.mean(np.array(firsts) == last) < 0.5
    for first, (heard, wanted) in zip(firsts, seen):
        before = heard[model.context - 1:model.context]
        assert before == (0.0 if first == 0 else position[0, first - 1, 0]), "what is heard last is what came before"
        assert np.array_equal(heard[model.context:], wanted[:-1])


# Drawing


@pytest.mark.parametrize("classes", [0, 3])
def test_cached_drawing_equals_the_whole_network_at_each_number(classes):
    made, context = network(length=1, classes=classes), causal.context(DILATIONS)
    uniform = np.random.default_rng(0).random((4, 40, 1)).astype(np.float32)
    label = np.array([0, 2, 1, 2], np.int32) if classes else None
    slow = np.zeros((4, context + 40, 1), np.float32)  # silence, and then the wave
    for place in range(40):
        heard = slow[:, place:place + context]
        logits = array(made([heard, label] if classes else heard))[:, 0]
        slow[:, context + place, 0] = mu_law.waves_of(causal.pick(logits, uniform[:, place, 0]))
    told = []
    quick = causal.draw(made, uniform, label, told.append)
    np.testing.assert_array_equal(quick, slow[:, context:])
    assert len(np.unique(quick)) > 20 and told == sorted(told) and told[-1] == 1.0 and len(told) == 40


def test_logits_from_queues_are_those_of_the_network():
    made, context = network(length=30), causal.context(DILATIONS)
    levels = np.random.default_rng(2).integers(0, 256, (3, 30))
    parts = causal._Parts(made, None, 3)
    quick = np.stack([parts.next(levels[:, place]) for place in range(30)], axis=1)
    padded = np.concatenate([np.zeros((3, context - 1, 1), np.float32), mu_law.waves_of(levels)[..., None]], axis=1)
    np.testing.assert_allclose(quick, array(made(padded)), atol=2e-4)


def test_a_level_is_picked_where_the_cumulative_probability_exceeds_the_number():
    logits = np.log(np.array([[0.2, 0.5, 0.3]] * 6))
    np.testing.assert_array_equal(causal.pick(logits, np.array([0.0, 0.19, 0.21, 0.69, 0.71, 0.9999])), [0, 0, 1, 1, 2, 2])


def test_the_same_numbers_give_the_same_sound_whatever_is_drawn_beside_it(noise, tiny_model):
    model = tiny_model("wavenet", noise(SOUND))
    drawn = inputs.draw(model.inputs(), 9, seed=3)
    whole = array(model.sample(drawn))
    np.testing.assert_array_equal(whole[:4], model.sample({name: values[:4] for name, values in drawn.items()}))
    assert whole.dtype == np.float32 and np.abs(whole).max() <= 1 and len(np.unique(whole)) > 100


def test_longer_sound_begins_as_shorter_does(noise, tiny_model):
    """The clips have 64 numbers of 8,000 a second."""
    model = tiny_model("wavenet", noise(SOUND))
    short, labels = sampling.draw_from(model, 2, seed=5)
    long, again = sampling.draw_from(model, 2, seed=5, seconds=0.025)
    assert short.shape == (2, 64, 1) and long.shape == (2, 200, 1) and np.array_equal(labels, again)
    np.testing.assert_array_equal(long[:, :64], short)
    tiny, _ = sampling.draw_from(model, 1, seconds=1 / 8000)
    assert tiny.shape == (1, 1, 1)


@pytest.mark.parametrize("seconds", [1e-9, 1e6, 61])
def test_sound_that_is_too_long_or_too_short_is_refused(noise, tiny_model, seconds):
    with pytest.raises(BadInput, match="60 seconds") as refused:
        sampling.draw_from(tiny_model("wavenet", noise(SOUND)), 1, seconds=seconds)
    assert is_a_sentence(str(refused.value))


def test_pictures_have_no_length(noise, tiny_model):
    with pytest.raises(BadInput, match="no length in seconds") as refused:
        sampling.draw_from(tiny_model("pixelcnn", noise()), 1, seconds=1.0)
    assert is_a_sentence(str(refused.value))


def test_without_labels_nothing_is_told(noise, tiny_model):
    plain, told = (tiny_model("wavenet", noise(SOUND, classes=classes)) for classes in ((), ("a", "b")))
    deaf = tiny_model("wavenet", noise(SOUND), class_conditional=False)
    assert [each.name for each in told.inputs()] == ["uniform", "label"]
    assert all([each.name for each in model.inputs()] == ["uniform"] for model in (plain, deaf))
    drawn = inputs.draw(told.inputs(), 1, seed=0)
    said = [array(told.network([np.zeros((1, told.context - 1 + told.stretch, 1)), np.array([label])])) for label in (0, 1)]
    assert np.abs(said[0] - said[1]).max() > 0 and drawn["label"].shape == (1,)


def test_clips_shorter_than_a_stretch_are_learned_whole(noise, tiny_model):
    dataset = noise(SOUND, n=8)
    model = tiny_model("wavenet", dataset, stretch=1000)
    assert model.stretch == dataset.x.shape[1] == 64
    batch = {"real": ops.convert_to_tensor(floats(dataset.x)), "label": ops.convert_to_tensor(dataset.y)}
    assert np.isfinite(float(model.negative_log_likelihood(batch)[0]))
