"""Ways by which notices go: one file a channel, found by itself.

See :class:`gan_core.notices.channels.base.Channel`.
"""

import functools
import sys

from gan_core.data import finding


def channels():
    """``{name: Channel}``; the name is the file's."""
    return _found()[0]


def broken():
    """``{name: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    return finding.modules(sys.modules[__name__], lambda module: getattr(module, "CHANNEL", None))
