"""Scores of music, each on phrases of which it is known what it must say; and voices that are made without a network."""

import itertools
import json

import numpy as np
import pytest

from gan_core.data import MUSIC, DataSpec, rolls
from gan_core.evaluation import scoring
from gan_core.evaluation.extractors import for_dataset
from gan_core.evaluation.metrics import music
from gan_core.evaluation.metrics.base import Described
from gan_core.modalities.base import modality, save_as
from helpers_runs import cli

LAYOUT = rolls.Layout(("one", "two"), 60, 8, 0.1, True)
KEYS = ("empty_bars", "used_pitch_classes", "qualified_notes", "tonal_distance", "parallel_fifths")


def phrases(*voices, pitches=24):
    """Phrases of the pitches of each voice by step, None for silence: float (1, steps, pitches, voices)."""
    on = np.full((1, len(voices[0]), pitches, len(voices)), -1.0, np.float32)
    for voice, line in enumerate(voices):
        for step, pitch in enumerate(line):
            if pitch is not None:
                on[0, step, pitch - LAYOUT.lowest, voice] = 1.0
    return on


def said(*voices, **options):
    return music.measure(Described(MUSIC, phrases(*voices, **options), LAYOUT.traits))


def test_bars_and_pitch_classes_are_counted():
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    found = said(scale + [None] * 8, [60] * 8 + [60, 72] * 4)
    assert found["empty_bars"] == 1 / 4, "of two voices in two bars"
    assert found["used_pitch_classes"] == (7 + 0 + 1 + 1) / 4, "an octave is the same class"


def test_octaves_are_one_class_and_neighbours_are_two():
    """As a reshape of 84 pitches to (12, 7) would have it, six neighbours were one class."""
    assert said([60, 72] * 4, [60, 72] * 4)["used_pitch_classes"] == 1
    assert said([60, 61] * 4, [60, 61] * 4)["used_pitch_classes"] == 2


def test_notes_of_one_step_are_not_qualified():
    found = said([60, 60, 62, 64, 64, 64, None, 65], [70] * 8)
    assert found["qualified_notes"] == 3 / 5, "of 60, 62, 64, 65 and 70"


def test_tonal_distance_is_that_of_the_circles():
    """Harte 2006: a fifth is near, a half tone far; octaves are no distance."""
    apart = [said([60] * 8, [60 + by] * 8)["tonal_distance"] for by in range(13)]
    assert apart[0] == apart[12] == 0 and apart[5] == pytest.approx(apart[7])
    by_hand = np.sqrt(sum(2 * radius ** 2 * (1 - np.cos(7 * turn)) for turn, radius in (
        (7 * np.pi / 6, 1.0), (3 * np.pi / 2, 1.0), (2 * np.pi / 3, 0.5))))
    assert apart[7] == pytest.approx(by_hand, rel=1e-6)
    assert apart[7] < apart[2] < apart[1] and apart[4] < apart[6]
    two = np.mean([apart[abs(one - other)] for one, other in itertools.product(range(12), repeat=2)])
    assert two == pytest.approx(2.02, abs=0.02), "of two classes at random"


def test_a_beat_in_which_a_voice_is_silent_has_no_distance():
    assert said([60] * 4 + [None] * 4, [67] * 8)["tonal_distance"] == said([60] * 8, [67] * 8)["tonal_distance"]
    assert "tonal_distance" not in said([None] * 8, [67] * 8) and "parallel_fifths" not in said([60] * 8, [67] * 8)


def test_parallel_fifths_are_told_from_other_moves():
    assert said([67, 69] * 4, [60, 62] * 4)["parallel_fifths"] == 1
    assert said([79, 81] * 4, [60, 62] * 4)["parallel_fifths"] == 1, "octaves aside"
    assert said([67, 69] * 4, [60, 60] * 4, pitches=24).get("parallel_fifths") is None, "one voice alone moves"
    assert said([67, 68] * 4, [60, 62] * 4)["parallel_fifths"] == 0
    assert said([67, 69, 71, 72, 71, 69, 67, 65], [60, 62, 60, 65, 64, 62, 60, 58])["parallel_fifths"] == 4 / 7
    assert said([67, 62], [60, 69], pitches=24)["parallel_fifths"] == 0, "in opposite directions"


def rhyming(n=200, seed=0):
    """The upper voice is always a third above the lower one, which moves every two steps."""
    low = np.random.default_rng(seed).integers(60, 72, (n, 8)).repeat(2, axis=1)
    return np.concatenate([phrases(line + 4, line) for line in low])


def test_independent_voices_move_alike_and_do_not_listen():
    real = Described(MUSIC, rhyming(), LAYOUT.traits)
    made = music.independent_voices(real, 300, 0)
    assert made.shape == (300, 16, 24, 2) and set(np.unique(made)) == {-1.0, 1.0}
    assert (made > 0).sum(axis=2).max() == 1 and np.array_equal(made, music.independent_voices(real, 300, 0))
    pitch = (made > 0).argmax(axis=2)
    known = {tuple(pair) for line in (real.samples[..., 1] > 0).argmax(axis=2) for pair in itertools.pairwise(line)}
    moves = {tuple(pair) for line in pitch[..., 1] for pair in itertools.pairwise(line)}
    assert moves <= known, "no move that there was not"
    assert (pitch[..., 0] - pitch[..., 1] == 4).mean() < 0.2
    usual = np.mean(np.diff((real.samples[..., 0] > 0).argmax(axis=2)) != 0)
    assert np.mean(np.diff(pitch[..., 0]) != 0) == pytest.approx(usual, abs=0.03)


def test_shuffled_voices_are_real_by_voice():
    real = Described(MUSIC, rhyming(), LAYOUT.traits)
    made = music.shuffled_voices(real, 300, 0)
    lines = {line.tobytes() for line in real.samples[..., 0]}
    assert all(line.tobytes() in lines for line in made[..., 0])
    assert not np.array_equal(made[..., 0].argmax(2), made[..., 1].argmax(2) + 4)


def test_all_stand_beside_real_music_and_both_baselines():
    spec = DataSpec(MUSIC, (16, 24, 2), traits=LAYOUT.traits)
    found = scoring.score_described(spec, rhyming(), rhyming(seed=1), rhyming(seed=2))
    ends = ("", "_floor", "_independent_voices", "_shuffled_voices")
    assert {f"{key}{end}" for key in KEYS for end in ends} <= found.keys()
    assert abs(found["tonal_distance"] - found["tonal_distance_floor"]) < 0.06
    assert found["tonal_distance_shuffled_voices"] > found["tonal_distance"] + 0.1
    assert found["qualified_notes_independent_voices"] < found["qualified_notes"] - 0.2
    assert 0 < found["used_pitch_classes_error"] < 0.1 and np.isfinite(list(found.values())).all()
    live = scoring.score_described(spec, rhyming(), rhyming(seed=1), live=True)
    assert set(KEYS) <= live.keys() and not any("voices" in key for key in live)
    assert scoring.score_described(DataSpec("points", (2,)), np.zeros((4, 2)), np.zeros((4, 2))) == {}


def test_features_are_fixed_and_tell_what_goes_together(noise):
    dataset = noise(MUSIC, n=60)
    extractor, again = for_dataset(dataset), for_dataset(noise(MUSIC, n=40, seed=3))
    assert extractor.id == again.id and extractor.id.startswith("phrases:")
    features = extractor.features(dataset.x)
    assert np.array_equal(features, extractor.features(dataset.x / np.float32(127.5) - 1)) and np.isfinite(features).all()
    shuffled = music.shuffled_voices(Described(MUSIC, rhyming(), LAYOUT.traits), 200, 0)
    from gan_core.evaluation.extractors.phrases import features as features_of

    real, other, apart = (features_of(side > 0, 60).mean(axis=0) for side in (rhyming(), rhyming(seed=1), shuffled))
    assert np.abs(real - other).max() < 0.3 < 1.0 < np.abs(real - apart).max(), "the interval between the voices"


def test_music_in_files_is_scored(noise, tmp_path):
    dataset, kind = noise(MUSIC, n=60, classes=()), modality(MUSIC)
    for name, rows in (("real", np.s_[:40]), ("fake", np.s_[20:])):
        save_as(kind, tmp_path / f"{name}.npz", dataset.x[rows] / np.float32(127.5) - 1, dataset.spec)
    answer = cli("score", "--real", tmp_path / "real.npz", "--fake", tmp_path / "fake.npz", "--json")
    assert answer.code == 0, answer.err
    scores = json.loads(answer.out)
    assert set(KEYS) <= scores.keys() and scores["extractor"].startswith("phrases:") and "kernel" in scores
