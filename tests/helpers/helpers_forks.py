"""What the tests of forks share: runs with checkpoints that nobody trained, and forks of them."""

import io

from gan_core.launch import forks
from gan_core.store import weights
from gan_core.store.artifacts import checkpoint_name


def with_checkpoints(store, run, *steps):
    """Whole checkpoints that hold nothing."""
    for step in steps:
        file = io.BytesIO(b"the weights after %d" % step)
        file.seek(0, io.SEEK_END)
        weights.seal(file)
        store.artifacts(run.id).put(checkpoint_name(step), file.getvalue())
    return run


def forked(store, run, step, **changes):
    """A fork of a run, which waits."""
    name = changes.pop("name", "")
    return forks.begin(store, forks.plan(store, store.get(run.id), step, changes, name=name))
