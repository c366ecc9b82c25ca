"""MuseGAN: who shares which noise, who hears whom, and that it learns what a small music is made of."""

import numpy as np
import pytest
from keras import ops

from gan_core.data import MUSIC, Dataset, rolls
from gan_core.engine.autodiff import input_gradient
from gan_core.errors import BadInput
from gan_core.evaluation import scoring
from gan_core.modalities.base import modality
from gan_core.models import inputs
from gan_core.models.registry import architecture
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from helpers_engine import array

LAYOUT = rolls.Layout(("high", "low"), 60, 8, 0.1, True)
SHARED, OWN = ("latent", "bars"), ("voices", "voice_bars")


def music(n=256, seed=0):
    """Two voices, two bars of eight steps: the lower holds a pitch for each bar, the upper is four half tones above."""
    low = np.random.default_rng(seed).integers(0, 8, (n, 2)).repeat(8, axis=1)
    on = np.arange(12)[:, None] == np.stack([low + 4, low], axis=-1)[:, :, None]
    return Dataset("two", MUSIC, rolls.as_samples(on), None, traits=LAYOUT.traits)


def built(form, **knobs):
    cls = architecture("musegan")
    return cls(cls.Config.tiny(form=form, **knobs), music().spec)


def moved(model, name, columns=slice(None)):
    """Which (bar, voice) of some samples change when the noise of a name does: bool (2, 2)."""
    drawn = inputs.draw(model.inputs(), 6, 0)
    other = drawn | {name: drawn[name].copy()}
    other[name][:, columns] += 1.0
    apart = np.abs(array(model.sample(other)) - array(model.sample(drawn)))
    return apart.reshape(6, 2, 8, 12, 2).max(axis=(0, 2, 3)) > 1e-7


@pytest.mark.parametrize("form, names", [("hybrid", (*SHARED, *OWN)), ("composer", SHARED), ("jamming", OWN)])
def test_forms_have_their_noise_and_their_critics(form, names):
    model = built(form)
    assert tuple(each.name for each in model.inputs()) == names
    assert [each.size for each in model.inputs()] == [6 if name in SHARED else 12 for name in names]
    assert all(moved(model, name).all() for name in SHARED if name in names), "what is shared all voices hear"
    samples = array(model.sample(inputs.draw(model.inputs(), 3, 0)))
    assert samples.shape == (3, 16, 12, 2) and samples.min() >= -1 and samples.max() <= 1
    assert ((samples + 1) / 2).sum(axis=2).max() <= 1 + 1e-5, "pitches and silence have one chance together"
    assert model.discriminate(ops.convert_to_tensor(samples), {}).shape == (3, 2 if form == "jamming" else 1)


@pytest.mark.parametrize("form", ["hybrid", "jamming"])
def test_what_is_a_voices_own_changes_that_voice_alone(form):
    model = built(form)
    for name in OWN:
        for voice in (0, 1):
            assert moved(model, name, np.s_[6 * voice:6 * (voice + 1)]).tolist() == [[v == voice for v in (0, 1)]] * 2


def test_in_jamming_no_critic_hears_another_voice():
    model = built("jamming")
    real = ops.convert_to_tensor(np.random.default_rng(0).standard_normal((2, 16, 12, 2)).astype(np.float32))
    for voice in (0, 1):
        slope = array(input_gradient(lambda x, voice=voice: model.discriminate(x, {})[:, voice:voice + 1], real))
        assert np.abs(slope[..., voice]).max() > 0 and np.abs(slope[..., 1 - voice]).max() == 0


@pytest.mark.parametrize("form, slopes", [("hybrid", 2.0 ** 0.5), ("jamming", 1.0)])
def test_the_penalty_is_of_one_slope_for_each_critic(monkeypatch, form, slopes):
    """A critic, or one for each voice, that sums its input: its gradient is 1 everywhere."""
    model = built(form, penalty_weight=1.0)
    monkeypatch.setattr(type(model), "discriminate", lambda self, x, batch: ops.sum(x, axis=(1, 2, 3))[:, None])
    real = ops.zeros((4, 16, 12, 2))
    penalty, told = model.penalty(real, real + 1.0, {})
    assert float(penalty) == pytest.approx(((16 * 12) ** 0.5 * slopes - 1) ** 2, rel=1e-4) == float(told["gradient_penalty"])


@pytest.mark.parametrize("bar, bars, pitches, voices, single", [
    (16, 4, 46, 4, True), (12, 3, 30, 2, False), (7, 1, 12, 1, True), (16, 2, 88, 8, False)])
def test_music_of_every_layout_is_made(bar, bars, pitches, voices, single):
    layout = rolls.Layout(tuple(map(str, range(voices))), 20, bar, 0.1, single)
    cls = architecture("musegan")
    for form in ("hybrid", "composer", "jamming"):
        spec = Dataset("m", MUSIC, np.zeros((1, bar * bars, pitches, voices), np.uint8), None, traits=layout.traits).spec
        model = cls(cls.Config.tiny(form=form), spec)
        samples = array(model.sample(inputs.draw(model.inputs(), 2, 0)))
        assert samples.shape == (2, *spec.shape) and np.isfinite(samples).all()
        assert model.discriminate(ops.convert_to_tensor(samples), {}).shape[0] == 2


def test_music_without_its_layout_is_refused():
    cls = architecture("musegan")
    with pytest.raises(BadInput, match="needs to know the voices"):
        cls(cls.Config.tiny(), Dataset("m", MUSIC, music().x, None).spec)


def test_a_small_music_is_learned(tiny_spec):
    """The upper voice goes with the lower one, each bar has one pitch a voice, and no voice is silent."""
    dataset = music()
    spec = tiny_spec("musegan", dataset, steps=250, batch_size=32, filters=8, latent=8, generator_rate=2e-3,
                     discriminator_rate=2e-3, discriminator_updates=2, ema_decay=0.9, sample_every=10_000)
    model, recorder = loop.build(spec), MemoryRecorder()
    kind, found = modality(MUSIC), []
    for _ in range(2):
        samples = kind.rounded(array(model.sample(inputs.draw(model.inputs(), 200, 0))), dataset.spec)
        found.append((samples, scoring.score_described(dataset.spec, dataset.x, samples, live=True)))
        if len(found) == 1:
            assert loop.fit(model, spec, dataset, recorder).status == "finished"
    (_, before), (samples, after) = found
    pitch, sounds = samples.argmax(axis=2), (samples > 0).any(axis=2)
    assert sounds.mean() > 0.95
    third = (pitch[..., 0] - pitch[..., 1] == 4)[sounds.all(axis=2)].mean()
    assert third > 0.5, "by chance it is one in twelve"
    assert after["qualified_notes"] > 0.75 and after["qualified_notes"] > before["qualified_notes"] + 0.2
