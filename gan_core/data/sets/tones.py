"""Single notes of four instruments, made by a formula: sound whose pitch, timbre and envelope can be heard at once."""

import functools

import numpy as np

from gan_core.data.base import SOUND, Dataset, DatasetInfo

ORDER = 60
RATE, LENGTH = 8000, 4000  # samples a second and of a clip
N_TRAIN, N_TEST = 2000, 400
CLASSES = ("string", "reed", "flute", "bell")
STEPS = 32768  # of 16 bits: on every machine the same numbers, whatever the last digit of its sines
LOWEST, HIGHEST = 48, 83  # half tones as MIDI counts them: 131 to 988 Hz
TRAITS = (("rate", RATE),)


def infos(workspace=None):
    return [DatasetInfo("tones", "Tones, half a second of sound", SOUND, (LENGTH, 1), CLASSES, N_TRAIN, True,
                        f"Made by a formula: {N_TRAIN:,} single notes of a string, a reed, a flute and a bell, of half a "
                        f"second at {RATE:,} Hz; {N_TEST} more are the test set.", licence="CC0 1.0", traits=TRAITS)]


def load(name, size=None, workspace=None) -> Dataset:
    info, = infos()
    info.without_size(size)
    x, y = _made()
    return Dataset(name, SOUND, x[:N_TRAIN], y[:N_TRAIN], CLASSES, x[N_TRAIN:], y[N_TRAIN:], note=info.note, traits=TRAITS)


@functools.lru_cache(maxsize=1)
def _made():
    """(N, T, 1) float32 and labels (N,), the same for everyone: runs are compared on them."""
    rng = np.random.RandomState(2016)
    y = (np.arange(N_TRAIN + N_TEST) % len(CLASSES)).astype(np.int32)
    waves = np.stack([_note(CLASSES[label], rng) for label in y])
    return (np.rint(waves * STEPS) / STEPS).astype(np.float32)[..., None], y


def _note(timbre, rng):
    """A note (T,) in [-1, 1] that begins within the first 10 ms and is held for 0.4 to 0.8 seconds: who remembers some
    hundredths of a second cannot tell the silence before a note from that behind it, so that there is little of it."""
    pitch, start, held, loudness, tremor = (low + (high - low) * rng.random_sample() for low, high in (
        (LOWEST - 0.2, HIGHEST + 0.2), (0.0, 0.01), (0.4, 0.8), (0.3, 0.9), (0.0, 2 * np.pi)))
    first, end = int(np.ceil(start * RATE)), min(int((start + held) * RATE), LENGTH)
    time = np.arange(first, end) / RATE - start
    base = 440.0 * 2.0 ** ((round(pitch) + 0.2 * (pitch - round(pitch)) - 69) / 12)  # nobody plays quite in tune
    attack, partials = _PARTIALS[timbre]
    sway = 0.004 / (2 * np.pi * 5.5) * np.sin(2 * np.pi * 5.5 * time + tremor) if timbre in ("reed", "flute") else 0.0
    wave = np.zeros(len(time))
    for multiple, strength, fade in partials:
        if multiple * base < 0.45 * RATE:  # what is above would come back as another tone
            partial = strength * np.sin(2 * np.pi * multiple * base * (time + sway))
            wave += partial * np.exp(-time * fade) if fade else partial
    if timbre == "flute":
        wave += 0.03 * (2.0 * rng.random_sample(len(time)) - 1.0)  # breath
    envelope = np.minimum(time / attack, 1.0) * np.minimum((held - time) / 0.05, 1.0)
    whole = np.zeros(LENGTH)
    whole[first:end] = loudness * wave / sum(strength for _, strength, _ in partials) * envelope
    return whole


# Seconds until a note is there; of each partial: its multiple of the pitch, how strong it is, and how fast it fades.
_PARTIALS = {
    "string": (0.004, [(k, 1.0 / k, 3.0 * k ** 0.7) for k in range(1, 11)]),
    "reed": (0.03, [(k, 1.0 / k, 0.0) for k in range(1, 16, 2)]),
    "flute": (0.05, [(1, 1.0, 0.0), (2, 0.25, 0.0), (3, 0.06, 0.0)]),
    "bell": (0.002, [(1.0, 1.0, 5.0), (2.756, 0.6, 9.0), (5.404, 0.35, 16.0), (8.933, 0.2, 25.0)]),
}
