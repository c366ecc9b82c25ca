"""Sound by the command line: learned, drawn at any length, scored in bits; and the same bit for bit after a stop."""

import json

import numpy as np
import pytest
from scipy.io import wavfile

from gan_core.evaluation import score_names
from gan_core.sound import waves
from helpers_runs import cli, is_a_sentence

TINY = ["channels=4", "skips=4", "longest_dilation=4", "blocks=1", "stretch=32", "batch_size=4", "xla=off",
        "precision=float32", "steps_per_call=1", "probe_seconds=0"]


def sets(*values):
    return [word for value in (*TINY, *values) for word in ("--set", value)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """``(workspace, run)`` of a folder of WAV files in two classes."""
    top = tmp_path_factory.mktemp("sound")
    for name, hertz in (("high", 1200), ("low", 300)):
        (top / "calls" / name).mkdir(parents=True)
        for number in range(8):
            time = np.arange(8000) / 8000
            wave = 0.5 * np.sin(2 * np.pi * (hertz + 10 * number) * time).astype(np.float32)
            (top / "calls" / name / f"{number}.wav").write_bytes(waves.as_wav(wave, 8000))
    done = cli("train", "wavenet", "--data", str(top / "calls"), "--steps", "3", *sets(), workspace=top / "ws")
    return top / "ws", done.out.split()[-1]


def test_a_second_is_drawn_as_a_wav_file_whatever_the_clips_had(trained, tmp_path):
    workspace, run = trained
    file = tmp_path / "second.wav"
    cli("sample", run, "--seconds", "0.7", "--out", str(file), "--label", "low", workspace=workspace)
    rate, levels = wavfile.read(file)
    assert rate == 8000 and levels.shape == (5600,) and levels.std() > 0
    again = tmp_path / "again.wav"
    cli("sample", run, "--seconds", "0.1", "--out", str(again), "--label", "low", workspace=workspace)
    assert np.array_equal(wavfile.read(again)[1], levels[:800]), "the same seed, and so the same beginning"
    cli("sample", run, "--n", "2", "--out", str(tmp_path / "two.wav"), "--npz", str(tmp_path / "two.npz"),
        workspace=workspace)
    assert wavfile.read(tmp_path / "two.wav")[1].shape == (8000,)
    assert np.load(tmp_path / "two.npz")["samples"].shape == (2, 4000, 1)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e9", "0.00001"])
def test_impossible_lengths_are_refused_with_a_sentence(trained, tmp_path, seconds):
    workspace, run = trained
    done = cli("sample", run, "--seconds", seconds, "--out", str(tmp_path / "a.wav"), workspace=workspace)
    assert done.code and "Traceback" not in done.err and not (tmp_path / "a.wav").exists()
    assert is_a_sentence(done.err.strip().splitlines()[-1])


def test_scores_have_their_names_and_bits_stand_beside_those_without_a_network(trained):
    workspace, run = trained
    scores = json.loads(cli("evaluate", run, "--json", workspace=workspace).out)
    assert scores["n_fake"] == 20, "four clips are held out, and as few tell nothing"
    assert {"bits_per_sample", "bits_per_sample_std", "bits_linear", "bits_adaptive", "bits_unigram"} <= scores.keys()
    assert 0 < scores["bits_linear"] < scores["bits_unigram"] < 8 and scores["bits_per_sample"] > 5, "hardly trained"
    assert scores["extractor"].startswith("log_mel:")
    told = "\n".join(score_names.as_text(scores))
    assert "Bits per sample" in told and "Bits, linear: what the same costs by linear prediction" in told


def test_a_stopped_and_resumed_run_is_the_same_bit_for_bit(trained, tmp_path):
    workspace, _ = trained
    data = next((workspace / "datasets").glob("*.sound.npz")).name.removesuffix(".sound.npz")
    whole = cli("train", "wavenet", "--data", data, "--steps", "4", *sets(), workspace=workspace).out.split()[-1]
    part = cli("train", "wavenet", "--data", data, "--steps", "2", *sets(), workspace=workspace).out.split()[-1]
    cli("resume", part, "--steps", "4", workspace=workspace)
    drawn = []
    for run in (whole, part):
        cli("sample", run, "--seconds", "0.05", "--n", "3", "--npz", str(tmp_path / f"{run}.npz"), workspace=workspace)
        drawn.append(np.load(tmp_path / f"{run}.npz")["samples"])
    assert np.array_equal(*drawn)
