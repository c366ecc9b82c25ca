"""Which checkpoint of a run is meant: by step, the last one or the best.  Light: pages load it."""

from gan_core.errors import BadInput
from gan_core.store import artifacts, scores

BEST, LAST = "best", "last"  # checkpoints by name


def resolve(store, run, which=None):
    """``(step, path)`` of a run's checkpoint: of step ``which``, the last one by default, or the "best".

    Raises:
        BadInput: when there is no such checkpoint, or none is scored yet and the best one was asked for.
    """
    folder = store.folder(run.id)
    kept = artifacts.checkpoints(folder)
    if not kept:
        raise BadInput(f"The run {run.id} has no checkpoint yet; wait for its first one, or resume it.")
    if which == BEST:
        which = scores.best(folder)[0]
        if which is None:
            raise BadInput(f"No checkpoint of the run {run.id} is scored yet; "
                           f"`python -m gan_core evaluate {run.id} --checkpoint best` scores them.")
    if which in (None, LAST):
        which = max(kept)
    if not str(which).isdecimal() or int(which) not in kept:
        raise BadInput(f"The run {run.id} has no checkpoint of step {which}; it has {', '.join(map(str, kept))}.")
    return int(which), kept[int(which)]


def version(store, run, path):
    """What tells the weights in a file from others that take its place: a run that is resumed may come to the same step."""
    return path.stat().st_mtime_ns
