"""Back to the last whole checkpoint: where an attempt begins that goes on with a run."""

import time

from gan_core.errors import BadInput
from gan_core.modalities.base import SUFFIXES
from gan_core.store import artifacts, lineage, weights


def rewind(store, run):
    """Bring a run back to its last whole checkpoint: ``(step, name)`` of it, or None, everything later forgotten.

    ``run`` is as the attempt that begins has claimed it.

    Raises:
        BadInput: when it has checkpoints and none of them is whole, or is a fork and has none; nothing is forgotten then.
    """
    held = store.artifacts(run.id)
    kept, wrong = weights.whole(store, run.id)
    if wrong and not kept:
        raise BadInput(weights.nothing_whole(wrong))
    if run.parent and not kept:  # begun anew, it would be another run
        raise BadInput(lineage.NOTHING_TO_BEGIN_WITH)
    store.update(run.id, only_attempt=run.attempt, heartbeat=time.time())  # before the first file goes
    # Of a process that was killed while it wrote; or comes back too late, and finds that it cannot end its file.
    held.sweep()
    step = max(kept, default=0)
    for later, name in artifacts.checkpoints(held).items():
        if later > step:  # damaged: the run comes by there again
            held.remove(name)
    store.cut(run.id, step, only_attempt=run.attempt)
    for prefix in (artifacts.SAMPLES, *(view.prefix for view in artifacts.views(held))):
        for suffix in (*SUFFIXES.values(), artifacts.ARRAY):
            for later, name in artifacts.by_step(held, prefix, suffix).items():
                if later > step:
                    held.remove(name)
    return (step, kept[step]) if kept else None
