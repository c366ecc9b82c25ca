"""Waves as spectra: how strong each frequency is at each moment."""

import functools

import numpy as np

QUIETEST = 1e-7  # power, of a full-scale tone's about 0.1 a band: what is quieter is as good as silent


def power(waves, window, hop):
    """(N, T) waves -> (N, frames, window // 2 + 1): power in Hann windows, a sine of amplitude 1 has 1/4 at its peak.

    Waves that are shorter than a window are filled up with silence, and so is the end of the last window.
    """
    waves = np.asarray(waves, np.float32)
    frames = max(1, -(-(waves.shape[1] - window) // hop) + 1)
    missing = (frames - 1) * hop + window - waves.shape[1]
    waves = np.pad(waves, ((0, 0), (0, max(0, missing))))
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    parts = np.lib.stride_tricks.sliding_window_view(waves, window, axis=1)[:, ::hop][:, :frames]
    spectra = np.fft.rfft(parts * shape, axis=-1) / shape.sum()
    return (spectra.real ** 2 + spectra.imag ** 2).astype(np.float32)


def hertz_of(mel):
    return 700.0 * (10.0 ** (np.asarray(mel) / 2595.0) - 1.0)


def mel_of(hertz):
    return 2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0)


@functools.lru_cache(maxsize=8)
def mel_bands(count, window, rate):
    """(count, window // 2 + 1): triangles of equal width on the mel scale (O'Shaughnessy 1987), from 0 Hz to half the rate.

    Each adds up to 1; a band that is narrower than the spectrum's lines has the nearest one.
    """
    lines = np.arange(window // 2 + 1) * rate / window
    corners = hertz_of(np.linspace(0.0, mel_of(rate / 2), count + 2))
    left, middle, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    bands = np.clip(np.minimum((lines - left) / (middle - left), (right - lines) / (right - middle)), 0.0, None)
    empty = bands.sum(axis=1) == 0
    bands[empty, np.abs(lines - middle[empty]).argmin(axis=1)] = 1.0
    return (bands / bands.sum(axis=1, keepdims=True)).astype(np.float32)


def flatness(spectra):
    """(..., lines) of power -> (...): the geometric mean as a share of the mean.  0.56 of white noise, near 0 of tones."""
    spectra = np.asarray(spectra, np.float64) + 1e-12
    return np.exp(np.log(spectra).mean(axis=-1)) / spectra.mean(axis=-1)
