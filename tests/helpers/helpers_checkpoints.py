"""What tests with checkpoints share: a recorder that writes them, a run with one, and what is in one."""

import tempfile
from pathlib import Path

import h5py

from gan_core.config.spec import RunSpec
from gan_core.store.artifacts import checkpoint_name
from gan_core.training.recorder import MemoryRecorder


class Keeper(MemoryRecorder):
    """A recorder that writes its checkpoints, into ``folder``; those of some ``steps`` alone where these are given."""

    def __init__(self, folder, steps=None):
        super().__init__()
        self.folder, self.steps = folder, steps

    def checkpoint(self, step, write):
        super().checkpoint(step, write)
        if self.steps is None or step in self.steps:
            write(self.folder / f"{step}.weights.h5")


def contents(weights):
    """Every array in a file of weights, a path or an open file, by its path in there."""
    found = {}
    with h5py.File(weights) as file:
        file.visititems(lambda name, each: found.update({name: each[()]}) if isinstance(each, h5py.Dataset) else None)
    return found


def with_checkpoint(store, run, step=1000):
    """Weights, untrained, as the run's checkpoint."""
    from gan_core.training import loop

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.weights.h5"
        loop.build(RunSpec.from_dict(run.spec)).save_weights(path)
        store.artifacts(run.id).put(checkpoint_name(step), path.read_bytes())
    return run
