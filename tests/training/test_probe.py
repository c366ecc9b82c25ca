"""The probe: what it says of samples, that it says it of every architecture, and that it moves nothing."""

import dataclasses
import time

import keras
import numpy as np
import pytest

import helpers_scoring
from gan_core.data import IMAGES, PAIRS, POINTS, floats
from gan_core.models.inputs import Label, Latent, SourceImage
from gan_core.training import loop
from gan_core.training.live_scores import Probe, suited
from gan_core.training.recorder import MemoryRecorder
from gan_core.training.sheets import SheetSpread
from helpers_zoo import GAMES, zoo_wide

digits = helpers_scoring.digits  # the fixture


@pytest.fixture(scope="module")
def split(noise_for):
    """Noise that an architecture can learn, with held-out samples."""
    def make(name, kind):
        found = noise_for(name, kind, n=1100)
        more, more_test = ({name: values[part] for name, values in found.more.items()}
                           for part in (slice(600), slice(600, None)))
        return dataclasses.replace(found, x=found.x[:600], x_test=found.x[600:], more=more, more_test=more_test,
                                   y=None if found.y is None else found.y[:600],
                                   y_test=None if found.y is None else found.y[600:])
    return make


@zoo_wide
@pytest.mark.parametrize("name, kind", GAMES)
def test_every_architecture_can_be_probed_and_nothing_moves(split, tiny_model, name, kind):
    dataset = split(name, kind)
    model = tiny_model(name, dataset)
    probe = suited(model, dataset)
    before = [np.array(keras.ops.convert_to_numpy(v)) for v in model.variables]
    found = probe(model)
    assert found and np.isfinite(list(found.values())).all()
    assert model.chooses or model.gives or {"spread", "duplicates"} <= set(found)
    assert all(isinstance(value, float) for value in found.values())
    after = [keras.ops.convert_to_numpy(v) for v in model.variables]
    assert [v.path for v, old, new in zip(model.variables, before, after) if not np.array_equal(old, new)] == []


class Draws:
    """A model that draws what it is told."""

    chooses = False

    def __init__(self, samples):
        self.samples = samples

    def inputs(self):
        return (Latent(2),)

    def sample(self, inputs):
        return self.samples[:len(inputs["latent"])]


def test_real_samples_come_near_the_floor_and_one_sample_alone_is_a_collapse(split):
    dataset = split("gan", POINTS)
    probe = Probe(dataset)
    real = probe(Draws(dataset.x))
    one = probe(Draws(np.repeat(dataset.x[:1], 600, axis=0)))
    assert abs(real["kernel"]) < 0.1 and "kernel" not in one, "of one sample there is no distribution"
    assert real["spread"] == pytest.approx(1.0, rel=0.1) and one["spread"] < 0.01
    assert one["duplicates"] == 1.0


def test_what_is_made_of_one_picture_twice_is_no_lack_of_variety(split):
    """Of 40 held-out pairs a thousand samples are drawn: each comes again, and none is a twin of another."""
    dataset = split("pix2pix", PAIRS)
    few = dataclasses.replace(dataset, x_test=dataset.x_test[:40],
                              more_test={name: values[:40] for name, values in dataset.more_test.items()})

    class Copies(Draws):
        def inputs(self):
            return (SourceImage(dataset.x.shape[1:]),)

        def sample(self, inputs):
            return self.samples if self.samples is not None else inputs["source"]

    true, one = Probe(few)(Copies(None)), Probe(few)(Copies(np.zeros((250, *dataset.x.shape[1:]), np.float32)))
    assert true["duplicates"] < 0.05 and true["spread"] > 0.8
    assert one["duplicates"] == 1.0 and one["spread"] < 0.05


def test_classes_are_counted_by_the_nearest_real_samples(noise):
    """Three clouds far apart: all of them, two, one; of unequal classes the real share is the measure."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 1200).astype(np.int32)
    x = (10 * np.eye(3, 2)[y] + rng.normal(size=(1200, 2))).astype(np.float32)
    whole = dataclasses.replace(noise(POINTS), x=x, y=y, x_test=None, y_test=None)
    evenness = lambda data, samples: Probe(data)(Draws(samples))["class_entropy"]  # noqa: E731
    assert evenness(whole, x) == pytest.approx(1, abs=0.01)
    assert evenness(whole, x[y < 2]) == pytest.approx(np.log(2) / np.log(3), abs=0.02)
    assert evenness(whole, x[y == 2]) == pytest.approx(0, abs=0.02)
    rare = (y > 0) | (rng.random(1200) < 0.2)
    unequal = dataclasses.replace(whole, x=x[rare], y=y[rare])
    assert evenness(unequal, x[rare]) == pytest.approx(1, abs=0.02)
    assert "class_entropy" not in Probe(dataclasses.replace(whole, y=None))(Draws(x))


def test_samples_that_are_no_numbers_are_passed_over(split):
    dataset = split("gan", POINTS)
    assert Probe(dataset)(Draws(np.full((600, 2), np.nan, np.float32))) == {}


def test_small_data_are_not_probed(split):
    dataset = split("gan", IMAGES)
    assert Probe.suits(dataset) and not Probe.suits(dataclasses.replace(dataset, x=dataset.x[:199]))


def test_the_users_own_images_are_watched_by_those_kept_from_training(noise_for, tiny_model, monkeypatch):
    own, judged = noise_for("gan", IMAGES, n=300), []

    def by_heart(model, samples, labels):
        judged.append(len(samples))
        return np.full(len(samples), (3.0, 0.0, -1.0)[len(judged) - 1])  # learned from, held out, generated

    monkeypatch.setattr(Probe, "_logits", staticmethod(by_heart))
    assert "held_out_gap" not in Probe(own)(tiny_model("gan", own)), "there is nothing to tell by"
    found = Probe(own.keeping_apart(0.1))(tiny_model("gan", own))
    assert judged == [270, 30, 270], "of few, no more are drawn than there are"
    assert np.isfinite(found["kernel"])
    assert (found["sure_of_real"], found["held_out_gap"]) == (1.0, 0.75)
    judged.clear()
    found = Probe(own.keeping_apart(0.1))(tiny_model("wgan_gp", own))
    assert found["held_out_gap"] == 0.75 and "sure_of_real" not in found, "a critic's verdict has no zero"


def test_probes_are_dense_at_first_and_never_dear():
    def trained(seconds, cost, first):
        """When probes begin within so many seconds, and the share of the time that they take."""
        now = probing = 0.0
        began = []
        while (now := now + loop.pause(30.0, len(began), probing, now - probing)) < seconds:
            began.append(now)
            took = cost if len(began) > 1 else first
            now, probing = now + took, probing + took
        return began, probing / now

    began, share = trained(60, 0.05, 0.2)
    assert len(began) >= 4 and began[0] <= 5, "a collapse can be seen within a minute"
    for cost in (0.05, 0.7, 5.0):
        began, share = trained(1800, cost, 3 * cost)
        assert share <= 0.03 and len(began) >= min(60, 0.019 * 1800 / cost)
    assert max(np.diff(trained(1800, 0.05, 0.2)[0])) < 31


def test_a_live_probe_takes_a_second_of_the_processor_at_most(digits, tiny_model):
    model, probe = tiny_model("dcgan", digits), Probe(digits)
    probe(model)  # makes its functions
    began = time.process_time()
    found = probe(model)
    took = time.process_time() - began
    assert took <= 1.0 and "kernel" in found and len(probe.real) == 1000


def test_real_samples_against_others_are_the_floor_where_there_are_a_hundred_others(digits):
    few = dataclasses.replace(digits, x_test=digits.x_test[:99], y_test=digits.y_test[:99])
    assert Probe(few).floor is None
    for data, others in ((digits, 299), (dataclasses.replace(digits, x_test=digits.x_test[:100], y_test=None), 100)):
        probe = Probe(data)
        assert len(data.x_test) == others and abs(probe.floor.mean) < 3 * probe.floor.std < 0.01


def test_training_charts_what_the_probe_finds_and_waits_in_between(noise, tiny_spec):
    dataset = noise(POINTS)
    spec = tiny_spec("gan", dataset, steps=6, probe_seconds=1e-6)
    asked, recorder = [], MemoryRecorder()
    loop.fit(loop.build(spec), spec, dataset, recorder, probe=lambda model: asked.append(model) or {"kernel": 0.5})
    charted = [step for step, row in recorder.rows if row == {"kernel": 0.5}]
    assert charted and len(charted) == len(asked)
    recorder = MemoryRecorder()
    quiet = tiny_spec("gan", dataset, steps=6)
    loop.fit(loop.build(quiet), quiet, dataset, recorder, probe=lambda model: pytest.fail("it is turned off"))


@pytest.mark.parametrize("values, stop_after, steps", [
    ({"checkpoint_seconds": 3600}, None, [0, 6]), ({"checkpoint_seconds": 3600}, 4, [0, 4]),
    ({"checkpoint_seconds": 0}, None, [0, 1, 2, 3, 4, 5, 6])], ids=["finished", "stopped", "beside checkpoints"])
def test_it_is_measured_before_the_first_step_beside_checkpoints_and_at_the_end(noise, tiny_spec, monkeypatch, values,
                                                                                 stop_after, steps):
    monkeypatch.setattr(loop, "PROBE_SHARE", 0)  # a probe costs nothing, so every checkpoint can have one
    dataset, recorder = noise(POINTS), MemoryRecorder(stop_after=stop_after)
    spec = tiny_spec("gan", dataset, steps=6, probe_seconds=3600, **values)
    loop.fit(loop.build(spec), spec, dataset, recorder, probe=lambda model: {"kernel": 0.5})
    assert [step for step, row in recorder.rows if "kernel" in row] == steps, "and never twice"


def test_a_dear_probe_does_not_come_with_every_checkpoint(noise, tiny_spec, monkeypatch):
    monkeypatch.setattr(loop, "PROBE_SHARE", 1e9)  # whatever it takes is too much
    dataset, asked = noise(POINTS), []
    spec = tiny_spec("gan", dataset, steps=6, probe_seconds=3600, checkpoint_seconds=0)
    loop.fit(loop.build(spec), spec, dataset, MemoryRecorder(), probe=lambda model: asked.append(model) or {})
    assert len(asked) == 2, "before the first step and at the end"


@pytest.mark.parametrize("kind", [IMAGES, POINTS])
def test_every_sheet_says_how_much_its_samples_differ(noise, tiny_spec, kind):
    dataset, recorder = noise(kind), MemoryRecorder()
    spec = tiny_spec("gan", dataset, steps=7, sample_every=4)
    loop.fit(loop.build(spec), spec, dataset, recorder)
    charted = {step: row["sheet_spread"] for step, row in recorder.rows if "sheet_spread" in row}
    assert list(charted) == [step for step, *_ in recorder.sheets if step], "in the row of the step"
    real = floats(dataset.x).std(axis=0)
    for step, samples, _ in recorder.sheets[1:]:
        assert charted[step] == pytest.approx(np.sqrt((samples.std(axis=0) ** 2).mean() / (real ** 2).mean()), rel=1e-3)


def test_the_spread_of_a_sheet_knows_one_blob_real_samples_and_constant_data(noise):
    dataset = noise(IMAGES, n=1100)
    x = floats(dataset.x)
    spread = SheetSpread(dataset)
    assert spread(np.repeat(x[:1], 64, axis=0))["sheet_spread"] == pytest.approx(0, abs=1e-6)
    assert spread(x[:500])["sheet_spread"] == pytest.approx(1, abs=0.02)
    assert spread(np.full_like(x[:64], np.nan)) == {}
    constant = dataclasses.replace(dataset, x=np.zeros_like(dataset.x))
    assert SheetSpread(constant)(x[:64]) == {"data_deviation": 0.0}


def test_labels_are_compared_with_what_was_asked_for(noise):
    """Three clouds far apart, and what is drawn of each class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 1200).astype(np.int32)
    x = (10 * np.eye(3, 2)[y] + rng.normal(size=(1200, 2))).astype(np.float32)
    whole = dataclasses.replace(noise(POINTS), x=x, y=y, x_test=None, y_test=None)

    class Asked(Draws):
        def inputs(self):
            return (Latent(2), Label(("a", "b", "c")))

        def sample(self, inputs):
            return self.samples[inputs["label"]]

    right, wrong = (np.stack([x[y == label][0] for label in order]) for order in ((0, 1, 2), (1, 2, 0)))
    found = Probe(whole)(Asked(right))
    assert found["label_match"] == 1.0 and found["label_match_real"] > 0.99
    assert found["label_chance"] == pytest.approx(1 / 3, abs=0.02)
    assert Probe(whole)(Asked(wrong))["label_match"] == 0.0
    shuffled = Probe(dataclasses.replace(whole, y=rng.permutation(y)))(Asked(right))
    assert shuffled["label_match_real"] == pytest.approx(shuffled["label_chance"], abs=0.06)
    assert "label_match" not in Probe(whole)(Draws(x)), "nobody asked"


def test_data_that_are_all_alike_are_measured_without_a_word_of_division(split, recwarn):
    dataset = split("gan", POINTS)
    alike = dataclasses.replace(dataset, x=np.ones_like(dataset.x), x_test=np.ones_like(dataset.x_test))
    found = Probe(alike)(Draws(dataset.x))
    assert "spread" not in found and np.isfinite(list(found.values())).all()
    assert not [warning for warning in recwarn if "divide" in str(warning.message)]
