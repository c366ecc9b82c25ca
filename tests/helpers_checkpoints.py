"""What the tests of resuming share: a recorder that writes checkpoints, and what is in one."""

import h5py

from gan_core.recorder import MemoryRecorder


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
