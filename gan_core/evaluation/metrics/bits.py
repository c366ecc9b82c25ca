"""How well a model says a text that it has not seen, beside what the simplest models say of it: bits a character."""

import numpy as np

from gan_core.evaluation.metrics.base import LOWER, Family, Score, Texts
from gan_core.evaluation.metrics.ngram_models import NGramModel

BESIDE = {"unigram": 1, "trigram": 3}  # models by the length of what they count
MOST = 40_000  # learned texts that are counted: ten million characters, of which a trigram has seen enough


def measure(texts):
    """``bits_per_character`` of the fresh texts by the model, and by those of :data:`BESIDE`, which learned the same."""
    known = [row[np.isfinite(row)] for row in texts.surprise]
    total, counts = np.array([row.sum() for row in known]), np.array([len(row) for row in known])
    mean = float(total.sum() / counts.sum())
    # Texts are drawn, and not characters: the error of a mean of ratios.
    error = float(np.sqrt(((total - mean * counts) ** 2).sum() / max(len(known) - 1, 1) * len(known)) / counts.sum())
    values = {"bits_per_character": mean, "bits_error": error, "n_texts": len(known)}
    learned = texts.learned[np.linspace(0, len(texts.learned) - 1, min(len(texts.learned), MOST)).astype(int)]
    for name, order in BESIDE.items():
        model = NGramModel(learned, len(texts.characters) + 1, order)
        values[f"bits_per_character_{name}"] = float(model.bits(texts.fresh[:len(known)]).mean())
    return values


FAMILY = Family(
    "bits a character", of=Texts, turn=10, measure=measure, floor=lambda texts: {},
    applies=lambda texts: texts.surprise is not None and len(texts.surprise) > 0, scores=(
        Score("bits_per_character", "Bits a character", LOWER, "How many bits a character of held-out text takes when the "
              "model says it, on average: fewer is better, and what a trigram needs is no art.", place=230,
              error=lambda scores: (scores["bits_error"], scores["n_texts"] - 1)),))
