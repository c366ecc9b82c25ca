"""Waves and their files: WAV of 16 bits is written; of 8 to 64, stereo and of any rate is read.

SciPy, which takes a while, is loaded when a file is read or written.
"""

import io
import math
import warnings

import numpy as np

from gan_core.errors import BadInput

LARGEST = 200 * 10**6  # bytes of a file
MOST_OF_A_MOMENT = 16  # bytes that are left out at the end of a file that was cut off
BEYOND, GLITCHES = 2.0, 0.01  # floats above the one are no wave in [-1, 1], where more than such a share are
SLOWEST, FASTEST = 1_000, 400_000  # samples a second that a file may have


def as_wav(wave, rate) -> bytes:
    """A wave, floats (T,) in [-1, 1], as the bytes of a WAV of 16 bits; what is louder is cut off, and NaN is silence."""
    from scipy.io import wavfile

    file = io.BytesIO()
    levels = np.clip(np.rint(np.nan_to_num(np.asarray(wave, np.float32)) * 32768.0), -32768, 32767).astype("<i2")
    wavfile.write(file, rate, levels)
    return file.getvalue()


def too_large(size, label):
    """What is said of a file of so many bytes, which is not read."""
    return BadInput(f"{label} has {size / 10**6:,.0f} MB and a sound may have {LARGEST / 10**6:,.0f}; cut it into parts.")


def read(content, label, longest=math.inf) -> tuple[np.ndarray, int]:
    """``(wave, rate)`` of a WAV file's bytes: float32 (T,) in [-1, 1], the mean of its channels, and samples a second.

    Raises BadInput, which calls the file ``label``, for what is none, is too large or empty, or lasts longer than
    ``longest`` seconds.
    """
    if len(content) > LARGEST:
        raise too_large(len(content), label)
    if not content:
        raise BadInput(f"{label} is empty; leave it out.")
    rate, levels = _levels(content, label)
    if not SLOWEST <= rate <= FASTEST:
        raise BadInput(f"{label} says that it has {rate:,} samples a second; save it anew as WAV of 16 bits.")
    if not levels.size:
        raise BadInput(f"{label} holds no sound, or says that it holds none; leave it out, or save it anew.")
    if len(levels) > longest * rate:  # before eight bits become thirty-two
        raise BadInput(f"{label} lasts {len(levels) / rate / 3600:.1f} hours and {longest / 3600:.1f} are the limit; give "
                       "a part of it.")
    wave = _in_one(levels)
    return wave if wave.ndim == 1 else wave.mean(axis=1), int(rate)


def _levels(content, label):
    """``(samples a second, levels (T,) or (T, channels))``, also of a file whose end is missing."""
    from scipy.io import wavfile

    file, refused = io.BytesIO(content), None
    for missing in range(MOST_OF_A_MOMENT):
        # Cut off within the numbers of one moment, a file is read without what there is of that moment.
        file.truncate(max(0, len(content) - missing))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", wavfile.WavFileWarning)  # of notes beside the sound, of a tail cut off
                file.seek(0)
                return wavfile.read(file)
        except Exception as error:  # whatever a damaged header makes of it
            refused = refused or error
            if not isinstance(error, ValueError) or _compressed(str(error)):
                break
    raise BadInput(f"{label} is no WAV file that can be read ({_short(refused)}); save it as WAV of 16 bits"
                   f"{', not compressed' * _compressed(str(refused))}.") from refused


def _compressed(said):
    return said.startswith("Unknown wave file format")


def _in_one(levels):
    """Levels of any width as float32 in [-1, 1]; of floats what is no number is silence, and single ones beyond are cut."""
    wave = levels.astype(np.float32)  # divided below by powers of two: nothing is lost that float32 can hold
    if levels.dtype == np.uint8:
        wave -= 128.0
        wave /= 128.0
    elif np.issubdtype(levels.dtype, np.integer):  # 24 bits come in the upper ones of 32
        wave /= -float(np.iinfo(levels.dtype).min)
    else:
        wave = np.nan_to_num(wave, copy=False, posinf=1.0, neginf=-1.0)
        loud = np.abs(wave) > BEYOND
        if loud.mean() > GLITCHES:  # floats that were written as whole numbers of some width are
            wave /= 2.0 ** np.ceil(np.log2(np.abs(wave).max()))
        np.clip(wave, -1.0, 1.0, out=wave)
    return wave


def at_rate(wave, rate, wanted):
    """A wave (T,) of one rate at another, without tones that the new one cannot hold."""
    from scipy import signal

    if rate == wanted:
        return wave
    common = math.gcd(rate, wanted)
    return signal.resample_poly(wave, wanted // common, rate // common).astype(np.float32)


def _short(error):
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__
