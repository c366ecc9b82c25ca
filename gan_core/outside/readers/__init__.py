"""Files in which other programs keep the curves of their runs: one file a kind, found by itself.

See :class:`gan_core.outside.readers.base.Reader`.
"""

import functools
import sys

from gan_core.data import finding


def readers():
    """``{name: Reader}``; the name is the file's."""
    return _found()[0]


def broken():
    """``{name: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    return finding.modules(sys.modules[__name__], lambda module: getattr(module, "READER", None))
