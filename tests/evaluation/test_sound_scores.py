"""What sound costs in bits: a coder's probabilities by the formula, bounds that are known, and features of sound."""

import numpy as np
import pytest
from scipy import stats

from gan_core.data import SOUND
from gan_core.evaluation import extractors, metrics
from gan_core.evaluation.metrics import linear_prediction as lines
from gan_core.evaluation.metrics.base import Predicted
from gan_core.sound.mu_law import edges, levels_of, waves_of


def tones(n, seed=0, length=1500, noise=0.0):
    rng = np.random.default_rng(seed)
    time = np.arange(length) / 8000
    waves = 0.4 * np.sin(2 * np.pi * rng.uniform(200, 300, (n, 1)) * time + rng.uniform(0, 6, (n, 1)))
    return waves + noise * rng.standard_normal(waves.shape)


@pytest.mark.parametrize("gaussian, law", [(False, stats.laplace), (True, stats.norm)])
@pytest.mark.parametrize("mean, scale", [(0.0, 0.01), (0.3, 0.2), (-0.9, 1e-5), (5.0, 0.01), (0.1, 50.0)])
def test_bits_are_those_of_a_distribution_over_all_levels(gaussian, law, mean, scale):
    levels = np.arange(256)
    cost = lines.bits(levels, np.full(256, mean), np.full(256, scale), gaussian)
    assert np.isfinite(cost).all() and (2.0 ** -cost).sum() == pytest.approx(1.0, abs=1e-9), "no level is impossible"
    ends = np.concatenate([[-np.inf], edges(), [np.inf]])
    share = np.diff(law.cdf(ends, mean, scale))
    np.testing.assert_allclose(2.0 ** -cost, (1 - 1 / 256) * share + 1 / 256 ** 2, rtol=1e-6, atol=1e-12)


def test_the_predictor_is_that_of_the_process():
    """v_t = 1.5 v_(t-1) - 0.8 v_(t-2) + noise, which least squares find again."""
    rng = np.random.default_rng(0)
    wave = np.zeros((20, 4000))
    for t in range(2, 4000):
        wave[:, t] = 1.5 * wave[:, t - 1] - 0.8 * wave[:, t - 2] + 0.01 * rng.standard_normal(20)
    np.testing.assert_allclose(lines.predictor(wave, 2), [1.5, -0.8], atol=0.01)
    residuals = wave - lines.predicted(wave, np.array([1.5, -0.8]))
    np.testing.assert_allclose(residuals[:, 2:].std(), 0.01, rtol=0.02)
    seen = lines.predicted(np.arange(5.0)[None], np.array([1.0]))[0]
    assert seen.tolist() == [0, 0, 1, 2, 3], "what comes next is not seen"


def test_predictors_that_follow_hear_what_came_before_and_nothing_else(monkeypatch):
    monkeypatch.setattr(lines, "HEARD", 60)
    monkeypatch.setattr(lines, "ANEW", 10)
    waves = tones(3, length=200)
    mean = lines.adapted(waves, 4)
    assert mean.shape == waves.shape and np.abs(mean - waves)[:, 100:].max() < 1e-3, "two poles a tone"
    other = waves.copy()
    other[:, 150] += 0.5
    changed = np.flatnonzero(np.abs(lines.adapted(other, 4) - mean).max(axis=0) > 1e-12)
    assert changed[0] == 151, "what comes is not seen"
    before = np.stack([waves[0, 89 - i:149 - i] for i in range(4)], axis=1)
    by_hand = np.linalg.lstsq(before, waves[0, 90:150], rcond=None)[0]
    assert mean[0, 150] == pytest.approx(by_hand @ waves[0, 149:145:-1], abs=1e-4)


def test_scales_follow_what_came_before_alone():
    residuals = np.zeros((1, 50))
    residuals[0, 20] = -1.0
    found = lines.scales(residuals, 0.5, 2.0)[0]
    assert (found[:21] == 0.5).all() and found[21] == pytest.approx(0.5 + 2 * 0.1)
    assert found[30] == pytest.approx(0.5 + 2 * 0.1 * 0.9 ** 9)


def test_white_noise_costs_what_its_entropy_is_and_lines_help_with_tones_alone():
    rng = np.random.default_rng(0)
    white = levels_of(rng.laplace(0, 0.05, (60, 1500)))
    share = np.bincount(white.ravel(), minlength=256) / white.size
    entropy = -(share[share > 0] * np.log2(share[share > 0])).sum()
    by_lines, _ = lines.linear(white[:50], white[50:])
    assert by_lines.mean() == pytest.approx(entropy, abs=0.1)
    assert lines.unigram(white[:50], white[50:]).mean() == pytest.approx(entropy, abs=0.05)
    smooth = levels_of(tones(60))
    by_lines, order = lines.linear(smooth[:50], smooth[50:])
    assert by_lines.mean() < lines.unigram(smooth[:50], smooth[50:]).mean() - 2 and order >= 2


def test_nothing_of_held_out_sound_is_looked_up():
    """The same held-out clips cost the same whatever lies beside them."""
    levels = levels_of(tones(60, noise=0.01))
    whole, order = lines.linear(levels[:50], levels[50:])
    one, again = lines.linear(levels[:50], levels[55:56])
    assert order == again and np.array_equal(whole[5:6], one)


def test_scores_say_bits_beside_those_of_lines_and_of_a_unigram():
    real = tones(40, noise=0.01)[..., None].astype(np.float32)
    family, = metrics.families(Predicted)
    surprise = np.random.default_rng(1).uniform(2, 4, (10, 1500, 1))
    scores = family.measure(Predicted(SOUND, real[:30], real[30:], surprise))
    assert scores["bits_per_sample"] == pytest.approx(surprise.mean()) and scores["n_bits"] == 10
    assert scores["bits_per_sample_std"] == pytest.approx(surprise.mean(axis=(1, 2)).std())
    assert 0 < scores["bits_adaptive"] < scores["bits_linear"] < scores["bits_unigram"] < 8, "each has a pitch of its own"
    assert scores["linear_order"] in lines.ORDERS
    assert lines.error(scores) == (pytest.approx(scores["bits_per_sample_std"] / 3), 9)
    assert lines.error({"bits_per_sample_std": 1.0, "n_bits": 1}) is None


def test_features_tell_pitch_and_loudness_and_not_the_moment(noise):
    dataset = noise(SOUND, n=20, size=500)
    extractor = extractors.for_dataset(dataset)
    time = np.arange(4000) / 8000

    def tone(hertz, loudness, phase=0.0):
        return (loudness * np.sin(2 * np.pi * hertz * time + phase))[None, :, None]

    same, shifted, other, quiet = (extractor.features(each)[0] for each in (
        tone(500, 0.5), tone(500, 0.5, 2.0), tone(600, 0.5), tone(500, 0.1)))
    assert np.abs(same - shifted).max() < 0.15 * np.abs(same - other).max()
    assert np.abs(same - quiet).max() > 0.5 and same.shape == (120,)
    assert extractor.id.startswith("log_mel:") and extractors.live(dataset).id == extractor.id
    assert waves_of(levels_of(0.5)) == pytest.approx(0.5, abs=0.02)
