"""Tunes by a grammar: fiddle tunes in ABC notation that were made here, and belong to nobody.

A tune has a type (reel, jig, hornpipe, polka, waltz, slip jig), a key, and two parts of eight bars, each played twice.  A
part is a phrase of two bars, an answer, the phrase again, and a cadence; the second part most often ends as the first does.
Each bar follows a chord: its beats fall on notes of it, and what lies between leads there by steps or through the chord.
"""

import random
from typing import NamedTuple

LONGEST = 255  # characters of a tune
LOWEST, HIGHEST = -3, 14  # steps from the C of "C" that a tune may reach: the G of "G,", and the c of "c'"
LETTERS = "CDEFGAB"


class Type(NamedTuple):
    """A kind of tune: its metre, beats a bar, and the rhythms that a beat may have, marks of length, with how often."""

    metre: str
    beats: int
    rhythms: tuple
    ends: tuple  # of the last bar, beat by beat


_REEL = ((6, ("", "", "", "")), (2, ("2", "", "")), (2, ("", "", "2")), (1, ("3", "")), (1, ("2", "2")))
_JIG = ((6, ("", "", "")), (3, ("2", "")), (1, ("3",)))
_HORNPIPE = ((6, (">", "", ">", "")), (2, ("2", ">", "")), (1, ("2", "2")), (1, ("(3", "", "", "2")))
_POLKA = ((3, ("", "")), (3, ("2",)), (2, ("", "/", "/")), (1, ("/", "/", "")))
TYPES = {
    "reel": Type("4/4", 2, _REEL, ((("", "", "", ""), ("4",)), (("2", "2"), ("4",)), (("3", ""), ("4",)))),
    "jig": Type("6/8", 2, _JIG, ((("", "", ""), ("3",)), (("2", ""), ("3",)))),
    "hornpipe": Type("4/4", 2, _HORNPIPE, ((("2", "2"), ("4",)), ((">", "", "2"), ("4",)))),
    "polka": Type("2/4", 2, _POLKA, ((("2",), ("2",)), (("4",),))),
    "waltz": Type("3/4", 3, ((4, ("2",)), (4, ("", ""))), ((("6",),), (("4",), ("2",)))),
    "slip jig": Type("9/8", 3, _JIG, ((("2", ""), ("2", ""), ("3",)), (("", "", ""), ("3",), ("3",)))),
}
# Of each key: its tonic in steps from C, and the chord progressions of four bars by their roots in steps above it.
_MAJOR = ((0, 0, 3, 4), (0, 3, 4, 0), (0, 4, 0, 4), (0, 5, 3, 4), (0, 0, 4, 4), (0, 1, 4, 0))
_MINOR = ((0, 6, 0, 4), (0, 0, 6, 6), (0, 6, 5, 4), (0, 3, 6, 0), (0, 0, 3, 4))
_MODAL = ((0, 0, 6, 6), (0, 6, 0, 6), (0, 0, 0, 6), (0, 3, 6, 0))
KEYS = {"G": (4, _MAJOR), "D": (1, _MAJOR), "A": (5, _MAJOR), "C": (0, _MAJOR), "F": (3, _MAJOR), "Em": (2, _MINOR),
        "Am": (5, _MINOR), "Bm": (6, _MINOR), "Dm": (1, _MINOR), "Ador": (5, _MODAL), "Edor": (2, _MODAL),
        "Dmix": (1, _MODAL), "Amix": (5, _MODAL), "Gmix": (4, _MODAL)}
_MARKS = [mark for kind in TYPES.values() for beat in (*(rhythm for _, rhythm in kind.rhythms), *(
    beat for end in kind.ends for beat in end)) for mark in beat]
CHARACTERS = "".join(sorted({*"\n |:,'M/L1K^", *LETTERS, *LETTERS.lower(), *"".join(KEYS), *"".join(_MARKS),
                             *"".join(kind.metre for kind in TYPES.values())}))


def tunes(count, seed):
    """``count`` different tunes of at most :data:`LONGEST` characters, the same ones for a seed."""
    rng, made = random.Random(seed), {}
    while len(made) < count:
        tune = _tune(rng)
        if len(tune) <= LONGEST:
            made[tune] = None
    return list(made)


def _tune(rng):
    kind, key = TYPES[_one(rng, list(TYPES))], _one(rng, list(KEYS))
    tonic, progressions = KEYS[key]
    writer = _Writer(rng, kind, tonic, minor=progressions is _MINOR)
    first, ending = writer.part(_one(rng, progressions), _one(rng, progressions), tonic + 7 * (tonic < 3), None)
    second, _ = writer.part(_one(rng, progressions), _one(rng, progressions), tonic + 4 + 7 * (tonic < 2),
                            ending if rng.random() < 0.7 else None)
    return f"M:{kind.metre}\nL:1/8\nK:{key}\n|:{_lines(first)}:|\n|:{_lines(second)}:|"


def _lines(bars):
    return "|".join(bars[:4]) + "|\n" + "|".join(bars[4:])


class _Writer:
    def __init__(self, rng, kind, tonic, minor):
        self.rng, self.kind, self.tonic, self.minor = rng, kind, tonic, minor

    def part(self, call, answer, start, ending):
        """``(eight bars, the last two)``; ``ending`` are the last two of another part, or None."""
        place = start
        phrase, place = self.bars(call[:2], place)
        reply, place = self.bars(call[2:], place)
        if self.rng.random() < 0.6:  # the phrase again as it was
            again = phrase
        else:
            again, place = self.bars(answer[:2], start)
        if ending is None:
            leading, place = self.bars((4 if not self.minor else 6,), place)
            ending = [*leading, self.last(place)]
        return [*phrase, *reply, *again, *ending], ending

    def bars(self, roots, place):
        made = []
        for root in roots:
            beats = []
            for _ in range(self.kind.beats):
                text, place = self.beat(self.rhythm(), root, place)
                beats.append(text)
            made.append(" ".join(beats))
        return made, place

    def rhythm(self):
        return _one(self.rng, [rhythm for weight, rhythm in self.kind.rhythms for _ in range(weight)])

    def beat(self, rhythm, root, place):
        """One beat: its first note is of the chord, the others run on by steps or through the chord."""
        place = self.nearest(root, place + _one(self.rng, (-2, -1, 0, 1, 2)))
        way, by_steps, notes = _one(self.rng, (-1, 1)), self.rng.random() < 0.6, []
        for number, mark in enumerate(rhythm):
            if number:
                step = way if by_steps else 2 * way
                if not LOWEST <= place + step <= HIGHEST:
                    way, step = -way, -step
                place = place + step if by_steps else self.nearest(root, place + step)
            notes.append(_written(place, mark))
        return "".join(notes), place

    def nearest(self, root, place):
        """The note of the chord on ``root`` that lies nearest."""
        tones = {(self.tonic + root + third) % 7 for third in (0, 2, 4)}
        place = min(max(place, LOWEST), HIGHEST)
        return min((note for note in range(LOWEST, HIGHEST + 1) if note % 7 in tones),
                   key=lambda note: (abs(note - place), note))

    def last(self, place):
        """The last bar: down or up to the tonic by steps, from the note below it where the key is a minor one."""
        beats = _one(self.rng, self.kind.ends)
        count = sum(map(len, beats))
        goal = min((note for note in range(LOWEST + 1, HIGHEST + 1) if note % 7 == self.tonic % 7),
                   key=lambda note: (abs(note - place), note))
        way = 1 if place > goal and goal + count <= HIGHEST else -1
        run = [min(max(goal + way * (count - 1 - number), LOWEST), HIGHEST) for number in range(count)]
        sharp = self.minor and count > 1
        if sharp:
            run[-2] = goal - 1
        names = iter([*run[:-2], None, run[-1]] if sharp else run)
        return " ".join("".join("^" + _written(goal - 1, mark) if note is None else _written(note, mark)
                                for mark, note in zip(beat, names)) for beat in beats)


def _written(place, mark):
    """A note in ABC: its letter, its octave and how long it is held."""
    octave, letter = divmod(place, 7)
    name = LETTERS[letter] + "," if octave < 0 else LETTERS[letter] if octave == 0 else LETTERS[letter].lower()
    name += "'" * (octave - 1)
    return f"(3{name}" if mark == "(3" else name + mark


def _one(rng, values):
    """One of some values, alike on every version of Python."""
    return values[int(rng.random() * len(values))]
