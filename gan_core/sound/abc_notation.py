"""Tunes in ABC notation (the standard 2.1), as far as one melody goes: from text to notes.

Read are the fields of a tune's head, notes with accidentals, octaves and lengths, rests, chords (of which the highest note
is the melody), broken rhythms, tuplets, ties, bars with repeats and first and second endings, and changes of key, metre and
length.  Ornaments, grace notes, slurs, words and chord symbols are passed over.
"""

import re
from fractions import Fraction
from typing import NamedTuple

from gan_core.sound.notes import Note

_FIELD = re.compile(r"([A-Za-z+]):[ \t]*(.*)")
_KEY = re.compile(r"([A-G])([#b]?)[ \t]*([A-Za-z]*)")
_INLINE = re.compile(r"\[([A-Za-z]):([^\]]*)\]")
_NOTE = re.compile(r"(\^\^|\^|__|_|=)?([A-Ga-g])([,']*)")
_LENGTH = re.compile(r"(\d*)(/*)(\d*)")
_BAR = re.compile(r":*\[?\|+[\]|:]*:*|::+|:+\|")
_ENDING = re.compile(r"\[?([1-9])(?:[,-][1-9])*")
_TUPLET = re.compile(r"\((\d)(?::(\d?))?(?::(\d?))?")
_PASSED = re.compile(r'"[^"\n]*"|![^!\n]*!|\+[^+\n]*\+|\{[^}\n]*\}|[~.HLMOPSTuv](?!:)|\((?!\d)|[)\\`y\s]')
_BROKEN, _REST, _TIE = re.compile(r"[<>]+"), re.compile(r"[zxZX]"), re.compile("-")
SHARPS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
MODES = {"": 0, "maj": 0, "ion": 0, "m": -3, "min": -3, "aeo": -3, "mix": -1, "dor": -2, "phr": -4, "lyd": 1, "loc": -5}
HALF_TONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ORDER_OF_SHARPS = "FCGDAEB"
ALTERED = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # p notes in the time of so many; others in that of two or three
QUARTER, DOTTED = 0.36, 0.5  # seconds of a quarter note, and of a dotted one in 6/8 and its like, where no tempo is given
WHOLE_BAR = 4  # bars that a tune has at least


class Bar(NamedTuple):
    """One bar: ``(pitch in MIDI's half tones or None for a rest, length in whole notes)`` of each note, how long it should
    be, and whether a repeat ``begins`` or ``ends`` there; ``ending`` is the number of the ending that begins, or 0."""

    notes: tuple
    length: Fraction
    begins: bool = False
    ends: bool = False
    ending: int = 0

    @property
    def held(self):
        return sum((length for _, length in self.notes), Fraction())


class Tune(NamedTuple):
    """A tune: its bars as they are written, and the seconds of a whole note."""

    bars: tuple[Bar, ...]
    seconds: float

    def played(self):
        """The bars in the order in which they are played, repeats and endings as they are written."""
        order, first, number = [], 0, 0
        ends_at = []
        while number < len(self.bars):
            bar = self.bars[number]
            if bar.begins:
                first = number
            order.append(bar)
            if bar.ends and number not in ends_at:
                ends_at.append(number)
                skip = next((place for place in range(first, number + 1) if self.bars[place].ending == 1), number + 1)
                order += self.bars[first:skip]
                first = number + 1
            number += 1
        return order

    def notes(self) -> list[Note]:
        """The :class:`Note` s that are heard."""
        made, now = [], Fraction()
        for bar in self.played():
            for pitch, length in bar.notes:
                if pitch is not None and length > 0:
                    made.append(Note(float(now) * self.seconds, 0.92 * float(length) * self.seconds, pitch))
                now += length
        return made

    def fitting(self):
        """The share of bars that are as long as the metre says; the first and last bar of a part may share one."""
        whole = [bar.held == bar.length for bar in self.bars]
        for number, bar in enumerate(self.bars):
            edge = number in (0, len(self.bars) - 1) or bar.begins or bar.ends or self.bars[number - 1].ends
            whole[number] = whole[number] or edge and 0 < bar.held < bar.length
        return sum(whole) / len(whole)


def parsed(text) -> Tune | None:
    """The :class:`Tune` that a text is; None where it is none: it lacks a key, has a sign that is none, or has fewer than
    four bars with notes."""
    try:
        return _Reader(text).tune()
    except _NoTune:
        return None


class _NoTune(Exception):
    pass


class _Reader:
    def __init__(self, text):
        self.metre, self.unit, self.key, self.tempo = Fraction(1), None, None, None
        self.bars, self.now, self.altered = [], [], {}
        self.begins, self.ending, self.tuplet, self.broken, self.tied = False, 0, [], None, False
        for line in text.split("\n"):
            self._line(line.partition("%")[0].rstrip())

    def tune(self):
        self._end_bar(False)
        if self.key is None or sum(any(pitch is not None for pitch, _ in bar.notes) for bar in self.bars) < WHOLE_BAR:
            raise _NoTune
        compound = self.metre.numerator and self.text_metre in ("6/8", "9/8", "12/8")
        beat, seconds = (Fraction(3, 8), DOTTED) if compound else (Fraction(1, 4), QUARTER)
        return Tune(tuple(self.bars), self.tempo or seconds / float(beat))

    text_metre = "4/4"

    def _line(self, line):
        field = _FIELD.fullmatch(line.strip())
        if field and not (self.key is not None and line.lstrip().startswith(("|", ":"))):
            return self._field(*field.groups())
        if line.strip():
            if self.key is None:
                raise _NoTune
            self._music(line)

    def _field(self, name, value):
        if name == "K":
            self._set_key(value)
        elif name == "M":
            self._set_metre(value)
        elif name == "L":
            self.unit = _fraction(value)
        elif name == "Q":
            self._set_tempo(value)

    def _set_key(self, value):
        value = value.strip()
        if value in ("", "none", "HP", "Hp"):
            self.key = {"F": 1, "C": 1} if value == "Hp" else {}
            return
        found = _KEY.match(value)
        mode = found[3].lower()[:3] if found else ""
        if not found or mode not in {*MODES, "exp", "cle", "tre"}:
            raise _NoTune
        sharps = SHARPS[found[1]] + 7 * ((found[2] == "#") - (found[2] == "b")) + MODES.get(mode, 0)
        letters = ORDER_OF_SHARPS[:max(sharps, 0)] if sharps > 0 else ORDER_OF_SHARPS[::-1][:max(-sharps, 0)]
        self.key = dict.fromkeys(letters, 1 if sharps > 0 else -1)

    def _set_metre(self, value):
        value = {"C": "4/4", "C|": "2/2", "none": "4/4"}.get(value.strip(), value.strip())
        self.metre, self.text_metre = _fraction(value), value

    def _set_tempo(self, value):
        found = re.search(r"(?:(\d+)/(\d+)\s*=\s*)?(\d+)", value)
        if found and int(found[3]) > 0 and (not found[2] or int(found[2])):
            beat = Fraction(int(found[1]), int(found[2])) if found[1] else Fraction(1, 4)
            self.tempo = 60.0 / (int(found[3]) * float(beat)) if beat else None

    @property
    def eighth(self):
        """The length of a note without a number: as the field L says, or as the metre has it (section 3.1.7)."""
        return self.unit or (Fraction(1, 16) if self.metre < Fraction(3, 4) else Fraction(1, 8))

    def _music(self, line):
        place = 0
        while place < len(line):
            if found := _INLINE.match(line, place):
                self._field(found[1], found[2])
            elif (found := _BAR.match(line, place)) and "|" in found[0] + "|" * (found[0].count(":") > 1):
                place = self._bar(line, found)
                continue
            elif line[place] == "[" and (found := _ENDING.match(line, place)):
                self.ending = int(found[1])
            elif found := _TUPLET.match(line, place):
                count = int(found[1])
                time = int(found[2]) if found[2] else TUPLETS.get(count, 3 if self.metre.numerator % 3 == 0 else 2)
                if not count or not time:
                    raise _NoTune
                self.tuplet = [Fraction(time, count)] * (int(found[3]) if found[3] else count)
            elif found := _BROKEN.match(line, place):
                self._break(found[0])
            elif line[place] == "-":
                self.tied, found = True, _TIE.match(line, place)
            elif found := _REST.match(line, place):
                place = self._note(None, line, found.end(), found[0] in "ZX")
                continue
            elif line[place] == "[":
                place = self._chord(line, place)
                continue
            elif found := _NOTE.match(line, place):
                place = self._note(self._pitch(found), line, found.end())
                continue
            elif not (found := _PASSED.match(line, place)):
                raise _NoTune
            place = found.end()

    def _bar(self, line, found):
        text = found[0]
        self._end_bar(text.startswith(":"))
        self.begins = self.begins or text.endswith(":")
        place = found.end()
        if ending := re.compile(r"[1-9](?:[,-][1-9])*").match(line, place):
            self.ending, place = int(ending[0][0]), ending.end()
        return place

    def _end_bar(self, ends):
        if self.broken is not None or self.tuplet:
            raise _NoTune
        self.altered = {}
        if self.now:
            self.bars.append(Bar(tuple(self.now), self.metre, self.begins, ends, self.ending))
            self.now, self.begins, self.ending = [], False, 0
        elif ends and self.bars:
            self.bars[-1] = self.bars[-1]._replace(ends=True)

    def _break(self, signs):
        if not self.now or self.broken is not None or len(set(signs)) > 1:
            raise _NoTune
        short = Fraction(1, 2 ** len(signs))
        first, self.broken = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
        pitch, length = self.now[-1]
        self.now[-1] = (pitch, length * first)

    def _chord(self, line, place):
        place, pitches, longest = place + 1, [], 0
        while place < len(line) and line[place] != "]":
            found = _NOTE.match(line, place)
            if not found:
                raise _NoTune
            pitches.append(self._pitch(found))
            length = _LENGTH.match(line, found.end())
            place, longest = length.end(), max(longest, _times(length))
        if not pitches or place == len(line):
            raise _NoTune
        return self._note(max(pitches), line, place + 1, times=longest)

    def _pitch(self, found):
        sign, letter, octave = found.groups()
        name = letter.upper()
        tone = 60 + HALF_TONES[name] + 12 * (letter.islower() + octave.count("'") - octave.count(","))
        if sign:
            self.altered[name, tone] = ALTERED[sign]
        return tone + self.altered.get((name, tone), self.key.get(name, 0))

    def _note(self, pitch, line, place, bars=False, times=Fraction(1)):
        found = _LENGTH.match(line, place)
        length = _times(found) * times * (self.metre if bars else self.eighth)
        if self.tuplet:
            length *= self.tuplet.pop()
        if self.broken is not None:
            length, self.broken = length * self.broken, None
        if self.tied and self.now and self.now[-1][0] == pitch:
            self.now[-1] = (pitch, self.now[-1][1] + length)
        else:
            self.now.append((pitch, length))
        self.tied = False
        return found.end()


def _times(found):
    """What a match of :data:`_LENGTH` multiplies a length by: "3", "/", "//", "3/2"."""
    number, slashes, below = found.groups()
    below = int(below) if below else 2 ** len(slashes)
    if not below or number and not int(number) or below > 512 or number and int(number) > 512:
        raise _NoTune
    return Fraction(int(number or 1), below)


def _fraction(text):
    found = re.match(r"\s*(\d{1,3})\s*/\s*(\d{1,3})", text)
    if not found or not int(found[2]) or not int(found[1]):
        raise _NoTune
    return Fraction(int(found[1]), int(found[2]))
