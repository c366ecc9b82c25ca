"""What phrases of music are like, bar by bar and voice by voice (Dong 2018, MuseGAN, section 6), and what they are held
against: voices that are made without a network and do not listen to each other.

A pitch class is one of twelve: the pitch modulo 12.  Each score is a mean over all bars, notes, beats or moves there are;
its ``_error`` is the standard error of that, phrases taken for independent.
"""

import functools
import itertools
import math

import numpy as np

from gan_core.data import rolls
from gan_core.evaluation.metrics.base import NEARER, Described, Family, Score

MUSIC = "music"
QUALIFIED = 2  # steps: of sixteenths a shorter note is one that has broken off, and chorales have few
FIFTH = 7  # half tones, octaves aside
# Of pitch classes: the circles of fifths, of minor and of major thirds, and how large each is (Harte 2006, section 3).
CIRCLES = ((7 * np.pi / 6, 1.0), (3 * np.pi / 2, 1.0), (2 * np.pi / 3, 0.5))
AT_ONCE = 500  # phrases: their pitch classes are as many numbers again


def counted(on, layout):
    """``{score: (what was counted (n,), of how many (n,))}`` of each of some phrases, bool (n, steps, pitches, voices)."""
    count, steps, pitches, voices = on.shape
    bars = steps // layout.bar
    classes = _classes(on, layout.lowest)
    used = classes[:, :bars * layout.bar].reshape(count, bars, layout.bar, 12, voices).any(axis=2).sum(axis=2)
    before, after = np.zeros((2, *on.shape), bool)
    before[:, 1:], after[:, :-1] = on[:, :-1], on[:, 1:]
    begun = (on & ~before).sum(axis=(1, 2, 3))
    broken_off = (on & ~before & ~after).sum(axis=(1, 2, 3))
    each_bar = np.full(count, bars * voices)
    return {"empty_bars": ((used == 0).sum(axis=(1, 2)), each_bar),
            "used_pitch_classes": (used.sum(axis=(1, 2)), each_bar),
            "qualified_notes": (begun - broken_off, begun),
            "tonal_distance": _tonal_distances(classes),
            "parallel_fifths": _parallel_fifths(on)}


def _classes(on, lowest):
    """Which pitch classes sound: bool (n, steps, pitches, voices) -> (n, steps, 12, voices)."""
    classes = np.zeros((*on.shape[:2], 12, on.shape[3]), bool)
    for pitch in range(on.shape[2]):
        classes[:, :, (lowest + pitch) % 12] |= on[:, :, pitch]
    return classes


def centroid(shares):
    """The tonal centroid of shares of the twelve pitch classes: (..., 12) -> (..., 6) (Harte 2006, equations 1 and 2)."""
    number = np.arange(12)
    circles = np.stack([radius * turn(number * angle) for angle, radius in CIRCLES for turn in (np.sin, np.cos)])
    return shares @ circles.T


def _tonal_distances(classes):
    """Between each two voices, of each beat in which both sound: ``(sum (n,), number (n,))``."""
    count, steps, _, voices = classes.shape
    beats = steps // rolls.STEPS
    held = classes[:, :beats * rolls.STEPS].reshape(count, beats, rolls.STEPS, 12, voices).sum(axis=2)
    held = np.moveaxis(held, 3, 2).astype(np.float64)  # (n, beats, voices, 12)
    total = held.sum(axis=3, keepdims=True)
    places, sounds = centroid(held / np.maximum(total, 1.0)), total[..., 0] > 0
    sums, number = np.zeros(count), np.zeros(count, int)
    for one, other in itertools.combinations(range(voices), 2):
        both = sounds[:, :, one] & sounds[:, :, other]
        apart = np.linalg.norm(places[:, :, one] - places[:, :, other], axis=2)
        sums, number = sums + (apart * both).sum(axis=1), number + both.sum(axis=1)
    return sums, number


def _parallel_fifths(on):
    """``(moves from a fifth to a fifth (n,), moves (n,))``: two voices move at the same time, to other pitches; those in
    parallel go up or down together.  Of several pitches of a voice the highest counts."""
    count, _, pitches, voices = on.shape
    sounds, top = on.any(axis=2), (pitches - 1 - on[:, :, ::-1].argmax(axis=2)).astype(np.int16)
    going = sounds[:, 1:] & sounds[:, :-1]
    step = np.where(going, np.diff(top, axis=1), 0)
    parallel, moves = np.zeros(count, int), np.zeros(count, int)
    for one, other in itertools.combinations(range(voices), 2):
        both = (step[:, :, one] != 0) & (step[:, :, other] != 0)
        fifth = np.abs(top[:, :, one] - top[:, :, other]) % 12 == FIFTH
        alike = np.sign(step[:, :, one]) == np.sign(step[:, :, other])
        parallel += (both & alike & fifth[:, 1:] & fifth[:, :-1]).sum(axis=1)
        moves += both.sum(axis=1)
    return parallel, moves


def measure(described):
    """Each score and its error; one of which there is nothing to count, as of the notes of silence, is absent."""
    layout, values = rolls.Layout.of(described.traits), {}
    parts = [counted(described.samples[first:first + AT_ONCE] > 0, layout)
             for first in range(0, len(described.samples), AT_ONCE)]
    for key in parts[0]:
        found, of = (np.concatenate([part[key][place] for part in parts]).astype(np.float64) for place in (0, 1))
        if of.sum() > 0:
            mean = found.sum() / of.sum()
            values[key] = float(mean)
            values[f"{key}_error"] = float(np.std(found - mean * of) / (of.mean() * math.sqrt(len(of))))
    return values


def applies(described):
    return described.kind == MUSIC and rolls.Layout.of(described.traits) is not None


def independent_voices(described, n, seed):
    """``n`` phrases in which each voice goes its own way: from each of its moments to one that follows such a moment in the
    real music, (steps, pitches, voices) in [-1, 1].  A chain of the first order, learned of each voice by itself."""
    rng, on = np.random.default_rng([seed, *b"voices"]), described.samples > 0
    count, steps, pitches, voices = on.shape
    made = np.zeros((n, steps, pitches, voices), bool)
    for voice in range(voices):
        moments = np.packbits(on[:, :, :, voice].reshape(-1, pitches), axis=1)
        as_one = np.ascontiguousarray(moments).view(f"V{moments.shape[1]}").ravel()  # compared at once, not bit by bit
        _, first, moment = np.unique(as_one, return_index=True, return_inverse=True)
        moment = moment.reshape(count, steps)
        sounds = on[:, :, :, voice].reshape(-1, pitches)[first]
        before, after = moment[:, :-1].ravel(), moment[:, 1:].ravel()
        order = np.argsort(before, kind="stable")
        begin, end = (np.searchsorted(before[order], np.arange(len(first)), side=side) for side in ("left", "right"))
        now = moment[rng.integers(0, count, n), 0]
        for step in range(steps):
            made[:, step, :, voice] = sounds[now]
            if step < steps - 1:
                place = begin[now] + (rng.random(n) * (end - begin)[now]).astype(int)
                followed = after[order[np.minimum(place, len(order) - 1)]]
                # After what comes at the end of phrases alone the voice begins anew.
                now = np.where((end > begin)[now], followed, moment[rng.integers(0, count, n), 0])
    return np.where(made, 1.0, -1.0).astype(np.float32)


def shuffled_voices(described, n, seed):
    """``n`` phrases whose voices are real ones, each of another phrase: by voice they are as real music is."""
    rng = np.random.default_rng([seed, *b"shuffled"])
    return np.stack([described.samples[rng.integers(0, len(described.samples), n), :, :, voice]
                     for voice in range(described.samples.shape[3])], axis=-1)


def _error(key, scores):
    return (scores[f"{key}_error"], math.inf) if f"{key}_error" in scores else None


def _score(key, title, words, place):
    return Score(key, title, NEARER, words, place, error=functools.partial(_error, key))


FAMILY = Family(
    "bars and voices", of=Described, turn=10, measure=measure, applies=applies,
    baselines={"independent_voices": ("Independent voices", independent_voices),
               "shuffled_voices": ("Shuffled voices", shuffled_voices)},
    scores=(
        _score("empty_bars", "Empty bars (EB)", "Share of the bars of a voice in which it is silent.", 200),
        _score("used_pitch_classes", "Used pitch classes (UPC)", "How many of the twelve pitch classes a voice uses in a "
               "bar.", 201),
        _score("qualified_notes", "Qualified notes (QN)", "Share of notes that are held for two steps or more: shorter ones "
               "are mostly fragments.", 202),
        _score("tonal_distance", "Tonal distance (TD)", "Between two voices in a beat: how far apart their pitch classes "
               "are in harmony, 0 for equal ones (Harte 2006).", 203),
        _score("parallel_fifths", "Parallel fifths", "Share of the moves of two voices that go from a fifth to a fifth in "
               "one direction, which voices that know of each other avoid.", 204)))
