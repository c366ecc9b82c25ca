"""The architectures: every module in ``gan_core/zoo`` that defines a :class:`GenerativeModel`.

Adding an architecture is adding one file there.  A module that cannot be imported, or defines none or several,
fails loudly: a zoo that silently lacks an animal is worse than one that is closed.
"""

import functools
import importlib
import inspect

from gan_core.config.known import refuse_unknown
from gan_core.models import zoo
from gan_core.models.base import GenerativeModel
from gan_core.models.cards import names


@functools.cache
def architectures():
    """``{name: class}``, sorted by name; the name is the file's."""
    return {name: _only_model(importlib.import_module(f"{zoo.__name__}.{name}")) for name in names()}


def architecture(name):
    """The class of that name; :class:`BadInput` with the names there are when it does not exist."""
    known = architectures()
    refuse_unknown("architecture", [name], known, "architecture")
    return known[name]


def _only_model(module):
    found = [each for _, each in inspect.getmembers(module, inspect.isclass)
             if issubclass(each, GenerativeModel) and each.__module__ == module.__name__]
    if len(found) != 1:
        raise ImportError(f"{module.__name__} must define exactly one GenerativeModel, not {len(found)}")
    return found[0]
