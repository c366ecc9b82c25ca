"""The methods: every module here that defines a :class:`gan_core.anomalies.base.Method`.  Light; what needs Keras imports it
when it is used."""

import functools
import sys

from gan_core.anomalies.base import Method
from gan_core.data import finding
from gan_core.errors import BadInput


def methods():
    """``{name: Method}``, in the order in which they are offered; the name is the file's."""
    return _found()[0]


def broken():
    """``{file: sentence}`` of the files that cannot be used."""
    return _found()[1]


def method(name):
    """The method of that name; BadInput with the names there are."""
    if name not in methods():
        raise BadInput(f"There is no method {name!r} to find odd pictures by; choose from {', '.join(methods())}.")
    return methods()[name]


@functools.cache
def _found():
    known, wrong = finding.modules(sys.modules[__name__], _method_of)
    return dict(sorted(known.items(), key=lambda item: item[1].order)), wrong


def _method_of(module):
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Method)
               and value is not Method and value.__module__ == module.__name__]
    if len(classes) > 1:
        raise ImportError(f"it must define one Method, not {len(classes)}")
    return classes[0]() if classes else None
