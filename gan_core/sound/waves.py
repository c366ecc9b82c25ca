"""Waves and their files: WAV of 16 bits is written; of 8 to 64, stereo and of any rate is read.

SciPy, which takes a while, is loaded when a file is read or written.
"""

import io
import math
import warnings

import numpy as np

from gan_core.errors import BadInput

LARGEST = 200 * 10**6  # bytes of a file
SLOWEST, FASTEST = 1_000, 400_000  # samples a second that a file may have


def as_wav(wave, rate) -> bytes:
    """A wave, floats (T,) in [-1, 1], as the bytes of a WAV of 16 bits; what is louder is cut off, and NaN is silence."""
    from scipy.io import wavfile

    file = io.BytesIO()
    levels = np.clip(np.rint(np.nan_to_num(np.asarray(wave, np.float32)) * 32768.0), -32768, 32767).astype("<i2")
    wavfile.write(file, rate, levels)
    return file.getvalue()


def read(content, label) -> tuple[np.ndarray, int]:
    """``(wave, rate)`` of a WAV file's bytes: float32 (T,) in [-1, 1], the mean of its channels, and samples a second.

    Raises BadInput, which calls the file ``label``, for what is none, is too large or empty.
    """
    from scipy.io import wavfile

    if len(content) > LARGEST:
        raise BadInput(f"{label} has {len(content) / 10**6:,.0f} MB and a sound may have {LARGEST / 10**6:,.0f}; cut it "
                       "into parts.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # of notes beside the sound, of a tail cut off
            rate, levels = wavfile.read(io.BytesIO(content))
    except Exception as error:  # whatever a damaged header makes of it
        raise BadInput(f"{label} is no WAV file that can be read ({_short(error)}); save it as WAV of 16 bits.") from error
    if not SLOWEST <= rate <= FASTEST:
        raise BadInput(f"{label} says that it has {rate:,} samples a second; save it anew as WAV of 16 bits.")
    if not levels.size:
        raise BadInput(f"{label} holds no sound; leave it out.")
    wave = _in_one(levels)
    return (wave if wave.ndim == 1 else wave.mean(axis=1)).astype(np.float32), int(rate)


def _in_one(levels):
    """Levels of any width as floats in [-1, 1]; of floats what is no number is silence."""
    if levels.dtype == np.uint8:
        return (levels.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(levels.dtype, np.integer):  # 24 bits come in the upper ones of 32
        return levels.astype(np.float64) / -float(np.iinfo(levels.dtype).min)
    return np.clip(np.nan_to_num(levels.astype(np.float32)), -1.0, 1.0)


def at_rate(wave, rate, wanted):
    """A wave (T,) of one rate at another, without tones that the new one cannot hold."""
    from scipy import signal

    if rate == wanted:
        return wave
    common = math.gcd(rate, wanted)
    return signal.resample_poly(wave, wanted // common, rate // common).astype(np.float32)


def _short(error):
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__
