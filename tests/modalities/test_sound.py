"""Clips of sound: what is seen and heard of them, and their files."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.io import wavfile

from gan_core import data
from gan_core.data import SOUND, DataSpec, Dataset
from gan_core.errors import BadInput
from gan_core.modalities.base import modality, save_as
from gan_core.sound import spectra, waves

RATE = 8000
KIND, SPEC = modality(SOUND), DataSpec(SOUND, (4000, 1), ("low", "high"), traits=(("rate", RATE),))


def tone(hertz, loudness=0.5, count=4000):
    return (loudness * np.sin(2 * np.pi * hertz * np.arange(count) / RATE)).astype(np.float32)


def clips(*hertz):
    return np.stack([tone(each) for each in hertz])[..., None]


def pixels(artifact):
    picture = Image.open(io.BytesIO(artifact.data))
    assert picture.format == "PNG"
    return np.asarray(picture.convert("RGB")).astype(float)


def brightest_row(artifact):
    """Of a sheet of one clip, within its spectrogram."""
    seen = pixels(artifact)[4:114, 60:250].sum(axis=(1, 2))
    return int(seen.argmax())


def test_higher_tones_are_drawn_higher_and_louder_ones_brighter():
    rows = [brightest_row(KIND.draw(clips(hertz), SPEC)) for hertz in (500, 2000, 3500)]
    assert [abs(row - 109 * (1 - hertz / 4000)) < 4 for row, hertz in zip(rows, (500, 2000, 3500))] == [True] * 3
    loud, quiet = (pixels(KIND.draw(tone(1000, loudness)[None, :, None], SPEC))[4:114, 60:250].max() for loudness in
                   (0.5, 0.005))
    assert loud > 1.5 * quiet
    silent = pixels(KIND.draw(np.zeros((1, 4000, 1), np.float32), SPEC))[4:114, 60:250]
    assert silent.std(axis=(0, 1)).max() == 0, "nothing is seen of silence"


def test_sheets_take_any_number_and_length():
    for count, length in ((1, 4000), (7, 4000), (100, 4000), (2, 16_000), (1, 1), (1, 3)):
        sheet = KIND.draw(np.zeros((count, length, 1), np.float32), SPEC)
        assert sheet.data.startswith(b"\x89PNG") and f"{length / RATE:.2f} seconds" in sheet.alt
    assert "64 clips" in KIND.draw(np.zeros((100, 400, 1), np.float32), SPEC).alt
    dataset = Dataset("t", SOUND, np.repeat(clips(200, 900), 3, axis=0), np.repeat([0, 1], 3), SPEC.classes,
                      traits=SPEC.traits)
    assert "4 clips" in KIND.look(dataset).alt, "of each class two"


def test_the_first_clips_are_heard_one_after_the_other():
    rate, levels = wavfile.read(io.BytesIO(KIND.heard(clips(300, 900, 1500), SPEC).data))
    assert rate == RATE and len(levels) == 3 * (4000 + 1200)
    parts = levels.reshape(3, 5200)
    assert not parts[:, 4000:].any()
    found = np.fft.rfftfreq(4000, 1 / RATE)[np.abs(np.fft.rfft(parts[:, :4000], axis=1)).argmax(axis=1)]
    assert np.abs(found - [300, 900, 1500]).max() < 3
    many = KIND.heard(np.zeros((500, 4000, 1), np.float32), SPEC)
    assert len(many.data) < 300_000 and "8 clips" in many.alt
    assert len(KIND.heard(np.zeros((2, 60 * RATE, 1), np.float32), SPEC).data) < 500_000, "of a minute the beginning"


def test_a_wav_file_holds_all_clips_their_labels_and_is_sound_for_others(tmp_path):
    samples, labels = KIND.rounded(clips(300, 900, 1500), SPEC), np.array([0, 1, 1], np.int32)
    save_as(KIND, tmp_path / "a.wav", samples, SPEC, labels)
    rate, levels = wavfile.read(tmp_path / "a.wav")
    assert rate == RATE and np.array_equal(levels, np.rint(samples.reshape(-1) * 32768))
    back = KIND.load(tmp_path / "a.wav", SPEC)
    assert np.array_equal(back.samples, samples) and np.array_equal(back.labels, labels)
    imported = data.load(str(tmp_path / "a.wav"))
    assert np.array_equal(imported.x, samples), "and it can be learned from"
    (tmp_path / "b.wav").write_bytes(waves.as_wav(tone(300, count=22_050), 16_000))
    other = KIND.load(tmp_path / "b.wav", SPEC)
    assert other.samples.shape == (2, 4000, 1) and other.labels is None, "one of another rate, cut into clips"
    (tmp_path / "c.wav").write_bytes(waves.as_wav(tone(300, count=100), RATE))
    with pytest.raises(BadInput, match="shorter than a clip"):
        KIND.load(tmp_path / "c.wav", SPEC)


def test_what_is_louder_than_a_file_can_hold_is_cut_off():
    rough = np.array([2.0, -2.0, 1.0, np.nan, 0.25], np.float32).reshape(1, 5, 1)
    assert KIND.rounded(rough, SPEC).ravel().tolist() == [32767 / 32768, -1.0, 32767 / 32768, 0.0, 0.25]


def test_figures_tell_silence_and_noise_from_tones():
    rng = np.random.default_rng(0)
    dataset = Dataset("t", SOUND, clips(300, 900, 1500), None, traits=SPEC.traits)
    of = {name: KIND.figures(samples, dataset) for name, samples in {
        "tones": clips(200, 2000), "noise": rng.uniform(-0.5, 0.5, (3, 4000, 1)), "silence": np.zeros((3, 4000, 1)),
        "constant": np.full((3, 4000, 1), 0.5)}.items()}
    assert of["tones"]["noise"] == of["silence"]["noise"] == 0 and of["noise"]["noise"] > 0.95
    assert of["silence"]["loudness"] == of["constant"]["loudness"] == 0 < 0.3 < of["tones"]["loudness"]
    assert all(each["noise_real"] == 0 and each["loudness_real"] == pytest.approx(0.354, abs=0.01) for each in of.values())


# Spectra


def test_a_sine_has_a_quarter_at_its_frequency():
    power = spectra.power(tone(1000, 1.0)[None], 256, 128)
    assert power.shape == (1, 31, 129) and (power[0, 3:-3].argmax(axis=1) == 32).all()
    np.testing.assert_allclose(power[0, 3:-3, 32], 0.25, rtol=1e-3)
    assert spectra.power(np.ones((2, 3)), 256, 128).shape == (2, 1, 129)


def test_mel_bands_are_narrow_below_and_wide_above_and_each_adds_up_to_one():
    bands = spectra.mel_bands(24, 256, RATE)
    np.testing.assert_allclose(bands.sum(axis=1), 1.0, rtol=1e-5)
    middles, widths = bands.argmax(axis=1), (bands > 0).sum(axis=1)
    assert (np.diff(middles) >= 0).all() and widths[-1] > 3 * widths[0]
    assert spectra.mel_of(spectra.hertz_of(1234.0)) == pytest.approx(1234.0)
    assert spectra.mel_of(1000) == pytest.approx(1000, abs=1)


def test_flatness_is_that_of_noise_and_of_tones():
    noise = spectra.power(np.random.default_rng(0).standard_normal((1, 200_000)), 256, 256)
    assert spectra.flatness(noise).mean() == pytest.approx(np.exp(-0.5772), abs=0.03), "of exponential powers"
    assert spectra.flatness(spectra.power(tone(1000)[None], 256, 256)[0, 3:-3]).max() < 0.05
