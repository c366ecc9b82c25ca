"""Piano rolls: which pitches of which voice sound at which sixteenth; cut into phrases, and back to notes.

A phrase is (steps, pitches, voices), uint8, 255 where a pitch sounds and 0 where it does not.  Two notes of one pitch that
follow each other at once are one held note: a roll cannot tell them apart.
"""

from typing import NamedTuple

import numpy as np

STEPS = 4  # a quarter note has: sixteenths
MOST_VOICES = 8
NARROWEST = 12  # pitches of a roll, at least an octave
ON = 255


class Layout(NamedTuple):
    """How a phrase is read: the names of its voices, its lowest pitch in MIDI's numbers, steps a bar, seconds a step, and
    whether no voice sounds two pitches at once."""

    voices: tuple[str, ...]
    lowest: int
    bar: int
    seconds: float
    single: bool

    @property
    def traits(self):
        """As a :class:`gan_core.data.DataSpec` keeps them."""
        return (("voices", self.voices), ("lowest", self.lowest), ("steps_per_bar", self.bar),
                ("seconds_per_step", self.seconds), ("single", self.single))

    @classmethod
    def of(cls, traits):
        """The inverse of :attr:`traits`; None where they say something else."""
        told = dict(traits)
        try:
            return cls(tuple(told["voices"]), int(told["lowest"]), int(told["steps_per_bar"]),
                       float(told["seconds_per_step"]), bool(told["single"]))
        except (KeyError, TypeError, ValueError):
            return None


def roll_of(notes, steps, lowest, pitches):
    """Notes ``(start, length, pitch)`` in quarters as bool (steps, pitches); each sounds for a step at least.

    What lies beyond the roll is cut off.
    """
    roll = np.zeros((steps, pitches), bool)
    for start, length, pitch in notes:
        first = round(start * STEPS)
        if 0 <= pitch - lowest < pitches:
            roll[first:max(first + 1, round((start + length) * STEPS)), pitch - lowest] = True
    return roll


def notes_of(roll):
    """``(first step, steps, place of its pitch)`` of each note of a voice (steps, pitches), as ints (n, 3) in the order of
    pitches."""
    sounds = np.zeros((roll.shape[1], roll.shape[0] + 2), np.int8)
    sounds[:, 1:-1] = np.asarray(roll, bool).T
    changes = np.diff(sounds, axis=1)
    (pitch, first), (_, end) = np.nonzero(changes == 1), np.nonzero(changes == -1)
    return np.stack([first, end - first, pitch], axis=1)


def phrases_of(roll, steps, hop):
    """A whole piece (T, pitches, voices) as phrases (n, steps, pitches, voices), one every ``hop`` steps; what is left at
    the end is no phrase."""
    cut = [roll[first:first + steps] for first in range(0, len(roll) - steps + 1, hop)]
    return np.stack(cut) if cut else np.zeros((0, steps, *roll.shape[1:]), roll.dtype)


def as_samples(phrases):
    """bool (n, steps, pitches, voices) as a dataset has them."""
    return phrases.astype(np.uint8) * np.uint8(ON)


def is_single(phrases):
    """Whether no voice of bool (n, steps, pitches, voices) sounds two pitches at once."""
    return not bool((phrases.sum(axis=2, dtype=np.int32) > 1).any())
