"""What the tests of the training step share: games of every architecture, played one step at a time, and a toy."""

from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
import pytest
from keras import layers, ops

from gan_core.config.knobs import Config
from gan_core.data import IMAGES, POINTS, batches
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.registry import architectures
from gan_core.models.shared_knobs import Game, Latents, Objective

# Every architecture on every kind of data it learns, and variants that set a trap of their own.
GAMES = [(name, kind, {}) for name, model in architectures().items() for kind in model.kinds]
GAMES += [("dcgan", IMAGES, {"discriminator_norm": True}), ("dcgan", IMAGES, {"discriminator_norm": False}),
          ("gan", IMAGES, {"precision": "mixed_bfloat16"})]
every_game = pytest.mark.parametrize(
    "name, kind, knobs", GAMES,
    ids=lambda v: v if isinstance(v, str) else ",".join(f"{name}={value}" for name, value in v.items()) or "tiny")


def play(model, batch, *names):
    """One round in which only the players of these names move (all when none is named).  Returns the logs."""
    with only(model, *names):
        logs = model.train_step(({key: ops.convert_to_tensor(value) for key, value in batch.items()},))
    return {name: float(value) for name, value in logs.items()}


@contextmanager
def only(model, *names):
    everyone = model.players()
    model.players = lambda: tuple(p for p in everyone if not names or p.name in names)
    yield
    del model.players


def array(tensor):
    """A copy: what NumPy shares with a variable may change with it."""
    return np.array(ops.convert_to_tensor(tensor).numpy())


def values(variables):
    return [array(v) for v in variables]


def moved(before, variables):
    """Paths of the variables that are not bit for bit what they were."""
    return [v.path for old, v in zip(before, variables, strict=True) if not np.array_equal(old, array(v))]


def weights(model, name):
    """All variables of a network but the state of its random generators, which moves with every draw."""
    return [v for v in getattr(model, name).variables if "seed_generator" not in v.path]


def only_ranks(model):
    """Whether its discriminator is a critic, without verdicts."""
    return isinstance(model, AdversarialModel) and not model.objective.accuracy


def grown(model):
    """In the middle of a model's last stage, if it has stages, where the last part is joining and every other has."""
    if model.stages():
        model.rounds.assign(model.stages()[-1] + 1)
        model.enter(model.stage_of(int(model.rounds)))


@pytest.fixture
def game(noise_for, tiny_model):
    """``game(name, kind, **knobs)``: a miniature model and the batch of its first step."""
    def build(name, kind=IMAGES, seed=0, **knobs):
        dataset = noise_for(name, kind)
        model = tiny_model(name, dataset, seed=seed, **knobs)
        grown(model)
        return model, batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
    return build


_kept, _played = {}, {}


@pytest.fixture
def kept_game(noise_for, tiny_model):
    """The same with an average, built once for all tests that ask for this game: as it was built, whatever was played.

    For tests that play and change nothing else of it.
    """
    def build(name, kind, **knobs):
        key, knobs = (name, kind, *sorted(knobs.items())), {"ema_decay": 0.9} | knobs
        if not any(name == other for other, *_ in _kept):
            _kept.clear(), _played.clear()
        if key not in _kept:
            dataset = noise_for(name, kind)
            model = tiny_model(name, dataset, **knobs)
            grown(model)
            everything = [*model.variables, *model.optimizer.variables]
            batch = batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
            _kept[key] = model, batch, everything, values(everything)
        model, batch, everything, before = _kept[key]
        for variable, value in zip(everything, before, strict=True):
            variable.assign(value)
        return model, dict(batch)
    return build


@pytest.fixture
def played_game(kept_game):
    """``(model, batch, logs)`` of the same after one round, which is played once for all tests."""
    def build(name, kind, **knobs):
        key = (name, kind, *sorted(knobs.items()))
        model, batch = kept_game(name, kind, **knobs)
        everything = [*model.variables, *model.optimizer.variables]
        if key not in _played:
            logs = play(model, batch)
            _played[key] = logs, values(everything)
        logs, after = _played[key]
        for variable, value in zip(everything, after, strict=True):
            variable.assign(value)
        return model, batch, dict(logs)
    return build


# A game of its own for what no architecture does yet


@dataclass(frozen=True, kw_only=True)
class ToyConfig(Objective, Latents, Game, Config):
    """The knobs of any two players."""


class Witness(layers.Layer):
    """Notes how it was called."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seen = []

    def call(self, x, training=None):
        self.seen.append(training)
        return x


class Toy(AdversarialModel):
    """Points, with a network of each kind small enough to follow by hand."""

    Config = ToyConfig
    title = "Toy"
    kinds = (POINTS,)

    def networks(self):
        z, x = keras.Input((self.config.latent,)), keras.Input((2,))
        generator = layers.Dense(2)(layers.BatchNormalization()(layers.Dense(4)(Witness()(z))))
        spectral = layers.SpectralNormalization(layers.Dense(4))(x)
        logit = layers.Dense(1)(layers.LeakyReLU()(Witness()(spectral)))
        return {"generator": keras.Model(z, generator), "discriminator": keras.Model(x, logit)}


@pytest.fixture
def toy(noise):
    dataset = noise(POINTS, classes=())

    def build(cls=Toy, **knobs):
        keras.utils.set_random_seed(0)
        model = cls(ToyConfig.tiny(**knobs), dataset.spec)
        return model, batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
    return build
