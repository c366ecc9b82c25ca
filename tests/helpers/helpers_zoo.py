"""What the tests of the whole zoo share: its games, and a miniature of each."""

import pytest

from gan_core.models.registry import architecture, architectures

DIGITS = tuple("0123456789")
GAMES = [(name, kind) for name, model in architectures().items() for kind in model.kinds]
each = pytest.mark.parametrize("name", architectures())


def built(name, data, **knobs):
    """A miniature model for such data, not compiled."""
    cls = architecture(name)
    return cls(cls.Config.tiny(**knobs), data)
