"""Where processes are started: one file a launcher, found by itself, and chosen by ``$GAN_LAUNCHER``.

See :class:`gan_core.launch.base.Launcher`.  What a launcher needs beyond the standard library and psutil it imports late.
"""

import functools
import os
import sys

from gan_core.config.known import refuse_unknown
from gan_core.data import finding
from gan_core.errors import BadInput

USUAL = "local"


def launchers():
    """``{name: Launcher}``; the name is the file's."""
    return _found()[0]


def broken():
    """``{name: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    return finding.modules(sys.modules[__name__], lambda module: module.launcher)


def wanted():
    """The name of the launcher that ``$GAN_LAUNCHER`` asks for, whether there is one or not."""
    return os.environ.get("GAN_LAUNCHER") or USUAL


def chosen():
    """The launcher that ``$GAN_LAUNCHER`` names; :class:`BadInput` when it is broken, or with the names there are when it
    does not exist."""
    name = wanted()
    if name in broken():
        raise BadInput(broken()[name])
    refuse_unknown("launcher", [name], launchers(), "GAN_LAUNCHER")
    return launchers()[name]


def start(command, environment, open_log):
    return chosen().start(command, environment, open_log)


def own_handle():
    return chosen().own_handle()


def alive(handle):
    return _ask("alive", handle)


def stop(handle):
    _ask("stop", handle)


def usage(handle):
    return _ask("usage", handle)


def _ask(what, handle):
    """None where there is no handle, or that of a launcher which only others have."""
    launcher = launchers().get(handle.get("launcher"))
    return launcher and getattr(launcher, what)(handle)
