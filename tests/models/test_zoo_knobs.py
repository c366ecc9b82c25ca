"""Every knob of every architecture in the zoo does something where it is shown."""

import keras
import pytest

from gan_core.models.registry import architecture
from helpers_knobs import Effects, beside, changed, others
from helpers_zoo import GAMES

# What these do is decided when a run is compiled; test_training.py looks at them.
COMPILED = ("xla", "steps_per_call")
SHOWN = [(name, kind, knob.name) for name, kind in GAMES for knob in architecture(name).Config.knobs()
         if knob.name not in COMPILED and (knob.only is None or kind in knob.only)]


@pytest.fixture(scope="module")
def effects(noise_for):
    """``effects(name, kind)``: the :class:`Effects` of one game, which are kept for its next knob."""
    kept = {}

    def of(name, kind):
        if (name, kind) not in kept:
            kept.clear()
            kept[name, kind] = Effects(name, noise_for(name, kind))
        return kept[name, kind]
    return of


@pytest.mark.parametrize("name, kind, knob", SHOWN)
def test_a_knob_that_is_shown_changes_something(effects, name, kind, knob):
    """An optimizer, a turn, what is drawn, a network or a loss."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("takes losses outside of a step")
    config = architecture(name).Config
    knob = next(each for each in config.knobs() if each.name == knob)
    usual = config.tiny(precision="float32", **beside(config, knob, kind))
    found = {value: effects(name, kind).of(usual, changed(usual, **{knob.name: value})) for value in others(knob)}
    assert any(found.values()), "it does nothing here: it should not be shown"


@pytest.mark.parametrize("name, kind", GAMES)
def test_without_a_change_there_is_no_effect(effects, name, kind):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("takes losses outside of a step")
    usual = architecture(name).Config.tiny()
    assert effects(name, kind).of(usual, changed(usual)) is None
