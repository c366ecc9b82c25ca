"""What turning a knob of an architecture changes, told without training: for the tests of the whole zoo.

To tell it of all knobs takes six minutes of a processor, and it changes with the code alone.  So it is kept in ``golden/``,
with a fingerprint of the code of each architecture, of this file and of the libraries: where that has changed, it is told
anew.  So it is for a few games always, and for all with ``--record``, which keeps what comes out::

    make test ARGS="-n 2 --dist loadgroup tests/models/test_zoo_knobs.py --record"
"""

import dataclasses
import functools
import hashlib
import importlib.metadata
import sys
from pathlib import Path

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import ABOVE_0
from gan_core.data import batches
from gan_core.models import describe, inputs
from gan_core.models.registry import architecture
from helpers_engine import array, grown

TESTS = Path(__file__).parents[1]
KEPT = TESTS / "golden" / "knob-effects.json"
LIVE = {("dcgan", "images"), ("wgan_gp", "points"), ("cgan", "images")}  # told with every run of the tests
sys.path.append(str(TESTS.parent / "benchmarks"))

import kept  # noqa: E402


@functools.cache
def _fingerprint(name):
    here = [Path(__file__), TESTS / "helpers" / "helpers_engine.py", TESTS / "conftest.py"]
    return {"code": kept.code_of(name), "libraries": [importlib.metadata.version(each) for each in ("keras", "tensorflow")],
            "tests": hashlib.sha256(b"".join(path.read_bytes() for path in here)).hexdigest()[:12]}


@functools.cache
def _all_kept():
    return kept.read(KEPT, {})


def kept_effects(name, kind):
    """``{knob: {value: what it changes}}`` of a game as they were kept; None if other code made them, or they are told
    anew with every run of the tests."""
    told = _all_kept().get(f"{name} {kind}", {})
    return None if (name, kind) in LIVE or told.get("of") != _fingerprint(name) else told["effects"]


def keep_effect(name, kind, knob, effects):
    """Keep what the values of a knob change."""
    def change(all_kept):
        told = all_kept.get(f"{name} {kind}", {})
        if told.get("of") != _fingerprint(name):
            told = {"of": _fingerprint(name), "effects": {}}
        told["effects"][knob] = effects
        return dict(sorted((all_kept | {f"{name} {kind}": told}).items()))

    kept.add(KEPT, {}, change)


def others(knob):
    """Values that a miniature does not have."""
    if knob.choices:
        return [value for value in knob.choices if value not in (knob.tiny, "float32")]
    if knob.type == "bool":
        return [not knob.tiny]
    if knob.tiny != knob.low:
        return [knob.check(knob.low)]
    return [knob.tiny + 1 if knob.type == "int" else knob.high]


def beside(config, knob, kind):
    """Values of other knobs with which this one is shown.

    Raises:
        AssertionError: when nothing shows it.
    """
    values = config.tiny().as_dict()
    if knob.applies(values, kind):
        return {}
    for name, wanted in knob.when:
        other = next((each for each in config.knobs() if each.name == name), None)
        for value in () if other is None else (1.0,) if wanted == ABOVE_0 else wanted:
            if (not other.choices or value in other.choices) and knob.applies(values | {name: value}, kind):
                return {name: value}
    raise AssertionError(f"nothing shows {knob.name}: leave it out, or say beside what it means something")


class Effects:
    """What configurations make of one architecture, those that are cheap to tell first."""

    def __init__(self, name, dataset):
        self.cls, self.dataset = architecture(name), dataset
        self.model, self.start = self._build(self.cls.Config.tiny())
        # What a configuration comes to; the usual one is asked for with every knob.
        self._build = functools.lru_cache(2)(self._build)  # both that are compared
        for name in ("_play", "_losses_here", "_structure", "_losses_of_its_own"):
            setattr(self, name, functools.cache(getattr(self, name)))

    def of(self, usual, changed):
        """The first thing that differs between two configurations: "play", "loss" or "networks"; None if nothing does.

        Raises:
            AssertionError: when a loss is not finite.
        """
        if self._play(usual) != self._play(changed):
            return "play"
        try:
            if self._losses_here(usual) != self._losses_here(changed):
                return "loss"
        except AssertionError:
            raise
        except Exception:  # the networks at hand do not fit it, or it has state of its own: it wants a model of its own
            pass
        if self._structure(usual) != self._structure(changed):
            return "networks"
        return "loss" if self._losses_of_its_own(usual) != self._losses_of_its_own(changed) else None

    def _build(self, config):
        keras.utils.set_random_seed(0)
        model = self.cls(config, self.dataset.spec)
        model.compile()
        model.rounds.assign(1)  # where what is done every second round is left out
        grown(model)
        if hasattr(model, "augment_p"):
            model.augment_p.assign(0.5)
        if hasattr(model, "pooled_b"):
            model.pooled_b.assign(config.pool)  # full: half of what is judged comes from it
        return model, [array(v) for v in model.variables]

    def _structure(self, config):
        return _structure(self._build(config)[0])

    def _losses_of_its_own(self, config):
        """Of a model that is built for it."""
        return self._losses(*self._build(config), config)

    def _play(self, config):
        """Optimizers, turns, draws and averages: on the one model that is there."""
        model = self.model
        model.config = config
        averaging = None
        for name, mean in list(model.averages.items())[:1]:
            own, average = getattr(model, name).variables[0], mean.variables[0]
            own.assign(ops.ones_like(own))
            average.assign(ops.zeros_like(average))
            everyone, model.averages = model.averages, {name: mean}
            model.follow_averages()
            model.averages, averaging = everyone, float(ops.mean(average))
        optimizers = [config.optimizer_for(player).get_config() | {"name": ""} for player in model.players()]
        turns = [(player.updates, player.makes is None) for player in model.players()]
        drawn = [inputs.as_dict(each) for each in model.inputs()]
        return optimizers, turns, config.batch_size, drawn, model.stages(), averaging

    def _losses_here(self, config):
        return self._losses(self.model, self.start, config)

    def _losses(self, model, start, config):
        """Every player's loss and logs on the same batch with the same weights and noise."""
        model.config = config
        for variable, value in zip(model.variables, start, strict=True):
            variable.assign(value)
        batch = batches(self.dataset, config.batch_size, seed=0, draws=model.draws).batch_at(0)
        batch = {key: ops.convert_to_tensor(value) for key, value in batch.items()}
        found = {}
        for player in model.players():
            loss, logs = player.loss(model.slice_of(batch, 0))
            found |= {f"{player.name} {key}": float(value) for key, value in (logs | {"loss": loss}).items()}
        if getattr(config, "augment", "none") == "ada":  # of a discriminator that is somewhat sure
            found["augment_p"] = float(model._adapt(ops.linspace(-1.0, 3.0, 8))[1]["augment_p"])
        assert np.isfinite(list(found.values())).all(), (config, found)
        return found


def _structure(model):
    networks = [getattr(model, name) for name in model.network_names]
    layers = [layer for network in networks for layer in network._flatten_layers()]
    return (describe.networks(model), [layer.compute_dtype for layer in layers],
            [vars(v.constraint) for v in model.trainable_variables if v.constraint])


def changed(config, **values):
    return dataclasses.replace(config, **values)
