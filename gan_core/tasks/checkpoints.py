"""Which checkpoint of a run is meant: by step, the last one or the best.  Light: pages load it."""

from gan_core.errors import BadInput
from gan_core.modalities.base import headline_of
from gan_core.store import scores, weights
from gan_core.store.run import NO_MODEL

BEST, LAST = "best", "last"  # checkpoints by name
DIGITS = 30  # of a step that somebody asks for


def resolve(store, run, which=None):
    """``(step, name)`` of a run's checkpoint: of step ``which``, the last one by default, or the "best".

    One that is damaged is no last and no best one: the newest whole one takes its place.

    Raises:
        BadInput: when there is no such checkpoint, or it is damaged, or none is scored yet and the best one was asked for.
    """
    if run.elsewhere:
        raise BadInput(NO_MODEL)
    held = store.artifacts(run.id)
    kept, wrong = weights.whole(store, run.id)
    if wrong and not kept:
        raise BadInput(weights.nothing_whole(wrong))
    if not kept:
        raise BadInput(f"The run {run.id} has no checkpoint yet; wait for its first one, or resume it.")
    if which == BEST:
        which = scores.best(held, headline_of(run.kind), kept)[0]
        if which is None:
            raise BadInput(f"No checkpoint of the run {run.id} is scored yet; "
                           f"`python -m gan_core evaluate {run.id} --checkpoint best` scores them.")
    if which in (None, LAST):
        which = max(kept)
    said = str(which)
    step = int(said) if said.isdecimal() and len(said) <= DIGITS else None
    if step in wrong:
        raise BadInput(f"{wrong[step]} Choose another: {', '.join(map(str, kept))}.")
    if step not in kept:
        raise BadInput(f"The run {run.id} has no checkpoint of step {said[:DIGITS]}; it has {', '.join(map(str, kept))}.")
    return step, kept[step]


def whole(store, run):
    """``{step: name}`` of the checkpoints of a run that can be used."""
    return weights.whole(store, run.id)[0]


def version(store, run, name):
    """What tells the weights of a checkpoint from others that take its place: a run that is resumed may come to the same
    step."""
    return store.artifacts(run.id).entry(name).version
