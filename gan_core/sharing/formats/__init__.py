"""The kinds of files that a model can leave the workbench in: one file a format, found by itself.  Light: pages load it."""

import functools
import sys

from gan_core.data import finding
from gan_core.errors import BadInput
from gan_core.sharing.formats.base import Format


def formats():
    """``{name: Format}``, in their order."""
    return _found()[0]


def broken():
    """``{file's name: sentence}`` of those that cannot be used."""
    return _found()[1]


def one(name):
    """The format of this name.  Raises :class:`BadInput`."""
    if name not in formats():
        raise BadInput(f"There is no format {name!r}; choose from {', '.join(formats())}.", {"format": name})
    return formats()[name]


@functools.cache
def _found():
    known, wrong = finding.modules(sys.modules[__name__], _format_of)
    return {known[file].name: known[file] for file in sorted(known, key=lambda file: known[file].order)}, wrong


def _format_of(module):
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Format)
               and value is not Format]
    return classes[0]() if classes else None
