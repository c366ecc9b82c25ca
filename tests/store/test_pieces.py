"""Which objects make up an artifact, whatever is half done: pure functions on their names."""

import itertools

import pytest

from gan_core.store.pieces import ADD, GONE, MERGED, PUT, Clock, Piece, current, merged, to_merge

ONE, TWO = "0" * 7 + "1", "0" * 7 + "2"


def piece(first, kind=ADD, writer=ONE, last=None, size=3, level=0):
    return Piece(first, writer, last or first, size, kind, level)


def test_a_piece_is_told_by_its_name_and_no_other_name_is_one():
    for each in (piece(5, PUT), piece(7, last=9, size=0, level=2), piece(8, GONE, TWO)):
        assert Piece.of(str(each)) == each and str(each).startswith(".")
    for other in ("log.txt", ".run", ".DS_Store", str(piece(5))[1:], str(piece(5)) + "x", ""):
        assert Piece.of(other) is None


@pytest.mark.parametrize("pieces, parts", [
    ([], []),
    ([piece(1, PUT)], [1]),
    ([piece(1, PUT), piece(2, PUT)], [2]),
    ([piece(1), piece(3), piece(2, writer=TWO)], [1, 2, 3]),
    ([piece(1), piece(2, PUT), piece(3)], [2, 3]),  # what was there before it was put is replaced
    ([piece(1, PUT), piece(2), piece(3, GONE)], []),
    ([piece(1, PUT), piece(3, GONE), piece(4)], [4]),
    ([piece(1), piece(2), piece(3), piece(1, last=3, level=1)], [1]),  # merged, and those that were are not gone yet
    ([piece(1, last=3, level=1), piece(2, writer=TWO), piece(4)], [1, 2, 4]),  # another's between them is its own
])
def test_what_an_artifact_consists_of(pieces, parts):
    for order in itertools.permutations(pieces):
        assert [part.first for part in current(order)] == parts


def test_pieces_of_one_writer_and_level_are_merged_and_nothing_is_there_twice():
    own = [piece(number) for number in range(1, MERGED + 1)]
    assert to_merge(own) == own and to_merge(own[1:]) == [] and to_merge([]) == []
    assert to_merge([*own[:-1], piece(MERGED, writer=TWO)]) == []
    one = merged(own)
    assert (one.first, one.last, one.size, one.level) == (1, MERGED, 3 * MERGED, 1)
    assert current([*own, one, piece(MERGED + 1)]) == [one, piece(MERGED + 1)]
    assert to_merge([piece(0, level=1), *own]) == own


def test_times_are_never_given_twice_and_follow_what_is_known():
    clock = Clock()
    assert len({clock.piece(ADD, 0).first for _ in range(1000)}) == 1000
    late = piece(2**62)
    assert clock.piece(PUT, 0, after=[late]).first > late.last, "clocks of others may be ahead"
