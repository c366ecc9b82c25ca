"""Captions as numbers: which words a text has, and a vocabulary by which they are counted."""

import unicodedata
from collections import Counter

import numpy as np

MOST, LONGEST = 5_000, 32  # words of a vocabulary, and of a caption, beyond which they are left out
# Scripts that part no words: there each letter is one.
_UNPARTED = (("\u0e00", "\u0eff"), ("\u3040", "\u30ff"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"),
             ("\U00020000", "\U0003ffff"))


def split(text) -> list[str]:
    """The words of a text in small letters: what consists of letters, their marks and digits."""
    words, word = [], ""
    for letter in unicodedata.normalize("NFC", str(text)).casefold():
        alone = any(first <= letter <= last for first, last in _UNPARTED) and unicodedata.category(letter)[0] == "L"
        if alone or unicodedata.category(letter)[0] not in "LMN":
            words += [word] if word else []
            words, word = words + [letter] if alone else words, ""
        else:
            word += letter
    return words + [word] if word else words


def vocabulary(texts) -> tuple[str, ...]:
    """The words of some texts, at most :data:`MOST`, the most frequent ones, in alphabetical order."""
    counts = Counter(word for text in texts for word in split(text))
    return tuple(sorted(sorted(counts, key=lambda word: (-counts[word], word))[:MOST]))


def tokens(texts, words, width=None) -> np.ndarray:
    """int32 (N, width): of each word of a text its place in ``words``, counted from 1, and then zeros.

    Words that are not in the vocabulary are left out, and so is what goes beyond ``width``, by default as many as the
    longest text has, and at most :data:`LONGEST`.
    """
    places = {word: place for place, word in enumerate(words, start=1)}
    told = [[places[word] for word in split(text) if word in places] for text in texts]
    width = width or min(max(map(len, told), default=1) or 1, LONGEST)
    found = np.zeros((len(told), width), np.int32)
    for row, numbers in zip(found, told):
        row[:len(numbers[:width])] = numbers[:width]
    return found


def text_of(numbers, words) -> str:
    """The words of one caption (width,) with spaces between; numbers that stand for none are left out."""
    return " ".join(words[int(number) - 1] for number in numbers if 1 <= int(number) <= len(words))


def unknown(text, words) -> list[str]:
    """The words of a text that are not in the vocabulary, each once, in the order of the text."""
    return [word for word in dict.fromkeys(split(text)) if word not in set(words)]
