"""Where processes are started: one file a launcher, found by itself, and chosen by ``$GAN_LAUNCHER``.

See :class:`gan_core.launch.base.Launcher`.  What a launcher needs beyond the standard library and psutil it imports late.
"""

import functools
import importlib
import os
import pkgutil

from gan_core.config.known import refuse_unknown

USUAL = "local"


@functools.cache
def launchers():
    """``{name: Launcher}``; the name is the file's."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").launcher for name in names}


def chosen():
    """The launcher that ``$GAN_LAUNCHER`` names; :class:`BadInput` with the names there are when it does not exist."""
    name = os.environ.get("GAN_LAUNCHER") or USUAL
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
