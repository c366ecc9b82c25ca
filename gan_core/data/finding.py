"""Extension points of one file each: every module of a package that offers what is wanted, by its name."""

import importlib
import pkgutil


def modules(package, offered):
    """``({name: what the module offers}, {name: why it has none})``, sorted by name.

    ``offered(module)`` gives what a module offers, None for a module that is no extension, or raises.  A module that is
    broken is named in a sentence and hides no other.
    """
    offers, broken = {}, {}
    for name in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        try:
            offer = offered(importlib.import_module(f"{package.__name__}.{name}"))
        except (Exception, SystemExit) as error:  # whatever somebody's module does when it is imported
            reason = (str(error).splitlines() or ["no message"])[0]
            broken[name] = f"{package.__name__}.{name} cannot be used: {type(error).__name__}: {reason}."
        else:
            if offer is not None:
                offers[name] = offer
    return offers, broken
