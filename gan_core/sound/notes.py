"""Notes, and a small instrument that plays them: a few harmonics that fade, as those of a plucked string do."""

from typing import NamedTuple

import numpy as np

RATE = 22_050  # samples a second of what is played
HARMONICS = (1.0, 0.5, 0.28, 0.14, 0.07)  # how loud each multiple of a note's frequency is
ATTACK, RELEASE = 0.008, 0.06  # seconds in which a note comes, and goes once it is let go
FADE = 1.6  # seconds in which a held note falls to a third
LOUDEST = 0.8  # of what a file can hold: the loudest moment of all that is played


class Note(NamedTuple):
    """One note: when it begins and how long it is held, in seconds; its ``pitch`` in MIDI's half tones, 69 is the A of
    440 Hz; which ``voice`` plays it, and how loud it is, 0 to 1."""

    start: float
    seconds: float
    pitch: int
    voice: int = 0
    loudness: float = 0.8


def frequency(pitch):
    """Hz of a pitch in equal temperament."""
    return 440.0 * 2.0 ** ((pitch - 69) / 12)


def played(notes, rate=RATE, seconds=None):
    """Notes as a wave, float32 (T,) in [-1, 1].

    Args:
        notes: of :class:`Note`; what begins after ``seconds`` is not played.
        seconds: how long the wave is; None: until the last note has faded.
    """
    notes = list(notes)
    whole = max((note.start + note.seconds + RELEASE for note in notes), default=0.0) if seconds is None else seconds
    wave = np.zeros(max(1, round(whole * rate)), np.float32)
    for note in notes:
        first = round(note.start * rate)
        tone = _tone(note, rate)[:max(0, len(wave) - first)]
        wave[first:first + len(tone)] += tone
    loudest = np.abs(wave).max()
    return wave * np.float32(LOUDEST / loudest) if loudest > 0 else wave


def _tone(note, rate):
    """One note, float32 (T,), from the moment when it begins."""
    time = np.arange(round((note.seconds + RELEASE) * rate), dtype=np.float32) / rate
    base = frequency(note.pitch)
    wave = np.zeros_like(time)
    for number, loudness in enumerate(HARMONICS, 1):
        if number * base < rate / 2:  # what is above would come back as another tone
            # Higher ones fade sooner, which is what makes it sound like a string.
            wave += loudness * np.sin(2 * np.pi * number * base * time) * np.exp(-time * number ** 0.5 / FADE)
    envelope = np.minimum(time / ATTACK, 1.0) * np.clip((note.seconds + RELEASE - time) / RELEASE, 0.0, 1.0)
    return note.loudness * wave * envelope
