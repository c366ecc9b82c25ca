"""What the tests of the whole zoo share: its games, and a miniature of each."""

import numpy as np
import pytest

from gan_core.models.registry import architecture, architectures

DIGITS = tuple("0123456789")
GAMES = [(name, kind) for name, model in architectures().items() for kind in model.kinds]
each = pytest.mark.parametrize("name", architectures())
zoo_wide = pytest.mark.zoo_wide  # see helpers_unchanged.py


def built(name, data, **knobs):
    """A miniature model for such data, not compiled."""
    cls = architecture(name)
    return cls(cls.Config.tiny(**knobs), data)


def trained(name, kind, noise_for):
    """A miniature whose weights are as large as those of one that was trained."""
    knobs = {"attention": True} if hasattr(architecture(name).Config, "attention") else {}
    model, rng = built(name, noise_for(name, kind).spec, **knobs), np.random.default_rng(1)
    for variable in model.variables:
        if "float" in variable.dtype:
            spread = (1 / np.prod(variable.shape[:-1])) ** 0.5 if len(variable.shape) > 1 else 0.2
            drawn = rng.normal(0, min(spread, 1.0), variable.shape)
            variable.assign(np.abs(drawn) + 0.5 if "variance" in variable.path else drawn)
    return model
