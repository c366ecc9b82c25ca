"""The ways to find directions: one file a way, found by itself."""

import functools
import sys

from gan_core.data import finding
from gan_core.errors import BadInput
from gan_core.exploring.directions.base import Directions, Method, check_count

__all__ = ["Directions", "found", "methods"]


def methods():
    """``{name: Method}``."""
    return _found()[0]


def found(name, model, space, n, seed=0, data=None):
    """:class:`Directions` by the way of this name.  Raises :class:`BadInput`."""
    if name not in methods():
        raise BadInput(f"There is no way {name!r} to find directions; choose from {', '.join(methods())}.", {"method": name})
    check_count(n, space)
    return methods()[name].found(model, space, n, seed, data)


def broken():
    """``{file: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    return finding.modules(sys.modules[__name__], _method_of)


def _method_of(module):
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Method)
               and value is not Method]
    return classes[0]() if classes else None
