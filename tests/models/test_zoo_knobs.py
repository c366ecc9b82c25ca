"""Every knob of every architecture in the zoo does something where it is shown."""

import keras
import pytest

from gan_core.models.registry import architecture
from helpers_knobs import Effects, beside, changed, keep_effect, kept_effects, others
from helpers_zoo import GAMES

# What these do is decided when a run is compiled, or when rows are drawn for a batch; test_training.py and test_rows.py look
# at them.
COMPILED = ("xla", "steps_per_call", "by_categories")
# Its other value wants a file of weights that each has to get; test_srgan.py makes one.
WITH_A_FILE = {("srgan", "looker")}
SHOWN = [(name, kind, knob.name) for name, kind in GAMES for knob in architecture(name).Config.knobs()
         if knob.name not in COMPILED and (name, knob.name) not in WITH_A_FILE and (knob.only is None or kind in knob.only)]


@pytest.fixture(scope="module")
def effects(noise_for):
    """``effects(name, kind)``: the :class:`Effects` of one game, which stay for its next knob."""
    kept = {}

    def of(name, kind):
        if (name, kind) not in kept:
            kept.clear()
            kept[name, kind] = Effects(name, noise_for(name, kind))
        return kept[name, kind]
    return of


@pytest.fixture
def told(request):
    """``told(name, kind, knob, tell)``: what ``tell()`` says that values of a knob change, as it was kept where the same
    code would say the same; see helpers_knobs.py."""
    record = request.config.getoption("--record")

    def of(name, kind, knob, tell):
        known = None if record else kept_effects(name, kind)
        if known is not None and knob in known:
            return known[knob]
        found = {str(value): effect for value, effect in tell().items()}
        if record:
            keep_effect(name, kind, knob, found)
        return found
    return of


@pytest.mark.parametrize("name, kind, knob", SHOWN)
def test_a_knob_that_is_shown_changes_something(effects, told, name, kind, knob):
    """An optimizer, a turn, what is drawn, a network or a loss."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("takes losses outside of a step")
    config = architecture(name).Config
    knob = next(each for each in config.knobs() if each.name == knob)
    usual = config.tiny(precision="float32", **beside(config, knob, kind))
    found = told(name, kind, knob.name, lambda: {
        value: effects(name, kind).of(usual, changed(usual, **{knob.name: value})) for value in others(knob)})
    assert found.keys() == {str(value) for value in others(knob)}
    assert any(found.values()), "it does nothing here: it should not be shown"


@pytest.mark.parametrize("name, kind", GAMES)
def test_without_a_change_there_is_no_effect(effects, told, name, kind):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("takes losses outside of a step")
    usual = architecture(name).Config.tiny()
    assert told(name, kind, "", lambda: {"": effects(name, kind).of(usual, changed(usual))}) == {"": None}
