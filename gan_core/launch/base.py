"""What a launcher can do: start what works on a run, somewhere, and tell what became of it.

``tests/launch/test_launchers.py`` is the contract that every implementation must pass.
"""

from collections.abc import Callable
from typing import BinaryIO, Protocol

from gan_core.launch.usage import Usage


class Launcher(Protocol):
    """One way to start processes.  A file in ``launchers`` defines one under the name ``launcher``.

    A *handle* is a dict that JSON can hold: it is kept in the catalogue, and read by other processes on other machines,
    which find the launcher to ask by its entry ``launcher``.
    """

    def start(self, command: list[str], environment: dict[str, str], open_log: Callable[[], BinaryIO]) -> dict:
        """Start the command line, ``python -m gan_core`` with these arguments, where it outlives this process, and return
        its handle.  What it says, and why it could not begin, goes to the end of the file that ``open_log`` opens.

        Raises:
            RunFailed: with a sentence, when it cannot be started.
        """

    def own_handle(self) -> dict:
        """The handle of the process that asks, which this launcher has started."""

    def alive(self, handle: dict) -> bool | None:
        """Whether it still works; None when that cannot be told from here, and its heartbeat decides."""

    def stop(self, handle: dict) -> None:
        """Ask it to end in good order, where it can be reached from here.  A run is asked through the catalogue, which can
        be reached from everywhere."""

    def usage(self, handle: dict) -> Usage | None:
        """What it takes of its machine; None when that cannot be told from here.  Shares are of the time since the last
        call."""
