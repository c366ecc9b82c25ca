"""Which scores there are: the families that the files of this folder declare, found by themselves."""

import functools
import sys

from gan_core.data import finding
from gan_core.evaluation.metrics.base import Family


def families(of=None):
    """Those that are measured on this class (see :class:`gan_core.evaluation.metrics.base.Family`), in their turn; all
    of them without one."""
    known = _found()[0].values()
    return tuple(sorted((family for family in known if of is None or family.of is of), key=lambda family: family.turn))


def scores():
    """Every :class:`gan_core.evaluation.metrics.base.Score`, in their places."""
    return tuple(sorted((score for family in families() for score in family.scores), key=lambda score: score.place))


def broken():
    """``{file: sentence}`` of the files that cannot be used."""
    return _found()[1]


@functools.cache
def _found():
    files, wrong = finding.modules(sys.modules[__package__], _family_of)
    known, keys = {}, set()
    for file, family in files.items():
        own = {score.key for score in family.scores}
        if own & keys:
            wrong[file] = f"{__package__}.{file} cannot be used: there is a score {min(own & keys)!r} already."
        else:
            known[file], keys = family, keys | own
    return known, wrong


def _family_of(module):
    family = getattr(module, "FAMILY", None)
    if family is not None and not isinstance(family, Family):
        raise ImportError(f"its FAMILY must be a Family, not {type(family).__name__}")
    return family
