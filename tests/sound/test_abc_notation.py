"""ABC notation: what is read as notes, and what is no tune."""

from fractions import Fraction

import pytest

from gan_core.sound.abc_notation import parsed

HEAD = "X:1\nT:A tune\nM:4/4\nL:1/8\nK:{}\n"


def tune(music, key="C", head=HEAD):
    return parsed(head.format(key) + music)


def heard(music, key="C"):
    """Pitches and lengths in eighths of the first bar."""
    first = tune(music + "|z8|C8|C8|C8|", key).bars[0]
    return [(pitch, float(length * 8)) for pitch, length in first.notes]


@pytest.mark.parametrize("music, notes", [
    ("C,Cc c'4 z", [(48, 1), (60, 1), (72, 1), (84, 4), (None, 1)]),
    ("A/2B/ c// d3/2", [(69, 0.5), (71, 0.5), (72, 0.25), (74, 1.5)]),
    ("A>B c<d e>>f", [(69, 1.5), (71, 0.5), (72, 0.5), (74, 1.5), (76, 1.75), (77, 0.25)]),
    ("(3ABc (5:4:5CDEFG", [*[(pitch, pytest.approx(2 / 3)) for pitch in (69, 71, 72)],
                            *[(pitch, pytest.approx(0.8)) for pitch in (60, 62, 64, 65, 67)]]),
    ("^F F =F _B", [(66, 1), (66, 1), (65, 1), (70, 1)]), ("A2-A2 (AB)", [(69, 4), (69, 1), (71, 1)]),
    ('"Am"~A .B {cd}c !trill!d "^say"e', [(69, 1), (71, 1), (72, 1), (74, 1), (76, 1)]),
    ("[CEG]4 [ce]", [(67, 4), (76, 1)])])
def test_notes_are_what_they_say(music, notes):
    assert heard(music) == notes


@pytest.mark.parametrize("key, changed", [
    ("G", {65: 66}), ("D", {65: 66, 60: 61}), ("F", {71: 70}), ("Bb", {71: 70, 64: 63}), ("Am", {}), ("Em", {65: 66}),
    ("A dorian", {65: 66}), ("Ador", {65: 66}), ("Dmix", {65: 66}), ("E phrygian", {}), ("F#min", {65: 66, 60: 61, 67: 68}),
    ("C clef=treble", {}), ("none", {})])
def test_keys_change_the_notes_of_the_scale(key, changed):
    plain = [60, 62, 64, 65, 67, 69, 71]
    assert [pitch for pitch, _ in heard("CDEFGAB", key)] == [changed.get(pitch, pitch) for pitch in plain]


def test_repeats_and_endings_are_played_as_they_are_written():
    read = tune("|:C8|D8|1 E8:|2 F8|]\n|:G8|A8:|")
    assert [bar.notes[0][0] for bar in read.played()] == [60, 62, 64, 60, 62, 65, 67, 69, 67, 69]
    notes = tune("C8|D8|E8|F8|").notes()
    assert [note.pitch for note in notes] == [60, 62, 64, 65] and notes[1].start == pytest.approx(4 * 0.36)


def test_tempo_metre_and_length_come_from_the_head():
    assert parsed("M:6/8\nK:C\n" + "C3 D3|" * 4).seconds == pytest.approx(0.5 * 8 / 3)
    assert parsed("M:4/4\nQ:1/4=120\nK:C\n" + "C8|" * 4).seconds == pytest.approx(2.0)
    assert parsed("M:2/4\nK:C\n" + "C8|" * 4).bars[0].held == Fraction(1, 2), "a sixteenth where the metre is short"
    changed = parsed("M:4/4\nL:1/8\nK:C\nC8|C8|[M:3/4]C6|\nM:2/4\nC4|C4|")
    assert changed.fitting() == 1.0 and [bar.held for bar in changed.bars][2:4] == [Fraction(3, 4), Fraction(1, 2)]


def test_bars_that_do_not_fit_are_counted():
    assert tune("C8|C8|C7|C8|C8|").fitting() == 0.8
    assert tune("C2|C8|C8|C8|C6|").fitting() == 1.0, "an upbeat and what completes it"


@pytest.mark.parametrize("text", [
    "", "hello", "C D E F | G A B c | C8 | C8 |", "K:C\nC8|D8|", "K:H\nC8|C8|C8|C8|", "K:C\nC8|C8|C8|C8|\nhello there!",
    "M:0/4\nK:C\nC8", HEAD.format("C") + "C8|C8|C8|A>|", HEAD.format("C") + "C8|C8|C8|(3AB|",
    HEAD.format("C") + "C8|C8|C8|[CE", "K:C\n" + "z|" * 9,
    HEAD.format("C") + "C0|C8|C8|C8|C8|", HEAD.format("C") + "C8|C8|C8|" + "C" * 3 + "1/0|", "L:1/0\nK:C\nC|C|C|C|"])
def test_what_is_no_tune_is_none(text):
    assert parsed(text) is None


def test_the_same_for_any_text_at_all():
    import random

    rng, signs = random.Random(0), "ABCabc|:[]()<>/23,'^_=-zxKM\n{}\"!~.%& "
    for _ in range(300):
        text = HEAD.format("G") + "".join(rng.choice(signs) for _ in range(60))
        read = parsed(text)
        assert read is None or 0 <= read.fitting() <= 1 and len(read.notes()) >= 0
