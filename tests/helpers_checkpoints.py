"""What tests with checkpoints share: a recorder that writes them, a run with one, and what is in one."""

import h5py

from gan_core.config.spec import RunSpec
from gan_core.store.artifacts import step_path
from gan_core.training.recorder import MemoryRecorder


class Keeper(MemoryRecorder):
    """A recorder that writes its checkpoints, into ``folder``."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def checkpoint(self, step, write):
        super().checkpoint(step, write)
        write(self.folder / f"{step}.weights.h5")


def contents(path):
    """Every array in a file of weights by its path."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, each: found.update({name: each[()]}) if isinstance(each, h5py.Dataset) else None)
    return found


def with_checkpoint(store, run, step=1000):
    """Weights, untrained, as the run's checkpoint."""
    from gan_core.training import loop

    path = step_path(store.folder(run.id) / "checkpoints", step, ".weights.h5")
    path.parent.mkdir(parents=True, exist_ok=True)
    loop.build(RunSpec.from_dict(run.spec)).save_weights(path)
    return run
