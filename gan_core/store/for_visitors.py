"""A run's artifacts as visitors have them: what is there is read, and of their own they leave what they say as judges."""

from gan_core import visitors
from gan_core.store.artifacts import Artifacts


class Shown(Artifacts):
    """:class:`Artifacts` of which only those change that visitors make.

    Args:
        held: the :class:`Artifacts` of the run.
    """

    def __init__(self, held):
        self._held = held

    def put(self, name, data):
        visitors.may_write(name)
        self._held.put(name, data)

    def append(self, name, data):
        visitors.may_write(name)
        self._held.append(name, data)

    def remove(self, name):
        visitors.may_write(name)
        self._held.remove(name)

    def open(self, name):
        return self._held.open(name)

    def entry(self, name):
        return self._held.entry(name)

    def list(self, prefix=""):
        return self._held.list(prefix)

    def local(self, name):
        return self._held.local(name)

    def sweep(self):
        """What is half-written is somebody else's work."""
