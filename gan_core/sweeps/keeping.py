"""What a sweep has found, kept as a preset that the form offers."""

from gan_core.errors import BadInput
from gan_core.models import cards
from gan_core.store import presets
from gan_core.sweeps import told


def keep_as_preset(store, known, title):
    """Keep the settings that a sweep recommends under a title; returns the preset's key.

    Args:
        known: the :class:`gan_core.sweeps.driving.Known` of the sweep.

    Raises:
        BadInput: while it has found nothing, and for a title that :func:`gan_core.store.presets.keep` refuses.
    """
    best = told.best_settings(known)
    if best is None:
        raise BadInput(f"{known.sweep.id} has found nothing yet; wait until a run has ended.")
    architecture, kind = known.spec.architecture, known.spec.kind
    brought = cards.card(architecture, cache=store.workspace / "cache").presets_of(kind)
    return presets.keep(store.workspace, title, architecture, kind, told.settings(known, best), known.sweep.id, brought)
