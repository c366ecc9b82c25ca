"""Whether those who come are visitors: they look, draw, compare and judge, and change nothing.

Set by ``python -m gan_core serve --visitors`` for the server and all processes that it starts.  Whatever changes something
asks :func:`refuse` first; pages ask :func:`are_here`, so that they need not show what would be refused.
"""

import os

from gan_core.errors import StoreError

VARIABLE = "GAN_VISITORS"
ALLOWED = ("judging/",)  # beginnings of names of a run's artifacts: what judges say is kept


class ForOwners(StoreError):
    """What visitors may not do."""

    def __init__(self):
        super().__init__("This workbench is open to visitors: look, draw, explore, compare and judge. Nothing is trained, "
                         "imported, changed or deleted here; its owner does that where it is not started with --visitors.")


def are_here():
    """Whether this process works for visitors."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


def refuse():
    """ForOwners where visitors are, else nothing."""
    if are_here():
        raise ForOwners


def may_write(name):
    """ForOwners where visitors are and an artifact of this name is none of theirs, else nothing."""
    if not name.startswith(ALLOWED):
        refuse()
