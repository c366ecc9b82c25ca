"""Coloured digits on coloured grounds, and what they are in words: scikit-learn's scans, and a small grammar."""

import itertools

import numpy as np
from PIL import Image

from gan_core.data import words
from gan_core.data.base import CAPTIONS, Dataset, DatasetInfo
from gan_core.data.pixels import resized

ORDER = 35
SIDE = 32
COLOURS = {"red": (215, 45, 45), "green": (40, 165, 70), "blue": (45, 80, 215), "yellow": (240, 210, 50),
           "purple": (150, 60, 185), "white": (245, 245, 245)}
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDINGS = ("a {colour} {digit} on {ground}", "a {colour} {digit} on a {ground} ground", "{digit} in {colour} on {ground}",
            "the digit {digit} in {colour} on {ground}", "a {ground} ground with a {colour} {digit}",
            "on {ground} a {colour} {digit}")
PAIRS = tuple(itertools.permutations(COLOURS, 2))  # of a digit's colour and its ground's
EACH, TEST_EACH = 40, 10  # images of a combination
SMALLEST = 23  # pixels a side that a scan is enlarged to, at least
SHADE = 10  # levels of 256 by which a colour differs from one image to the next, at most
ORDINARY, SHARP = 0.35, 0.3  # of a scan's grey: where ink begins, and how soon it is full


def unseen():
    """The combinations that are in the test set alone, ``((colour, digit, ground), ...)``: one digit of each pair of
    colours, each digit three times; a red seven on blue is among them."""
    shift = 7 - PAIRS.index(("red", "blue"))
    return tuple((colour, DIGITS[(place + shift) % 10], ground) for place, (colour, ground) in enumerate(PAIRS))


def combinations():
    """All of them, ``((colour, digit, ground), ...)``: 300."""
    return tuple((colour, digit, ground) for colour, ground in PAIRS for digit in DIGITS)


def vocabulary():
    """The words of the grammar."""
    return words.vocabulary([*COLOURS, *DIGITS, *(wording.format(colour="", digit="", ground="") for wording in WORDINGS)])


def infos(workspace=None) -> list[DatasetInfo]:
    alone = ", ".join(f"{colour} {DIGITS.index(digit)} on {ground}" for colour, digit, ground in unseen())
    return [DatasetInfo(
        name="captions", title="Coloured digits with captions, 32 x 32", kind=CAPTIONS, shape=(SIDE, SIDE, 3), classes=(),
        count=EACH * (len(combinations()) - len(unseen())), available=True,
        note="Scikit-learn's handwritten digits, enlarged, in six colours on grounds of six, each with a caption by a "
             f"grammar. Of 300 combinations 30 are never trained on and in the test set alone: {alone}.",
        beside=(("caption", (_width(),)),), traits=(("words", vocabulary()),),
        licence="CC BY 4.0 (UCI Machine Learning Repository)")]


def _width():
    return max(len(words.split(wording.format(colour="red", digit="one", ground="blue"))) for wording in WORDINGS)


def load(name, size=None, workspace=None) -> Dataset:
    """10,800 images for training and 3,000 held out, of scans that are not trained on; each 300 of these, one after the
    other, are of 300 combinations."""
    from sklearn.datasets import load_digits  # here, because scikit-learn takes seconds to import

    scans = load_digits()
    shapes, labels = (scans.images * (255 / 16)).astype(np.uint8), scans.target
    held, rng = np.arange(len(shapes)) % 6 == 5, np.random.default_rng(0)
    known, alone = [one for one in combinations() if one not in unseen()], combinations()
    parts = []
    for some, count, mine in ((known, EACH, ~held), (alone, TEST_EACH, held)):
        wanted = [some[place] for _ in range(count) for place in rng.permutation(len(some))]
        x = _drawn(wanted, shapes[mine], labels[mine], rng)
        texts = [WORDINGS[rng.integers(len(WORDINGS))].format(colour=colour, digit=digit, ground=ground)
                 for colour, digit, ground in wanted]
        parts.append((*resized(x, size), words.tokens(texts, vocabulary(), _width())))
    (x, note, captions), (x_test, _, captions_test) = parts
    return Dataset(name, CAPTIONS, x, None, x_test=x_test, note=note, more={"caption": captions},
                   more_test={"caption": captions_test}, traits=(("words", vocabulary()),))


def _drawn(wanted, shapes, labels, rng):
    """Images uint8 (N, 32, 32, 3) of some combinations: a scan of the digit, of a size and in a place by chance, as ink."""
    by_digit = [shapes[labels == digit] for digit in range(10)]
    x = np.empty((len(wanted), SIDE, SIDE, 3), np.uint8)
    for place, (colour, digit, ground) in enumerate(wanted):
        some = by_digit[DIGITS.index(digit)]
        side = int(rng.integers(SMALLEST, SIDE - 2))
        scan = Image.fromarray(some[rng.integers(len(some))]).resize((side, side), Image.Resampling.BICUBIC)
        top, left = rng.integers(0, SIDE - side + 1, 2)
        ink = np.zeros((SIDE, SIDE, 1), np.float32)
        ink[top:top + side, left:left + side, 0] = np.clip((np.asarray(scan) / 255 - ORDINARY) / SHARP + 0.5, 0, 1)
        tints = [np.clip(np.add(COLOURS[name], rng.integers(-SHADE, SHADE + 1, 3)), 0, 255) for name in (colour, ground)]
        x[place] = np.rint(ink * tints[0] + (1 - ink) * tints[1])
    return x
