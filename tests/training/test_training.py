"""Training: the schedule of what is recorded, thinning, divergence, stopping, going on."""

import dataclasses
import math

import h5py
import numpy as np
import pytest

from gan_core import engine
from gan_core.data import IMAGES, POINTS, Dataset
from gan_core.engine import hardware
from gan_core.errors import BadInput
from gan_core.modalities.base import modality, save_as
from gan_core.training import loop
from gan_core.training.loop import due
from gan_core.training.recorder import MemoryRecorder

pytestmark = pytest.mark.settled


class Keeper(MemoryRecorder):
    """A recorder that also writes its checkpoints, into ``folder``, and does ``at[step]()`` after that step."""

    def __init__(self, folder, stop_after=None, at=None):
        super().__init__(stop_after)
        self.folder, self.at = folder, at or {}

    def metrics(self, step, values):
        super().metrics(step, values)
        self.at.get(step, lambda: None)()

    def checkpoint(self, step, write):
        super().checkpoint(step, write)
        write(self.folder / f"{step}.weights.h5")


@pytest.fixture
def start(noise, tiny_spec):
    """``start(**values)``: spec, model and data of a miniature run of ``gan`` on points."""
    dataset = noise(POINTS, classes=())

    def build(name="gan", **values):
        spec = tiny_spec(name, dataset, **values)
        return spec, loop.build(spec), dataset
    return build


def steps_of(recorded):
    return [each[0] for each in recorded]


# The schedule


def test_sheets_come_at_their_interval_and_early_ones_more_often():
    assert [step for step in range(1, 1001) if due(step - 1, step, 300)] == [
        1, 2, 5, 10, 20, 50, 100, 200, 300, 600, 900]
    assert [step for step in range(1, 8) if due(step - 1, step, 1)] == [1, 2, 3, 4, 5, 6, 7]
    assert [step for step in range(1, 11) if due(step - 1, step, 4)] == [1, 2, 4, 8]


def test_a_call_of_several_steps_is_due_when_any_of_them_is():
    assert [step for step in range(20, 401, 20) if due(step - 20, step, 100)] == [20, 60, 100, 200, 300, 400]
    assert not due(100, 199, 100) and due(100, 200, 100) and due(199, 401, 100)


def test_a_run_records_rows_sheets_and_checkpoints_by_its_settings(start):
    spec, model, data = start(steps=7, sample_every=4)
    recorder = MemoryRecorder()
    outcome = loop.fit(model, spec, data, recorder)
    assert (outcome.status, outcome.step, outcome.message) == ("finished", 7, "")
    assert steps_of(recorder.rows) == [1, 2, 3, 4, 5, 6, 7]
    assert steps_of(recorder.sheets) == [0, 1, 2, 4, 7], "before the first step, early, at the interval, at the end"
    assert recorder.checkpoints == [1, 2, 3, 4, 5, 6, 7], "0 seconds: after every call"
    assert outcome.seconds > 0 and outcome.sheet_seconds > 0 and outcome.checkpoint_seconds > 0
    assert "gan" in recorder.lines[0].lower() and "parameters in the generator" in recorder.lines[0]


def test_checkpoints_wait_for_their_time(start):
    spec, model, data = start(steps=5, checkpoint_seconds=3600)
    recorder = MemoryRecorder()
    loop.fit(model, spec, data, recorder)
    assert recorder.checkpoints == [5], "the last one always"


def test_several_steps_a_call(start):
    """The last call has fewer; rows and everything else come once a call."""
    spec, model, data = start(steps=10, steps_per_call=4, sample_every=5)
    recorder = MemoryRecorder()
    outcome = loop.fit(model, spec, data, recorder)
    assert outcome.step == 10 and steps_of(recorder.rows) == [4, 8, 10]
    assert steps_of(recorder.sheets) == [0, 4, 8, 10] and recorder.checkpoints == [4, 8, 10]
    assert int(model.optimizer_of(model.players()[1]).iterations) == 10


def test_speed_is_charted_once_the_first_call_has_compiled(start):
    spec, model, data = start(steps=3)
    recorder = MemoryRecorder()
    loop.fit(model, spec, data, recorder)
    assert ["images_per_second" in row for _, row in recorder.rows] == [False, True, True]
    assert all(row["images_per_second"] > 0 for _, row in recorder.rows[1:])


def test_a_long_run_has_rows_that_are_means(start, monkeypatch):
    every, thin = MemoryRecorder(), MemoryRecorder()
    spec, model, data = start(steps=10)
    loop.fit(model, spec, data, every)
    monkeypatch.setattr(loop, "MAX_ROWS", 3)  # so a row for every four steps
    loop.fit(loop.build(spec), spec, data, thin)
    assert steps_of(thin.rows) == [4, 8, 10], "and one at the end"
    losses = [row["d_loss"] for _, row in every.rows]
    expected = [np.mean(losses[0:4]), np.mean(losses[4:8]), np.mean(losses[8:10])]
    assert [row["d_loss"] for _, row in thin.rows] == pytest.approx(expected, rel=1e-4)
    assert all(math.isfinite(value) for _, row in thin.rows for value in row.values())


def test_samples_are_drawn_from_the_same_inputs_all_along(start):
    spec, model, data = start(steps=2)
    still = loop.build(dataclasses.replace(spec, knobs=spec.knobs | {"ema_decay": 0.9999}))
    recorder = MemoryRecorder()
    loop.fit(still, spec, data, recorder)
    first, last = recorder.sheets[0][1], recorder.sheets[-1][1]
    np.testing.assert_allclose(first, last, atol=1e-2, err_msg="the average has hardly moved, so nor have the samples")


def test_sheets_are_drawn_from_the_same_inputs_whatever_the_seed_of_the_run(start, monkeypatch):
    drawn = []
    for seed in (3, 4):
        spec, model, data = start(steps=1, seed=seed)
        monkeypatch.setattr(type(model), "sample", lambda self, given, training=False: drawn.append(given["latent"])
                            or np.zeros((len(given["latent"]), 2), np.float32))
        loop.fit(model, spec, data, MemoryRecorder())
    assert len(drawn) >= 4 and all(np.array_equal(each, drawn[0]) for each in drawn)


# Divergence


def poison(model, value=np.nan):
    kernel = model.generator.trainable_variables[0]
    kernel.assign(np.full(kernel.shape, value, np.float32))


def test_a_run_whose_loss_is_no_number_ends_as_diverged_and_keeps_the_last_good_checkpoint(start, tmp_path):
    spec, model, data = start(steps=9)
    recorder = Keeper(tmp_path, at={3: lambda: poison(model)})
    outcome = loop.fit(model, spec, data, recorder)
    assert (outcome.status, outcome.step) == ("diverged", 4)
    assert "step 4" in outcome.message and "lower learning rate" in outcome.message and outcome.message.endswith(".")
    assert steps_of(recorder.rows) == [1, 2, 3, 4], "the row that shows it is kept"
    assert recorder.checkpoints == [1, 2], "the weights after step 3 were spoilt already"
    assert max(steps_of(recorder.sheets)) <= 3
    fresh = loop.build(spec)
    fresh.load_weights(tmp_path / "2.weights.h5")
    assert fresh.is_finite()


def test_an_infinite_loss_is_divergence_too(start, monkeypatch):
    spec, model, data = start(steps=9)
    monkeypatch.setattr(model, "verdicts", lambda real, fake: {"d_accuracy_real": 1.0, "d_accuracy_fake": np.inf})
    outcome = loop.fit(model, spec, data, MemoryRecorder())
    assert (outcome.status, outcome.step) == ("diverged", 1) and "d_accuracy_fake" in outcome.message


def test_a_learning_rate_beyond_all_bounds_diverges(start):
    spec, _, data = start(steps=30)
    spec.knobs.update(generator_rate=1e30, discriminator_rate=1e30)  # no form would let this through
    recorder = MemoryRecorder()
    outcome = loop.fit(loop.build(spec), spec, data, recorder)
    assert outcome.status == "diverged" and outcome.step < 30 and len(recorder.rows) == outcome.step


@pytest.mark.parametrize("steps, stop_after", [(3, None), (9, 3)], ids=["the last step", "a stop"])
def test_weights_spoilt_by_the_step_before_the_end_are_no_good_end(start, tmp_path, steps, stop_after):
    """The loss is computed before the weights move: it is the next one that would show it, and there is none."""
    spec, model, data = start(steps=steps)
    recorder = Keeper(tmp_path, stop_after=stop_after, at={3: lambda: poison(model)})
    outcome = loop.fit(model, spec, data, recorder)
    assert (outcome.status, outcome.step) == ("diverged", 3) and outcome.message
    assert recorder.checkpoints == [1, 2]


# Stopping and going on


def test_a_stop_ends_the_run_at_once_with_a_checkpoint_and_a_sheet(start):
    spec, model, data = start(steps=1000, sample_every=500, checkpoint_seconds=3600)
    recorder = MemoryRecorder(stop_after=3)
    outcome = loop.fit(model, spec, data, recorder)
    assert (outcome.status, outcome.step, outcome.message) == ("stopped", 3, "")
    assert recorder.checkpoints == [3] and recorder.sheets[-1][0] == 3


def test_a_stop_comes_after_the_call_it_falls_into(start):
    spec, model, data = start(steps=1000, steps_per_call=4)
    outcome = loop.fit(model, spec, data, MemoryRecorder(stop_after=1))
    assert outcome.step == 4


def test_a_recorder_that_cannot_write_ends_the_run_with_its_own_error(start):
    class Full(MemoryRecorder):
        def checkpoint(self, step, write):
            raise OSError("no space left")

    spec, model, data = start(steps=5)
    with pytest.raises(OSError, match="no space left"):
        loop.fit(model, spec, data, Full())


def test_a_run_with_no_steps_left_is_refused(start, tmp_path):
    spec, model, data = start(steps=3)
    recorder = Keeper(tmp_path)
    loop.fit(model, spec, data, recorder)
    for steps in (2, 3):
        with pytest.raises(BadInput, match="more steps to go on"):
            loop.fit(loop.build(spec), spec.with_steps(steps), data, MemoryRecorder(),
                         checkpoint=(3, tmp_path / "3.weights.h5"))


def test_going_on_counts_from_where_it_was(start, tmp_path):
    spec, model, data = start(steps=3, sample_every=2)
    loop.fit(model, spec, data, Keeper(tmp_path))
    recorder = MemoryRecorder()
    outcome = loop.fit(loop.build(spec), spec.with_steps(6), data, recorder,
                           checkpoint=(3, tmp_path / "3.weights.h5"))
    assert outcome.step == 6 and steps_of(recorder.rows) == [4, 5, 6]
    assert steps_of(recorder.sheets) == [4, 6], "step 0 has its sheet already"
    assert any("from step 3 to 6" in line for line in recorder.lines)


@pytest.mark.filterwarnings("ignore:Skipping")
def test_a_checkpoint_of_another_network_is_refused(start, tmp_path):
    spec, model, data = start(steps=1)
    loop.fit(model, spec, data, Keeper(tmp_path))
    wider, other, _ = start(steps=3, points_width=9)
    with pytest.raises(ValueError):
        loop.fit(other, wider, data, MemoryRecorder(), checkpoint=(1, tmp_path / "1.weights.h5"))


@pytest.mark.filterwarnings("ignore:Skipping")
@pytest.mark.parametrize("part", ["optimizer", "optimizer/optimizers/adam"])
def test_a_checkpoint_without_its_optimizer_can_be_drawn_from_and_is_not_gone_on_with(start, tmp_path, part):
    spec, model, data = start(steps=1)
    loop.fit(model, spec, data, Keeper(tmp_path))
    path = tmp_path / "1.weights.h5"
    with h5py.File(path, "a") as content:
        del content[part]
    spec, other, _ = start(steps=3)
    other.load_weights(path)
    with pytest.raises(BadInput, match="1.weights.h5 lacks the state of its optimizers"):
        loop.fit(other, spec, data, MemoryRecorder(), checkpoint=(1, path))


def test_damage_within_a_checkpoint_is_a_sentence(start, tmp_path):
    spec, model, _ = start(steps=1)
    (tmp_path / "1.weights.h5").write_bytes(b"no weights")
    with pytest.raises(BadInput, match="1.weights.h5 cannot be read"):
        model.load_weights(tmp_path / "1.weights.h5")


@pytest.mark.parametrize("name, steps_per_call, first", [("gan", 4, 5), ("wgan_gp", 1, 4)])
def test_n_steps_and_n_more_are_2_n(start, tmp_path, name, steps_per_call, first):
    """In this process, where sums may be taken in another order; test_resume.py asks for the last bit."""
    values = {"steps_per_call": steps_per_call, "checkpoint_seconds": 3600}
    folders = [tmp_path / name for name in ("whole", "half", "rest")]
    for folder in folders:
        folder.mkdir()
    spec, whole, data = start(name, steps=8, **values)
    recorder = Keeper(folders[0])
    loop.fit(whole, spec, data, recorder)
    loop.fit(loop.build(spec.with_steps(first)), spec.with_steps(first), data, Keeper(folders[1]))
    resumed, rest = loop.build(spec), Keeper(folders[2])
    loop.fit(resumed, spec, data, rest, checkpoint=(first, folders[1] / f"{first}.weights.h5"))
    arrays = [contents(folder / "8.weights.h5") for folder in (folders[0], folders[2])]
    assert set(arrays[0]) == set(arrays[1]) and len(arrays[0]) > 20
    for path, ours in arrays[0].items():
        np.testing.assert_allclose(arrays[1][path], ours, rtol=1e-4, atol=1e-5, err_msg=path)
    assert rest.rows[-1][1]["d_loss"] == pytest.approx(recorder.rows[-1][1]["d_loss"], rel=1e-4)
    np.testing.assert_allclose(rest.sheets[-1][1], recorder.sheets[-1][1], rtol=1e-3, atol=1e-4)


def contents(path):
    """Every array in a checkpoint by its path."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, each: found.update({name: each[()]}) if isinstance(each, h5py.Dataset) else None)
    return found


# What is decided when a run is built


@pytest.mark.parametrize("name, kind, device, expected", [
    ("gan", IMAGES, "cpu", True), ("gan", POINTS, "cpu", True), ("dcgan", IMAGES, "cpu", engine.BACKEND == "jax"),
    ("wgan_gp", IMAGES, "cpu", engine.BACKEND == "jax"), ("wgan_gp", POINTS, "cpu", True), ("dcgan", IMAGES, "gpu", True),
])
def test_xla_is_for_gpus_and_dense_networks(noise, tiny_spec, name, kind, device, expected):
    spec = tiny_spec(name, noise(kind), xla="auto", precision="float32")
    assert loop.build(spec, device).jit_compile is expected
    for asked in ("on", "off"):
        model = loop.build(tiny_spec(name, noise(kind), xla=asked, precision="float32"), device)
        assert model.jit_compile is (asked == "on")


@pytest.mark.parametrize("name, device, able, expected", [
    ("dcgan", "gpu", False, "mixed_bfloat16"), ("dcgan", "cpu", False, "float32"), ("gan", "cpu", True, "float32"),
    ("dcgan", "cpu", True, "float32" if engine.BACKEND == "jax" else "mixed_bfloat16"),
])
def test_bfloat16_is_for_gpus_and_for_convolutions_on_processors_that_have_it(
        noise, tiny_spec, monkeypatch, name, device, able, expected):
    monkeypatch.setattr(hardware, "multiplies_in_bfloat16", lambda: able)
    auto = {"precision": "auto", "xla": "auto"}
    assert loop.build(tiny_spec(name, noise(IMAGES), **auto), device).config.precision == expected
    asked = tiny_spec(name, noise(IMAGES), **auto | {"precision": "float32"})
    assert loop.build(asked, device).config.precision == "float32"


@pytest.mark.parametrize("listed, able", [
    ("flags : fpu avx512_bf16 amx_tile", True), ("flags : fpu amx_bf16", True), ("flags : fpu avx512f", False)])
def test_the_processor_says_whether_it_multiplies_in_bfloat16(tmp_path, monkeypatch, listed, able):
    (tmp_path / "cpuinfo").write_text(listed)
    monkeypatch.setattr(hardware, "CPU", tmp_path / "cpuinfo")
    assert hardware.multiplies_in_bfloat16() is able
    monkeypatch.setattr(hardware, "CPU", tmp_path / "not there")
    assert hardware.multiplies_in_bfloat16() is False


def test_steps_a_call_follow_the_device(noise, tiny_spec):
    points = tiny_spec("gan", noise(POINTS), steps_per_call=0)
    images = tiny_spec("gan", noise(IMAGES), steps_per_call=0)
    assert [loop.build(spec, device).steps_per_execution for spec in (points, images) for device in ("cpu", "gpu")
            ] == [20, 20, 1, 10]
    assert loop.build(tiny_spec("gan", noise(POINTS), steps_per_call=7)).steps_per_execution == 7


def test_xla_trains(start):
    spec, model, data = start(steps=2, xla="on")
    assert loop.fit(model, spec, data, MemoryRecorder()).status == "finished"


# Alpha


def test_images_with_alpha_are_learned_drawn_and_kept(tiny_spec, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 16, 16, 4), dtype=np.uint8)
    dataset = Dataset("icons", IMAGES, pixels, None)
    spec = tiny_spec("dcgan", dataset, steps=2)
    recorder = MemoryRecorder()
    assert loop.fit(loop.build(spec), spec, dataset, recorder).status == "finished"
    samples, images = recorder.sheets[-1][1], modality(IMAGES)
    assert samples.shape[1:] == (16, 16, 4)
    save_as(images, tmp_path / "a.npz", samples, spec.data_spec)
    save_as(images, tmp_path / "a.png", samples, spec.data_spec)
    again = images.load(tmp_path / "a.npz", spec.data_spec).samples
    assert np.abs(again - samples).max() <= 1 / 127
