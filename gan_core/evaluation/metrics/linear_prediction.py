"""What held-out sound costs, in bits a number: by a model, by linear prediction, and by how often each level comes.

All three say of each number how likely each of 256 mu-law levels is, given those before it, and are charged -log2 of what
they gave to the one that came: what an arithmetic coder would need.  Linear prediction (Makhoul 1975) hears what a network
hears, the levels as waves v:

    m_t = a_1 v_(t-1) + ... + a_p v_(t-p)
    s_t = s + c w_t,  w_t the mean of |v_i - m_i| over i < t, each step back counting 0.9 of the one before
    P(k) = (1 - e) (F((u_k - m_t) / s_t) - F((u_(k-1) - m_t) / s_t)) + e / 256

u_k is where level k ends in the wave, the first level reaching down for ever and the last one up, so that the P(k) add up to
1; F is the distribution function of Laplace or of Gauss; e = 1/256 keeps any level possible.  The a_i are those of the least
squares of training clips of equal weight (the autocorrelation method); the order p, F, s and c are what costs least on
training clips that the a_i have not seen.  Nothing is looked up in what is held out.

One predictor for all sound knows no pitch.  So that nobody takes it for all that lines can do, the same is counted with
predictors that are fitted anew, every 40 numbers, to the 512 before (the covariance method), of an order chosen as above:
they hear as much as a network of the usual size, and need no training.
"""

import hashlib
import itertools
import math

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Family, Predicted, Score
from gan_core.sound.mu_law import LEVELS, edges, levels_of, waves_of

ORDERS = (1, 2, 4, 8, 16, 32, 64)
FLOORS, FOLLOWS = (0.03, 0.1, 0.3, 1.0), (0.0, 0.5, 1.0, 1.5)  # s as a share of the mean residual, and c
FORGETS = 0.9
POSSIBLE = 1 / LEVELS  # e
FITTED, CHOSEN_ON, FEW = 500, 40, 12  # training clips
ADAPTED, HEARD, ANEW, RIDGE = (8, 16, 32), 512, 40, 1e-6  # orders; numbers that are fitted, and after how many; of the mean
_KNOWN = {}  # by a hash of the data, the last
ENDS = np.concatenate([[-np.inf], edges(), [np.inf]])


def predictor(waves, order):
    """a_1 ... a_p of the least squares of waves (N, T), each divided by its own strength."""
    from scipy import linalg

    length = 2 * waves.shape[1]
    correlation = np.fft.irfft(np.abs(np.fft.rfft(waves, length)) ** 2, length)[:, :order + 1]
    correlation = (correlation / np.maximum(correlation[:, :1], 1e-12)).mean(axis=0)
    correlation[0] *= 1.0 + 1e-9
    return linalg.solve_toeplitz(correlation[:-1], correlation[1:])


def predicted(waves, coefficients):
    """m_t of waves (N, T), of nothing before their beginning."""
    from scipy import signal

    return signal.lfilter(np.concatenate([[0.0], coefficients]), [1.0], waves, axis=1)


def scales(residuals, floor, follows):
    """s_t of residuals (N, T), as what came before each tells."""
    from scipy import signal

    before = np.concatenate([np.zeros_like(residuals[:, :1]), np.abs(residuals)[:, :-1]], axis=1)
    return floor + follows * signal.lfilter([1.0 - FORGETS], [1.0, -FORGETS], before, axis=1)


def bits(levels, mean, scale, gaussian):
    """-log2 P of levels, where ``mean`` and ``scale`` were told: all of one shape."""
    from scipy import special

    low, high = ((ENDS[levels + side] - mean) / scale for side in (0, 1))
    low, high = np.where(low > 0, -high, low), np.where(low > 0, -low, high)  # where no digits are lost
    if gaussian:
        share = special.ndtr(high) - special.ndtr(low)
    else:
        below = 0.5 * np.exp(np.minimum(low, 0.0))
        share = np.where(high > 0, 1.0 - 0.5 * np.exp(-np.maximum(high, 0.0)), 0.5 * np.exp(np.minimum(high, 0.0))) - below
    return -np.log2((1.0 - POSSIBLE) * share + POSSIBLE / LEVELS)


def spread(levels, waves, mean):
    """``((s, c, whether F is that of Gauss), bits)`` that cost least of levels (N, T) whose ``mean`` is told."""
    residuals = waves - mean
    usual = max(float(np.abs(residuals).mean()), 1e-9)
    costs = {}
    for floor, follows in itertools.product(FLOORS, FOLLOWS):
        scale = scales(residuals, floor * usual, follows)
        for gaussian in (False, True):
            costs[floor * usual, follows, gaussian] = float(bits(levels, mean, scale, gaussian).mean())
    best = min(costs, key=costs.get)
    return best, costs[best]


def _coded(levels, waves, mean, told):
    floor, follows, gaussian = told
    return bits(levels, mean, scales(waves - mean, floor, follows), gaussian)


def _parts(learned):
    """Levels (n, T) to fit on, and others (m, T) to choose by."""
    rows = np.random.RandomState(0).permutation(len(learned))[:FITTED]
    apart = max(1, min(CHOSEN_ON, len(rows) // 4))
    return learned[rows[apart:] if len(rows) > 1 else rows], learned[rows[:apart]]


def linear(learned, fresh):
    """``(bits of each of fresh levels (M, T), order)`` by linear prediction from learned ones (N, T)."""
    fit, look = _parts(learned)
    waves, seen = _waves(fit), _waves(look)
    known = [predictor(waves, order) for order in ORDERS if order < fit.shape[1]]
    told = [spread(look, seen, predicted(seen, a)) for a in known]
    best = min(range(len(known)), key=lambda place: told[place][1])
    return _coded(fresh, _waves(fresh), predicted(_waves(fresh), known[best]), told[best][0]), len(known[best])


def adapted(waves, order):
    """m_t of waves (N, T) by predictors that are fitted anew every :data:`ANEW` numbers, to the :data:`HEARD` before."""
    n, length = waves.shape
    padded = np.concatenate([np.zeros((n, HEARD + order)), waves, np.zeros((n, ANEW))], axis=1)
    rows = np.lib.stride_tricks.sliding_window_view(padded, order, axis=1)[..., ::-1]  # what came before place t + order
    mean = np.zeros((n, length + ANEW))
    for first in range(0, length, ANEW):
        x, y = rows[:, first:first + HEARD], padded[:, first + order:first + order + HEARD, None]
        gram = x.swapaxes(1, 2) @ x
        gram += (RIDGE * np.trace(gram, axis1=1, axis2=2)[:, None, None] / order + 1e-12) * np.eye(order)
        a = np.linalg.solve(gram, x.swapaxes(1, 2) @ y)
        mean[:, first:first + ANEW] = (rows[:, first + HEARD:first + HEARD + ANEW] @ a)[..., 0]
    return mean[:, :length]


def adaptive(learned, fresh):
    """``(bits of each of fresh levels (M, T), order)`` by predictors that follow each clip: of learned ones (N, T) they take
    the order and the spread alone."""
    look = _parts(learned)[1][:FEW]
    told = {order: spread(look, _waves(look), adapted(_waves(look), order)) for order in ADAPTED}
    order = min(told, key=lambda order: told[order][1])
    return _coded(fresh, _waves(fresh), adapted(_waves(fresh), order), told[order][0]), order


def _waves(levels):
    return waves_of(levels).astype(np.float64)


def unigram(learned, fresh):
    """Bits of each of fresh levels by how often it comes among learned ones, once more than it does."""
    counts = np.bincount(learned.ravel(), minlength=LEVELS) + 1.0
    return -np.log2(counts / counts.sum())[fresh]


def measure(told):
    learned, fresh = levels_of(told.learned[..., 0]), levels_of(told.fresh[..., 0])
    by_clip = told.surprise.reshape(len(fresh), -1).mean(axis=1, dtype=np.float64)
    return {"bits_per_sample": float(by_clip.mean()), "bits_per_sample_std": float(by_clip.std()),
            "n_bits": len(fresh)} | _without_network(learned, fresh)


def _without_network(learned, fresh):
    """The figures of all who need no network: they take seconds, and are the same for every checkpoint of the same data."""
    key = hashlib.sha256(learned.tobytes() + fresh.tobytes()).digest()
    if key not in _KNOWN:
        (by_lines, order), (following, _) = linear(learned, fresh), adaptive(learned, fresh)
        _KNOWN.clear()
        _KNOWN[key] = {"bits_linear": float(by_lines.mean()), "linear_order": order,
                       "bits_adaptive": float(following.mean()), "bits_unigram": float(unigram(learned, fresh).mean())}
    return _KNOWN[key]


def error(scores):
    """Of the mean over clips, from their spread."""
    n = scores.get("n_bits", 0)
    return (scores["bits_per_sample_std"] / math.sqrt(n - 1), n - 1) if n > 1 else None


FAMILY = Family("bits", of=Predicted, turn=10, measure=measure, applies=lambda given: given.kind == "sound", scores=(
    Score("bits_per_sample", "Bits per sample", LOWER, "What each number of held-out sound costs by the model, of 256 "
          "levels: the mean of -log2 p, labels told where the model asks for them.", place=220, spread="bits_per_sample_std",
          error=error),
    Score("bits_linear", "Bits, linear", "", "What the same costs by linear prediction, whose order and spread were chosen "
          "on training data.", place=221),
    Score("bits_adaptive", "Bits, adaptive", "", "What the same costs by linear prediction that is fitted anew to what was "
          "heard last.", place=222),
    Score("bits_unigram", "Bits, unigram", "", "What the same costs by how often each level comes.", place=223)))
