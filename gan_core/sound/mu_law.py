"""Waves as 256 levels that lie closer the quieter they are: the mu-law of telephones (ITU-T G.711; van den Oord 2016, 2.2).

    f(x) = sign(x) ln(1 + mu |x|) / ln(1 + mu),  mu = 255

and the level k = 0, ..., 255 stands for f = 2 k / 255 - 1.
"""

import numpy as np

MU = 255.0
LEVELS = 256


def companded(wave):
    """f of waves in [-1, 1], any shape."""
    return np.sign(wave) * np.log1p(MU * np.abs(wave)) / np.log1p(MU)


def expanded(compressed):
    """The inverse of f; beyond -1 and 1, too."""
    return np.sign(compressed) * np.expm1(np.abs(compressed) * np.log1p(MU)) / MU


def levels_of(wave):
    """The levels of waves, int32 of the same shape: the nearest in f, of what is louder than 1 the last."""
    f = companded(np.clip(np.asarray(wave, np.float64), -1.0, 1.0))
    return np.floor((f + 1.0) * (0.5 * (LEVELS - 1)) + 0.5).astype(np.int32)


def waves_of(levels):
    """What levels stand for: float32 in [-1, 1]."""
    return _CENTRES[levels]


def edges():
    """Where in a wave one level ends and the next begins: (255,), rising."""
    return expanded((np.arange(LEVELS - 1) + 0.5) * (2.0 / (LEVELS - 1)) - 1.0)


_CENTRES = expanded(np.arange(LEVELS) * (2.0 / (LEVELS - 1)) - 1.0).astype(np.float32)
