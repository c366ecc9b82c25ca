"""Waves: files of every width and rate, and notes that are played."""

import io
import struct

import numpy as np
import pytest
from scipy.io import wavfile

from gan_core.errors import BadInput
from gan_core.sound import notes, waves
from gan_core.sound.notes import Note
from helpers_runs import is_a_sentence


def tone(rate=8000, seconds=0.5, hertz=440.0):
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32) * 0.5


def file_of(levels, rate=8000):
    file = io.BytesIO()
    wavfile.write(file, rate, levels)
    return file.getvalue()


def loudest_hertz(wave, rate):
    return np.fft.rfftfreq(len(wave), 1 / rate)[np.abs(np.fft.rfft(wave)).argmax()]


def test_what_is_written_is_read_again():
    wave, rate = waves.read(waves.as_wav(tone(), 8000), "a.wav")
    assert rate == 8000 and wave.dtype == np.float32 and np.allclose(wave, tone(), atol=1e-4)


@pytest.mark.parametrize("levels, near", [
    ((tone() * 127 + 128).astype(np.uint8), 0.02), ((tone() * 32767).astype(np.int16), 1e-4),
    ((tone() * (2**31 - 1)).astype(np.int32), 1e-6), (tone(), 1e-6), (tone().astype(np.float64), 1e-6),
    (np.stack([tone(), tone()], axis=1), 1e-6)])
def test_every_width_and_stereo_are_read_alike(levels, near):
    wave, rate = waves.read(file_of(levels), "a.wav")
    assert rate == 8000 and wave.shape == tone().shape and np.allclose(wave, tone(), atol=near)


def test_24_bits_are_read():
    body = b"".join(struct.pack("<i", int(level * (2**23 - 1)))[:3] for level in tone())
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, 1, 1, 8000, 24_000, 3, 24,
                       b"data", len(body))
    assert np.allclose(waves.read(head + body, "a.wav")[0], tone(), atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3 something else", waves.as_wav(tone(), 8000)[:30],
                                     file_of(np.zeros(0, np.int16)), file_of(np.zeros(10, np.int16), rate=1)])
def test_what_is_no_sound_is_refused_with_a_sentence(content):
    with pytest.raises(BadInput, match="birds.wav") as refused:
        waves.read(content, "birds.wav")
    assert is_a_sentence(str(refused.value))


def test_what_is_no_number_is_silence_and_what_is_too_loud_is_cut_off():
    wave, _ = waves.read(waves.as_wav(np.array([np.nan, 2.0, -2.0, 0.5]), 8000), "a.wav")
    assert np.allclose(wave, [0.0, 1.0, -1.0, 0.5], atol=1e-4)


def test_another_rate_is_the_same_tone():
    wave = waves.at_rate(tone(44_100), 44_100, 8000)
    assert len(wave) == 4000 and abs(loudest_hertz(wave, 8000) - 440) < 3
    high = waves.at_rate(tone(44_100, hertz=7000.0), 44_100, 8000)
    assert np.abs(high[200:-200]).max() < 0.02, "a tone that 8 kHz cannot hold comes back as another"


def test_a_note_is_heard_at_its_pitch_and_when_it_begins():
    wave = notes.played([Note(0.5, 1.0, 69)])
    assert len(wave) == round(1.56 * notes.RATE) and np.abs(wave[:notes.RATE // 2]).max() == 0
    assert abs(loudest_hertz(wave, notes.RATE) - 440) < 2 and np.abs(wave).max() == pytest.approx(0.8)
    chord = notes.played([Note(0.0, 1.0, pitch) for pitch in (60, 64, 67)], seconds=0.5)
    assert len(chord) == notes.RATE // 2 and np.isfinite(chord).all()
    assert np.abs(notes.played([])).max() == 0
