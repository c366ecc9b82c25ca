"""What becomes a file while a server is away: it waits in memory, in its order, and training goes on."""

import threading

from gan_core.store.run import Unreachable

LATER = 200  # that wait of a kind, where no other number is said: memory has an end


class Deferred:
    """Does what becomes a file, once it is known that the run is still ours: a file has no WHERE.

    Args:
        confirm: called before each; raises Superseded where the run goes on elsewhere, Unreachable where nobody can say.
        keep: ``{what: how many}`` of a kind may wait, the newest; :data:`LATER` of any other.
    """

    def __init__(self, confirm, keep):
        self._confirm, self._keep = confirm, keep
        self._waiting, self._lock = [], threading.Lock()
        self.away = False  # whether a server is: then nobody is asked, and all waits

    def __len__(self):
        """How many wait."""
        return len(self._waiting)

    def do(self, what, write):
        """Call ``write`` now, or from :meth:`catch_up`; ``what`` says of which kind it is."""
        if not self.away:
            try:
                self._confirm()
                return write()
            except Unreachable:
                self.away = True
        with self._lock:
            same = [waiting for waiting in self._waiting if waiting[0] == what]
            if len(same) >= self._keep.get(what, LATER):
                self._waiting.remove(same[0])
            self._waiting.append((what, write))

    def catch_up(self):
        """Do what has waited.  Raises as ``confirm`` does; what is left then waits on."""
        while self._waiting:
            waiting = self._waiting[0]
            self._confirm()
            waiting[1]()
            with self._lock:
                if waiting in self._waiting:  # it may have been too much meanwhile
                    self._waiting.remove(waiting)
