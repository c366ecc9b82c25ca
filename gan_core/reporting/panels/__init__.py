"""What a report can show of runs: one file each, found by itself.  See :class:`gan_core.reporting.panels.base.Panel`."""

import functools
import sys

from gan_core.data import finding
from gan_core.errors import BadInput
from gan_core.reporting.panels.base import Panel


def panels():
    """``{name: Panel}`` in the order in which they are offered; the name is the file's."""
    return _found()[0]


def broken():
    """``{name: sentence}`` of the files that cannot be used."""
    return _found()[1]


def panel(name):
    """The panel of a name; BadInput where there is none."""
    if name not in panels():
        raise BadInput(f"There is no panel {name!r} for a report; there are {', '.join(panels())}.")
    return panels()[name]


@functools.cache
def _found():
    found, wrong = finding.modules(sys.modules[__name__], lambda module: (
        offer if isinstance(offer := getattr(module, "PANEL", None), Panel) else None))
    return dict(sorted(found.items(), key=lambda item: item[1].order)), wrong
