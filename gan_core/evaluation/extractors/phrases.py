"""Phrases of music by what is heard of them: how voices lie, move and sound together.  Fixed, without weights.

Of the features of a phrase each is about as large as the others: shares are spread by their number.
"""

import numpy as np

from gan_core.data import MUSIC, rolls
from gan_core.errors import BadInput, Stopped
from gan_core.evaluation.extractors.base import BATCH, Extractor, Offer, digest

NAME = "phrases"
WIDEST_STEP = 12  # half tones of a voice's move, up or down; wider ones count as this
RECIPE = "phrases of music 1: places, moves, sixteenths of a beat, pitch classes, intervals of neighbours"


class Phrases(Extractor):
    def __init__(self, shape, layout):
        super().__init__(NAME, digest(f"{RECIPE}, {shape}, {tuple(layout)}"), shape)
        self.layout = layout

    def outputs(self, samples, progress=None, should_stop=None):
        samples = np.asarray(samples)
        self.check(samples.shape[1:])
        parts = []
        for first in range(0, len(samples), BATCH):
            if should_stop is not None and should_stop():
                raise Stopped
            on = samples[first:first + BATCH] > (rolls.ON // 2 if samples.dtype == np.uint8 else 0)
            parts.append(features(on, self.layout.lowest))
            if progress is not None:
                progress(min(first + BATCH, len(samples)) / len(samples))
        return np.concatenate(parts), None


def features(on, lowest):
    """bool (n, steps, pitches, voices) -> float32 (n, d).

    Of each voice: where it lies, how widely, how much it sounds, how often it begins a note.  Of all: how they move from one
    step to the next (25), on which sixteenth of a beat notes begin (4), which pitch classes they use (12).  Of each pair of
    neighbouring voices: the interval between them (12).
    """
    count, steps, pitches, voices = on.shape
    places = np.arange(pitches, dtype=np.float32)
    sounds = on.any(axis=2)  # (n, steps, voices)
    share = sounds.mean(axis=1, dtype=np.float32)
    total = np.maximum(on.sum(axis=(1, 2), dtype=np.float32), 1.0)
    mean = np.einsum("ntpv,p->nv", on, places, dtype=np.float32) / total
    spread = np.sqrt(np.maximum(np.einsum("ntpv,p->nv", on, places ** 2, dtype=np.float32) / total - mean ** 2, 0.0))
    begins = on & ~np.concatenate([np.zeros_like(on[:, :1]), on[:, :-1]], axis=1)
    begun = begins.sum(axis=(1, 2), dtype=np.float32)  # (n, voices)
    heard = share > 0
    # From 12 half tones on a voice lies elsewhere altogether.
    own = [np.where(heard, (mean - pitches / 2) / 12.0, 0.0), spread / 6.0, 2.0 * share - 1.0, 4.0 * begun / steps]
    top = pitches - 1 - on[:, :, ::-1].argmax(axis=2)  # of several at once the highest is followed
    moves = np.clip(np.diff(top, axis=1), -WIDEST_STEP, WIDEST_STEP) + WIDEST_STEP
    both = sounds[:, 1:] & sounds[:, :-1] & (moves != WIDEST_STEP)
    moved = _shares(moves.reshape(count, -1), both.reshape(count, -1), 2 * WIDEST_STEP + 1)
    beat = begins.sum(axis=(2, 3), dtype=np.float32)
    beat = beat[:, :steps - steps % rolls.STEPS].reshape(count, -1, rolls.STEPS).sum(axis=1)
    classes = np.zeros((count, steps, 12, voices), np.float32)
    for pitch in range(pitches):
        classes[:, :, (lowest + pitch) % 12] += on[:, :, pitch]
    used = classes.sum(axis=(1, 3))
    pairs = [(classes[:, :, :, voice], classes[:, :, :, voice + 1]) for voice in range(voices - 1)]
    together = [_normal(np.stack([np.einsum("ntc,ntc->n", one, np.roll(other, by, axis=2)) for by in range(12)], axis=1))
                for one, other in pairs]
    return np.concatenate([*own, moved, _normal(beat), _normal(used), *together], axis=1).astype(np.float32)


def _shares(values, counted, bins):
    """Shares of whole numbers (n, m) below ``bins`` where they are ``counted``, as :func:`_normal` has them."""
    flat = (np.arange(len(values))[:, None] * bins + values)[counted]
    return _normal(np.bincount(flat, minlength=len(values) * bins).reshape(len(values), bins).astype(np.float32))


def _normal(counts):
    """Counts (n, k) as shares, times the root of k; 0 where there are none."""
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0) * np.float32(counts.shape[1] ** 0.5)


def make(dataset, workspace=None, progress=None, should_stop=None):
    layout = rolls.Layout.of(dataset.traits)
    if layout is None:
        raise BadInput("These phrases do not say what their pitches are; give music with its voices, as `sample` writes it.")
    return Phrases(dataset.x.shape[1:], layout)


def refusal(dataset):
    return "" if dataset.kind == MUSIC else "Only music has phrases; leave the extractor out."


EXTRACTOR = Offer(NAME, title="what is heard of phrases", order=5, by_name=False, make=make, refusal=refusal)
