"""Scores of texts: bits a character and the simple models beside them, copies, repetition, tunes."""

import numpy as np
import pytest

from gan_core.data import characters, tune_grammar
from gan_core.evaluation import scoring
from gan_core.evaluation.metrics.base import Texts
from gan_core.evaluation.metrics.bits import measure
from gan_core.evaluation.metrics.copied_text import longest_copy, repetition
from gan_core.evaluation.metrics.ngram_models import NGramModel

LETTERS = "abcdefgh"


def rows(texts, length=None, letters=LETTERS):
    return characters.encoded(texts, letters, length or max(map(len, texts)) + 1)


def words(n, seed, length=30, letters=LETTERS):
    rng = np.random.default_rng(seed)
    return ["".join(letters[k] for k in rng.integers(0, len(letters), length)) for _ in range(n)]


# The simple models


def test_a_unigram_takes_the_entropy_of_the_letters():
    rng = np.random.default_rng(0)
    p = np.array([0.5, 0.25, 0.125, 0.125])
    codes = rng.choice(4, (3000, 40), p=p).astype(np.int32) + 1
    bits = NGramModel(codes[:2000], 5, 1).bits(codes[2000:])
    assert bits.shape == (1000 * 40,) and bits.mean() == pytest.approx(1.75, abs=0.01)


def test_a_trigram_knows_two_letters_before_and_no_more():
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(1500):
        text = list(rng.integers(1, 3, 2))
        while len(text) < 30:
            text.append(1 + (text[-1] + text[-2]) % 2 if rng.random() < 0.9 else rng.integers(1, 3))
        texts.append(text)
    codes = np.array(texts, np.int32)
    entropy = -(0.95 * np.log2(0.95) + 0.05 * np.log2(0.05))
    bits = {order: NGramModel(codes[:1000], 3, order).bits(codes[1000:]).reshape(500, 30)[:, 2:].mean()
            for order in (1, 2, 3)}
    assert bits[3] == pytest.approx(entropy, abs=0.02) and bits[1] > 0.9 and bits[2] > 0.9


@pytest.mark.parametrize("order", [1, 2, 3])
def test_its_probabilities_add_up_to_one(order):
    """Of every code after every context, those that were never met among them."""
    codes = rows(words(60, 0))
    model, symbols = NGramModel(codes, 9, order), np.arange(9)
    for context in ([1, 2], [8, 8], [3, 5]):
        tried = np.array([[*context, code] for code in symbols])
        assert (2.0 ** -model.bits(tried).reshape(9, 3)[:, 2]).sum() == pytest.approx(1.0, abs=1e-9)


def test_held_out_text_of_new_letters_costs_no_infinity():
    model = NGramModel(rows(["aaaa", "abab"]), 9, 3)
    assert np.isfinite(model.bits(rows(["hhhh", "gahb"]))).all()


# Bits


def test_bits_are_means_over_characters_and_not_over_texts():
    codes, surprise = rows(["ab", "abcdefg"], 8), np.full((2, 8), np.nan)
    surprise[0, :3], surprise[1, :8] = 3.0, 1.0
    found = measure(Texts(LETTERS, codes, codes, codes, surprise))
    assert found["bits_per_character"] == pytest.approx((9 + 8) / 11) and found["n_texts"] == 2
    assert found["bits_error"] > 0 and found["bits_per_character_unigram"] > 0 < found["bits_per_character_trigram"]


def test_the_error_of_bits_is_that_of_texts():
    rng = np.random.default_rng(0)
    codes = rows(words(200, 0))
    surprise = np.repeat(rng.normal(2.0, 0.5, (200, 1)), codes.shape[1], axis=1)
    found = measure(Texts(LETTERS, codes, codes, codes, surprise))
    assert found["bits_error"] == pytest.approx(0.5 / np.sqrt(200), rel=0.15)


# Copies and repetition


def test_the_longest_copy_is_the_median_of_the_longest_common_stretches():
    learned, fresh = words(300, 0), words(41, 1)
    copies = [text[:9] + learned[place][3:23] + text[:1] for place, text in enumerate(fresh)]

    def longest(text):
        return max(length for start in range(len(text)) for length in range(len(text) - start + 1)
                   if any(text[start:start + length] in one for one in learned))

    for generated in (fresh, copies, fresh[:20] + copies[:21]):
        found = longest_copy(rows(learned, 31), rows(generated, 31))
        assert found == sorted(map(longest, generated))[len(generated) // 2]
    assert longest_copy(rows(learned, 31), rows(learned[:5], 31)) == 30


def test_repetition_counts_what_stood_before():
    assert repetition(rows(["abcdefgh"] * 3), n=4) == 0.0
    assert repetition(rows(["a" * 40]), n=12) == pytest.approx(28 / 29)
    assert repetition(rows(["abcdabcd", "abcdefgh"]), n=4) == pytest.approx(0.5 * 1 / 5)
    assert repetition(rows(["ab"], 30)) == 0.0


# Together


def test_tunes_are_scored_as_tunes_and_other_texts_are_not():
    made, letters = tune_grammar.tunes(160, 5), tune_grammar.CHARACTERS
    codes = rows(made, 256, letters)
    broken = [text.replace("|", "") for text in made[:20]] + made[20:40]
    scores = scoring.score_texts(letters, codes[:100], rows(broken, 256, letters), codes[100:])
    assert scores["tunes_parse"] == 0.5 and scores["bars_fit"] == scores["tunes_parse_floor"] == 1.0
    assert scores["longest_copy"] > scores["longest_copy_floor"] and "bits_per_character" not in scores
    assert 0 < scores["repetition_floor"] < 0.6 and scores["n_tunes"] == 40
    plain = scoring.score_texts(LETTERS, *(rows(words(40, seed)) for seed in range(3)), np.full((40, 31), 3.0))
    assert "tunes_parse" not in plain and plain["bits_per_character"] == 3.0
    assert plain["bits_per_character_trigram"] == pytest.approx(plain["bits_per_character_unigram"], abs=0.2)
