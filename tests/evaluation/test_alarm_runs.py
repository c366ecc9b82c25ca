"""Alarms on real runs: seeded ones that are set up to fail, each of which raises its own, and healthy ones, which raise
none.  Small networks on the digits that come with scikit-learn and on points; test_alarms.py asks for the sentences and
the buttons.
"""

import dataclasses

import helpers_alarms
import pytest
from helpers_runs import cli, make_run
from helpers_scoring import write

from gan_core import data
from gan_core.data import load
from gan_core.evaluation import alarms
from gan_core.models.registry import architecture
from gan_core.store import DiskStore, MemoryStore
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

LIVE = ("not_a_number", "collapse", "healthy_dcgan")  # trained with every run of the tests, from the loss to the alarm
OWN = "own.npz"


def few(images):
    """The digits, but so many of them only to learn from."""
    whole = load("digits")
    return dataclasses.replace(whole, x=whole.x[:images], y=whole.y[:images])


@pytest.fixture
def trained(tmp_path, monkeypatch, request):
    """``trained(title, name, steps, knobs)``: a run, its curves and its knobs, for alarms to look at.

    As they were kept, where the same code would train the same run; see helpers_alarms.py.
    """
    probe = loop._Watch._probe
    monkeypatch.setattr(loop, "PROBE_SHARE", 0)  # probes by steps, not by time: the same on every machine
    monkeypatch.setattr(loop._Watch, "_probe", lambda watch: None if watch.step % 50 else probe(watch))

    def train(title, name, steps, knobs):
        record, command = request.config.getoption("--record"), (name, steps, knobs)
        old = None if record or title in LIVE else helpers_alarms.load(title, command)
        run, store = old or anew(name, steps, dict(knobs))
        if record and title not in LIVE:
            helpers_alarms.save(title, command, run, store.rows(run.id))
        series = Series(store, run.id).refresh()
        return run, series, architecture(name).Config.knobs()

    def anew(name, steps, knobs):
        knobs = {"batch_size": 32, "steps_per_call": 10, "probe_seconds": 1e-6} | knobs
        if images := knobs.pop("images", None):
            monkeypatch.setattr(data, "load", lambda *_, **__: few(images))
        chosen = knobs.pop("data", "digits")
        if chosen == OWN:
            chosen = write(tmp_path / OWN, samples=load("digits").x[:500])
        answer = cli("train", name, "--data", chosen, "--steps", steps, "--seed", 1,
                     *(f"--set={knob}={value}" for knob, value in knobs.items()), workspace=tmp_path)
        store = DiskStore(tmp_path)
        request.addfinalizer(store.close)
        run, = store.list()
        assert len(store.rows(run.id, keys=["kernel"])) >= 2 or answer.code, answer.err
        return run, store

    return train


@pytest.mark.parametrize("alarm", BROKEN)
def test_a_broken_run_raises_its_own_alarm(trained, alarm):
    assert alarm in [alarm.name for alarm in alarms.raised(*trained(alarm, *BROKEN[alarm]))]


def test_learning_by_heart_is_seen_on_images_of_ones_own(trained):
    """They have no test set but what is kept from training."""
    name, steps, knobs = BROKEN["overfitting"]
    knobs = {knob: value for knob, value in knobs.items() if knob != "images"} | {"data": OWN}
    assert "overfitting" in [alarm.name for alarm in alarms.raised(*trained("own_images", name, steps, knobs))]


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_raises_none(trained, name):
    run, series, knobs = trained(f"healthy_{name}", name, *HEALTHY[name])
    assert alarms.raised(run, series, knobs) == []
    assert series.curve("kernel")[1][-1] < 0.5 * series.curve("kernel")[1][0], "it learned something"


def test_curves_are_not_taken_for_those_of_other_code_or_of_other_knobs(monkeypatch, tmp_path):
    name, steps, knobs = BROKEN["plateau"]
    monkeypatch.setattr(helpers_alarms, "FOLDER", tmp_path)
    store = MemoryStore()
    run = make_run(store, steps=steps)
    store.add_rows(run.id, [(1, "d_loss", 0.5, run.created), (2, "d_loss", 1 / 3, run.created + 1)])
    helpers_alarms.save("plateau", (name, steps, knobs), run, store.rows(run.id))
    again, rows = helpers_alarms.load("plateau", (name, steps, knobs))
    assert (again.id, again.spec) == (run.id, run.spec)
    assert Series(rows, run.id).refresh().curve("d_loss")[1].tolist() == [0.5, pytest.approx(1 / 3)]
    assert helpers_alarms.load("plateau", (name, steps + 1, knobs)) is None
    assert helpers_alarms.load("plateau", (name, steps, knobs | {"width": 8})) is None
    monkeypatch.setattr(helpers_alarms.kept, "code_of", lambda *_: "other")
    assert helpers_alarms.load("plateau", (name, steps, knobs)) is None
