"""ProGAN: what is particular to networks that grow."""

import numpy as np
import pytest
from keras import ops

from gan_core import engine
from gan_core.models import inputs
from gan_core.models.networks import progressive
from gan_core.tasks import inspection
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder

if engine.BACKEND != "tensorflow":
    pytest.skip("plays TensorFlow's step; tests/engine/test_jax.py plays JAX's", allow_module_level=True)


class Keeper(MemoryRecorder):
    """Keeps the checkpoint of one step."""

    def __init__(self, path, at):
        super().__init__()
        self.path, self.at = path, at

    def checkpoint(self, step, write):
        if step == self.at:
            write(self.path)


@pytest.fixture(scope="module")
def images(noise):
    return noise(size=16)


@pytest.fixture
def model(tiny_model, images):
    """Stages of 4, 8 and 16 pixels, which begin at steps 0, 4 and 8 and fade in over 2 steps."""
    return tiny_model("progan", images, stage_steps=4, fade_share=0.5)


def at(model, step):
    model.rounds.assign(step)
    model.enter(model.stage_of(step))
    return model


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def latents(model, n=3):
    return inputs.draw(model.inputs(), n, seed=0)["latent"]


def test_stages_double_up_to_the_size_of_the_data(model):
    assert [progressive.resolutions(size) for size in (8, 28, 32, 128)] == [
        [4, 8], [7, 14, 28], [4, 8, 16, 32], [4, 8, 16, 32, 64, 128]]
    assert model.stages() == (4, 8) and [model.stage_of(step) for step in (0, 3, 4, 7, 8, 100)] == [0, 0, 1, 1, 2, 2]


def test_parameters_at_28_pixels():
    """Widths 64, 32, 16 at 7, 14, 28 pixels; 3x3 kernels but for the 1x1 ways in and out, each with a bias."""
    def conv(k, a, b):
        return k * k * a * b + b

    generator = (100 + 1) * 49 * 64 + conv(3, 64, 64) + conv(3, 64, 32) + conv(3, 32, 32) + conv(3, 32, 16) + conv(
        3, 16, 16) + sum(conv(1, width, 1) for width in (64, 32, 16))
    discriminator = sum(conv(1, 1, width) for width in (64, 32, 16)) + conv(3, 16, 16) + conv(3, 16, 32) + conv(
        3, 32, 32) + conv(3, 32, 64) + conv(3, 65, 64) + (49 * 64 + 1) * 64 + 65
    from gan_core.models import describe

    assert describe.card("progan").parameters == {"generator": generator, "discriminator": discriminator}


@pytest.mark.parametrize("step, size, fade", [(0, 4, 1), (3, 4, 1), (4, 8, 0), (5, 8, 0.5), (6, 8, 1), (7, 8, 1),
                                              (9, 16, 0.5), (500, 16, 1)])
def test_a_stage_computes_its_resolution_only_and_charts_it(model, images, step, size, fade):
    at(model, step)
    batch = {"real": ops.convert_to_tensor(np.zeros((8, 16, 16, 1), np.float32))} | model.noise(8)
    seen = []
    judge, model.judge = model.judge, lambda samples, batch: seen.append(samples.shape) or judge(samples, batch)
    _, logs = model.discriminator_loss(batch)
    assert set(seen) == {(8, size, size, 1)}, "real and generated samples, and those between"
    assert (float(logs["resolution"]), float(logs["fade"])) == (size, fade)
    assert model.sample({"latent": latents(model)}).shape == (3, 16, 16, 1)


@pytest.mark.parametrize("stage", [1, 2])
def test_a_fade_goes_exactly_from_the_former_stage_to_the_new_one(model, stage):
    z, first = latents(model), model.stages()[stage - 1]
    alone = [array(image) for image in model.generator(z, training=False)]
    former = alone[stage - 1].repeat(2, axis=1).repeat(2, axis=2)

    def drawn(step):
        return array(at(model, step).draw(model.generator, z, training=False))

    np.testing.assert_array_equal(drawn(first), former)
    np.testing.assert_allclose(drawn(first + 1), (former + alone[stage]) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(drawn(first + 2), alone[stage])


@pytest.mark.parametrize("stage", [1, 2])
def test_the_critic_of_a_new_stage_starts_as_the_former_one(model, stage):
    rng, first = np.random.default_rng(0), model.stages()[stage - 1]
    small = rng.standard_normal((4, 2 * 2 ** stage, 2 * 2 ** stage, 1)).astype(np.float32)
    large = rng.standard_normal((4, 4 * 2 ** stage, 4 * 2 ** stage, 1)).astype(np.float32)

    def judged(step, images):
        return array(at(model, step).discriminate(ops.convert_to_tensor(images), {}))

    former = judged(first - 1, small)
    again = judged(first, small.repeat(2, axis=1).repeat(2, axis=2))
    np.testing.assert_allclose(again, former, rtol=1e-5, atol=1e-6)
    assert not np.allclose(judged(first + 2, large), judged(first, large), atol=1e-4)


def test_real_images_are_averaged_down_and_faded_alike(model):
    real = np.random.default_rng(0).standard_normal((2, 16, 16, 1)).astype(np.float32)
    fours, eights = (real.reshape(2, side, 16 // side, side, 16 // side, 1).mean(axis=(2, 4)) for side in (4, 8))
    coarse = fours.repeat(2, axis=1).repeat(2, axis=2)
    for step, wanted in ((0, fours), (4, coarse), (5, (coarse + eights) / 2), (6, eights), (10, real)):
        np.testing.assert_allclose(array(at(model, step).shown(ops.convert_to_tensor(real))), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("step, size, fade", [(0, 4, 1), (4, 8, 0), (5, 8, 0.5), (9, 16, 0.5)])
@pytest.mark.parametrize("real", [False, True])
def test_a_look_inside_is_at_the_stage_at_hand_with_its_fade(model, images, step, size, fade, real):
    at(model, step)
    samples, batch = inspection.subject(model, 2, real=images if real else None)
    seen = model.shown(ops.convert_to_tensor(samples)) if real else ops.clip(
        model.draw(model.averages["generator"], batch["latent"], False), -1, 1)
    assert seen.shape[1] == size and float(model.fade()) == fade
    expected = float(array(model.judge(seen, {})["logits"])[0, 0])
    logit, slopes = inspection.saliency(model, samples, batch)
    assert logit == pytest.approx(expected, rel=1e-4, abs=1e-6) and slopes.shape == (16, 16, 1) and slopes.max() > 0

    found = {each["name"]: [layer["name"] for layer in each["layers"]] for each in inspection.networks(model)}
    resolutions = {int(name.split("_")[1]) for name in found["discriminator"] if name.startswith("from_")}
    assert max(resolutions) == size and len(resolutions) == min(2, model.stage + 1), "what has not joined is not there"
    assert f"to_{size}" in found["generator"] and "to_16" in found["generator"] or size < 16
    for network, layers in found.items():
        for layer in layers:
            assert np.isfinite(inspection.activation(model, network, layer, samples, batch)).all()
    assert inspection.activation(model, "discriminator", "logit", samples, batch)[0] == pytest.approx(
        expected, rel=1e-4, abs=1e-6)


def test_drift_draws_the_critics_outputs_to_0(tiny_model, images):
    model = tiny_model("progan", images, drift=0.5)
    more, _ = model.more_for_discriminator({"logits": np.array([[3.0], [1.0]], np.float32)}, {}, {})
    assert float(more) == pytest.approx(0.5 * (9 + 1) / 2)


def test_all_weights_move_while_the_last_stage_fades_in(tiny_model, noise):
    """At 8 pixels: both stages are at work then, and the average follows."""
    model = at(tiny_model("progan", noise(size=8), ema_decay=0.9), 3)
    assert float(model.fade()) == 0.5
    everything = model.trainable_variables + model.averages["generator"].variables
    before = [array(v) for v in everything]
    model.train_step(({"real": ops.convert_to_tensor(np.ones((8, 8, 8, 1), np.float32))},))
    still = {v.path for v, old in zip(everything, before, strict=True) if np.array_equal(array(v), old)}
    assert still <= {"logit/bias"}, "a constant added to all of a critic's outputs cancels, but for the drift"


def test_what_has_not_joined_does_not_move_and_a_run_resumes_in_the_middle_of_a_fade(tiny_spec, images, tmp_path):
    """Killed after step 5: at a fade of one half.  Bit for bit in test_resume.py, where operations are deterministic."""
    spec = tiny_spec("progan", images, steps=7, stage_steps=4, fade_share=0.5, deterministic=True, sample_every=1)
    path = str(tmp_path / "kept.weights.h5")
    whole = loop.build(spec)
    started = {v.path: array(v) for v in whole.trainable_variables}
    recorder = Keeper(path, at=5)
    assert loop.fit(whole, spec, images, recorder).step == 7
    assert [row["resolution"] for _, row in recorder.rows] == [4, 4, 4, 4, 8, 8, 8]
    assert [row["fade"] for _, row in recorder.rows] == [1, 1, 1, 1, 0, 0.5, 1]

    later = [v for v in whole.trainable_variables if v.path.startswith(("to_16", "from_16"))]
    assert later and all(np.array_equal(array(v), started[v.path]) for v in later)
    joined = [v for v in whole.trainable_variables if v.path.startswith(("to_8/kernel", "from_8/kernel"))]
    assert len(joined) == 2 and not any(np.array_equal(array(v), started[v.path]) for v in joined)
    assert {len(rows) for _, _, rows in recorder.views} == {1, 2}, "a row for each resolution that has been reached"

    resumed, second = loop.build(spec), MemoryRecorder()
    loop.fit(resumed, spec, images, second, checkpoint=(5, path))
    assert resumed.stage == 1 and second.rows[0][1]["fade"] == 0.5
    assert [(step, row["d_loss"]) for step, row in second.rows] == [
        (step, pytest.approx(row["d_loss"], rel=1e-4)) for step, row in recorder.rows if step > 5]
    for ours, theirs in zip(whole.variables + whole.optimizer.variables,
                            resumed.variables + resumed.optimizer.variables, strict=True):
        np.testing.assert_allclose(array(ours), array(theirs), rtol=1e-4, atol=1e-6, err_msg=ours.path)
