"""Text for networks: characters as codes of a vocabulary, and a long text cut into passages.

Code 0 is the end of a text, and what stands before its first character; code k is ``characters[k - 1]``.  A sample is a row
of T codes: a text, its end, and ends up to T; one of T characters has no end.
"""

import re
from collections import Counter

import numpy as np

END = 0
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # what stands for characters that the vocabulary has not
MOST = 2_000  # characters of a vocabulary: each costs a row of the widest layer
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
NEAR = 0.5  # of a passage: so far from its end at most it is cut at the end of a line, half as far at a space


def vocabulary(text, most=MOST):
    """``(characters, share)``: the ``most`` frequent characters of a text, the most frequent first and equals by code point,
    and the share of the text that is of others, for which then :data:`UNKNOWN` comes last."""
    counts = Counter(text)
    ranked = sorted(counts, key=lambda letter: (-counts[letter], letter))
    if len(ranked) <= most:
        return "".join(ranked), 0.0
    kept = [letter for letter in ranked if letter != UNKNOWN][:most - 1]
    return "".join(kept) + UNKNOWN, 1.0 - sum(counts[letter] for letter in kept) / len(text)


def encoded(texts, characters, length):
    """Texts of at most ``length`` characters as codes: uint16 (N, length).

    Raises KeyError for a character that the vocabulary has not, if it has none for unknown ones.
    """
    code = {letter: place for place, letter in enumerate(characters, 1)}
    other = code.get(UNKNOWN)
    rows = np.zeros((len(texts), length), np.uint16)
    for row, text in zip(rows, texts):
        if other is None:
            row[:len(text)] = [code[letter] for letter in text[:length]]
        else:
            row[:len(text)] = [code.get(letter, other) for letter in text[:length]]
    return rows


def decoded(rows, characters) -> list[str]:
    """The texts of rows of codes (N, T), up to the first end of each."""
    letters = np.array(["", *characters], object)
    return ["".join(letters[codes[:_length(codes)]]) for codes in whole(rows, characters)]


def whole(samples, characters):
    """Samples (N, T) as whole codes, int32: what is none becomes the nearest, and what follows an end ends, too."""
    numbers = np.nan_to_num(np.asarray(samples, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    codes = np.clip(np.rint(numbers), 0, len(characters)).astype(np.int32)
    return np.where(np.cumsum(codes == END, axis=1) > 0, END, codes).astype(np.int32)


def counted(codes):
    """Which numbers of codes (N, T) say something: each character, and the first end; bool (N, T)."""
    ends = np.asarray(codes) == END
    return np.cumsum(ends, axis=1) - ends == 0


def _length(codes):
    ends = np.flatnonzero(codes == END)
    return int(ends[0]) if len(ends) else len(codes)


def paragraphs(text) -> list[str]:
    """The parts of a text between empty lines, without spaces around them."""
    return [part.strip() for part in _PARAGRAPH.split(text) if part.strip()]


def passages(parts, length) -> list[str]:
    """Paragraphs as passages of at most ``length`` characters.

    Short ones that follow each other share a passage, with an empty line between.  A long one is cut: at the end of a line,
    at a space, or where it must be.
    """
    made, held = [], ""
    for part in parts:
        joined = f"{held}\n\n{part}" if held else part
        if len(joined) < length:  # there is room for its end
            held = joined
            continue
        if held:
            made.append(held)
        first = 0
        while len(part) - first >= length:
            cut = _cut(part, first, first + length)
            made.append(part[first:cut])
            first = cut
        held = part[first:]
    return [*made, held] if held else made


def _cut(text, first, last):
    """Where in ``text[first:last]`` a passage best goes over into the next."""
    for letter, near in (("\n", NEAR), (" ", NEAR / 2)):
        place = text.rfind(letter, first + int((1 - near) * (last - first)), last)
        if place > first:
            return place + 1
    return last
