"""Alarms on real runs: seeded ones that are set up to fail, each of which raises its own, and healthy ones, which raise
none.  Small networks on the digits that come with scikit-learn and on points; test_alarms.py asks for the sentences and
the buttons.
"""

import contextlib
import dataclasses

import pytest
from helpers_runs import cli
from helpers_scoring import write

from gan_core import data
from gan_core.data import load
from gan_core.evaluation import alarms
from gan_core.models.registry import architecture
from gan_core.store import DiskStore
from gan_core.store.curves import Series
from gan_core.training import loop

CONVOLUTIONS, DENSE = {"filters": 8, "latent": 16}, {"latent": 16}

# What goes wrong -> the architecture, its steps, and the knobs that make it go wrong.
BROKEN = {
    # A generator that stands still.
    "discriminator_wins": ("dcgan", 700, CONVOLUTIONS | {"generator_rate": 1e-6, "discriminator_rate": 1e-3}),
    # The original loss against a discriminator that is sure within fifty steps.
    "vanishing": ("gan", 700, DENSE | {"loss": "minimax", "generator_rate": 1e-6, "discriminator_rate": 1e-3}),
    # A discriminator that stands still: what it likes best is all that is drawn.
    "collapse": ("dcgan", 500, CONVOLUTIONS | {"generator_rate": 5e-3, "discriminator_rate": 1e-6, "dropout": 0.0,
                                               "discriminator_norm": False}),
    # 500 images are soon known by heart.
    "overfitting": ("gan", 1200, DENSE | {"images": 500, "discriminator_rate": 4e-4}),
    # A critic without its penalty knows no bounds.
    "exploding": ("wgan_gp", 800, CONVOLUTIONS | {"penalty_weight": 0.0, "discriminator_rate": 1e-2,
                                                  "discriminator_updates": 2}),
    # Rates that go to nothing before all classes are found, and then nothing changes any more.
    "missing_classes": ("gan", 500, DENSE | {"schedule": "linear", "schedule_steps": 150}),
    "plateau": ("gan", 700, DENSE | {"schedule": "linear", "schedule_steps": 150}),
    # Least squares grow as the square of what a step that is too long makes of them.
    "not_a_number": ("gan", 300, DENSE | {"optimizer": "sgd", "loss": "least-squares", "generator_rate": 0.1,
                                          "discriminator_rate": 0.1, "beta_1": 0.9}),
}
HEALTHY = {
    "gan": (700, DENSE),
    "dcgan": (900, CONVOLUTIONS),
    "pacgan": (700, DENSE | {"width": 64}),
    "wgan_gp": (800, {"data": "ring"}),
    "r3gan": (800, {"data": "ring"}),
}


def few(images):
    """The digits, but so many of them only to learn from."""
    whole = load("digits")
    return dataclasses.replace(whole, x=whole.x[:images], y=whole.y[:images])


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Train a run and look at what is raised at its end, and along its way."""
    probe = loop._Watch._probe
    monkeypatch.setattr(loop, "PROBE_SHARE", 0)  # probes by steps, not by time: the same on every machine
    monkeypatch.setattr(loop._Watch, "_probe", lambda watch: None if watch.step % 50 else probe(watch))

    def train(name, steps, knobs):
        knobs = {"batch_size": 32, "steps_per_call": 10, "probe_seconds": 1e-6} | knobs
        if images := knobs.pop("images", None):
            monkeypatch.setattr(data, "load", lambda *_, **__: few(images))
        answer = cli("train", name, "--data", knobs.pop("data", "digits"), "--steps", steps, "--seed", 1,
                     *(f"--set={knob}={value}" for knob, value in knobs.items()), workspace=tmp_path)
        with contextlib.closing(DiskStore(tmp_path)) as store:
            run, = store.list()
            series = Series(store, run.id).refresh()
            assert len(series.curve("kernel")[1]) >= 2 or answer.code, answer.err
            return run, series, architecture(name).Config.knobs()

    return train


@pytest.mark.parametrize("alarm", BROKEN)
def test_a_broken_run_raises_its_own_alarm(trained, alarm):
    assert alarm in [each.name for each in alarms.raised(*trained(*BROKEN[alarm]))]


def test_learning_by_heart_is_seen_on_images_of_ones_own(trained, tmp_path):
    """They have no test set but what is kept from training."""
    name, steps, knobs = BROKEN["overfitting"]
    own = write(tmp_path / "own.npz", samples=load("digits").x[:500])
    knobs = {knob: value for knob, value in knobs.items() if knob != "images"} | {"data": own}
    assert "overfitting" in [each.name for each in alarms.raised(*trained(name, steps, knobs))]


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_raises_none(trained, name):
    run, series, knobs = trained(name, *HEALTHY[name])
    assert alarms.raised(run, series, knobs) == []
    assert series.curve("kernel")[1][-1] < 0.5 * series.curve("kernel")[1][0], "it learned something"
