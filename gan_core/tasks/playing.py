"""Whether a browser can draw a run's samples by itself, as demos and the explorer have it."""

from gan_core.modalities.base import PLAYED, abilities_of, modalities, word_for


def refusal(run, card=None):
    """Why it cannot, sentences; "" when it can.  ``card`` is the :class:`gan_core.models.card.Card` of the run's
    architecture, where the caller knows it."""
    if card is not None and card.not_a_graph:
        return card.not_a_graph
    if PLAYED not in abilities_of(run.kind):
        played = [kind.words[1] for kind in modalities().values() if PLAYED in kind.abilities]
        return f"{run.name} draws {word_for([run.kind])}, and what draws in a browser shows {', '.join(played)} alone."
    return ""
