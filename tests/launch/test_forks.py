"""Forks: what is refused, what is carried over, and that one with nothing changed goes on as its parent did, bit for bit."""

import contextlib
import dataclasses
import json

import numpy as np
import pytest

from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput
from gan_core.launch import forks, queue
from gan_core.sharing import facts
from gan_core.store import FINISHED, QUEUED, DiskStore, lineage
from gan_core.store.artifacts import checkpoint_name, checkpoints
from helpers_checkpoints import contents
from helpers_forks import forked, with_checkpoints
from helpers_pages import add_run, zoo
from helpers_runs import cli, is_a_sentence

STEPS, HALF = 8, 6
TINY = ("--set", "xla=off", "--set", "precision=float32", "--set", "batch_size=8", "--set", "latent=4", "--set",
        "filters=4", "--set", "checkpoint_seconds=0", "--set", "probe_seconds=0", "--set", "sample_every=100")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "start_dispatcher", lambda store: None)
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        yield store


@pytest.fixture
def parent(store):
    """A run with checkpoints that hold nothing."""
    return with_checkpoints(store, add_run(store, zoo(), "Mine", architecture="dcgan"), 500, 1000)


# What can be planned


@pytest.mark.parametrize("step, changes, says", [
    (400, {}, "no checkpoint of step 400; it has 500, 1000"), (500, {"generator_rate": "fast"}, "must be a number"),
    (500, {"generator_rate": 5}, "between 1e-06 and 0.1"), (500, {"held_out": 0.0}, "cannot be changed in a fork"),
    (500, {"packs": 2}, "no knob 'packs'"), (1000, {}, "would stop at 1,000; give it more steps"),
    (1000, {"steps": 900}, "would stop at 900")])
def test_what_cannot_be_is_refused_in_a_sentence(store, parent, step, changes, says):
    with pytest.raises(BadInput, match=says) as refused:
        forks.plan(store, parent, step, changes)
    assert is_a_sentence(str(refused.value)) and len(store.list()) == 1


def test_a_fork_is_a_run_with_a_parent_and_a_first_checkpoint(store, parent):
    store.update(parent.id, facts=parent.facts | {"data": {"hash": "ab"}}, tags=("sweep", "sweep-1"))
    run = store.get(forked(store, parent, 500, generator_rate="1e-5", steps=3000).id)
    assert (run.status, run.step, run.steps, run.name, run.tags) == (QUEUED, 500, 3000, "Mine, fork at 500", ())
    assert run.facts.pop("noise") == parent.facts["noise"]
    assert run.facts == {"data": {"hash": "ab"}, "probe": "random:32"}, "its data are checked, its samples measured by these"
    origin = lineage.parent_of(run)
    assert (origin.id, origin.step) == (parent.id, 500)
    assert origin.changed == {"steps": [1000, 3000], "generator_rate": [0.0002, 1e-5]}
    assert origin.samples == 500 * 128 and 0 < origin.seconds < 60
    told = dict(facts.of_run(store, dataclasses.replace(run, parent=run.parent | {"seconds": 300.0}), zoo()["dcgan"], 500))
    assert told["Fork of"].startswith(f"{parent.id} at step 500; changed: steps 3000") and told["Training"] == "5.0 minutes"
    ours, theirs = (store.artifacts(one.id).read(checkpoint_name(500)) for one in (run, parent))
    assert ours == theirs and list(checkpoints(store.artifacts(run.id))) == [500]
    assert forks.before(RunSpec.from_dict(run.spec), origin.changed).as_dict() == {
        **RunSpec.from_dict(parent.spec).as_dict(), "name": run.name}
    spec = RunSpec.from_dict(run.spec)
    assert [forks.spec_at(run, spec, step).knobs["generator_rate"] for step in (500, 501)] == [0.0002, 1e-5]
    store.delete(parent.id)
    assert queue.can_resume(store, run), "what it needs is its own"


def test_a_fork_of_a_fork_at_its_first_step_is_one_of_the_first(store, parent):
    second = forked(store, parent, 500, generator_rate=1e-5, name="Second")
    third = lineage.parent_of(forked(store, second, 500, beta_1=0.0))
    assert (third.id, third.step) == (parent.id, 500), "its checkpoint was written under these settings"
    assert third.changed == {"generator_rate": [0.0002, 1e-5], "beta_1": [0.5, 0.0]}
    with_checkpoints(store, second, 700)
    later = lineage.parent_of(forked(store, second, 700, beta_1=0.0))
    assert (later.id, later.changed) == (second.id, {"beta_1": [0.5, 0.0]})
    assert later.samples == 500 * 128 + 200 * 128


def test_a_knob_that_is_newer_than_the_run_had_its_usual_value(store, parent):
    knobs = {name: value for name, value in parent.spec["knobs"].items() if name != "beta_1"}
    store.update(parent.id, spec=parent.spec | {"knobs": knobs})
    planned = forks.plan(store, store.get(parent.id), 500, {"beta_1": 0.0})
    assert planned.changed == {"beta_1": [0.5, 0.0]} and planned.spec.knobs["beta_1"] == 0.0


def test_a_checkpoint_that_goes_meanwhile_is_said(store, parent):
    planned = forks.plan(store, parent, 500, {})
    store.artifacts(parent.id).remove(checkpoint_name(500))
    with pytest.raises(BadInput, match="let go meanwhile"):
        forks.begin(store, planned)
    assert len(store.list()) == 1


# What is carried over: models are built, and nothing is trained


@pytest.fixture(scope="module")
def built(noise, tiny_model):
    """``built(**knobs)``: a miniature."""
    return lambda **knobs: tiny_model("dcgan", noise(), **{"ema_decay": 0.9, "dropout": 0.1} | knobs)


@pytest.fixture(scope="module")
def learned(built):
    """A miniature whose every variable has values of its own."""
    model, rng = built(), np.random.default_rng(0)
    for variable in [*model.variables, *model.optimizer.variables]:
        if variable.name == "iteration":
            variable.assign(7)
        elif variable.name != "learning_rate":
            kept = np.asarray(variable)
            variable.assign((rng.random(kept.shape) * 9).astype(kept.dtype))
    return model


def same(old, new):
    return all(np.array_equal(np.asarray(there), np.asarray(here)) for there, here in zip(old, new, strict=True))


def test_all_of_it_goes_over_but_the_rates(learned, built):
    from gan_core.launch import warm_start

    old = learned
    model = built(generator_rate=1e-5, loss="least-squares", beta_1=0.0)
    assert warm_start.carry_over(old, model) == []
    assert same(old.variables, model.variables), "weights, moving statistics, averages, random states, rounds"
    ours, theirs = ({player.name: one.optimizer_of(player) for player in one.players()} for one in (model, old))
    assert ours["discriminator"].variables and same(theirs["discriminator"].variables, ours["discriminator"].variables)
    assert float(ours["generator"].learning_rate) == pytest.approx(1e-5) and int(ours["generator"].iterations) == 7
    assert same(theirs["generator"].variables[2:], ours["generator"].variables[2:])


def test_what_does_not_fit_begins_anew_and_is_said(learned, built):
    from gan_core.launch import warm_start

    old = learned
    model, fresh = built(optimizer="rmsprop", schedule="linear"), built(optimizer="rmsprop")
    said = warm_start.carry_over(old, model, other_seed=True)
    assert said == [f"The optimizer of the {name} is another, and begins anew." for name in ("discriminator", "generator")]
    for player in model.players():
        assert same(fresh.optimizer_of(player).variables[2:], model.optimizer_of(player).variables[1:])
        assert int(model.optimizer_of(player).iterations) == 0
    assert same(old.generator.weights, model.generator.weights)
    random = [name for name in model.own_state() if name.startswith("random_")]
    assert random and same([fresh.own_state()[name] for name in random], [model.own_state()[name] for name in random])
    # A schedule and AdamW remember what Adam does; an average that there was not begins with the weights.
    model = built(optimizer="adamw", schedule="linear")
    assert warm_start.carry_over(old, model) == []
    assert same(old.optimizer_of(old.players()[0]).variables[2:], model.optimizer_of(model.players()[0]).variables[1:])
    bare, model = built(ema_decay=0.0), built()
    warm_start.carry_over(bare, model)
    assert same(bare.generator.weights, model.averages["generator"].weights)


def test_knobs_that_change_the_shapes_are_named(tiny_spec, noise):
    from gan_core.launch import warm_start

    spec = tiny_spec("dcgan", noise(), filters=8, packing=1, generator_rate=1e-5)
    changed = {"filters": [4, 8], "generator_rate": [2e-4, 1e-5], "steps": [4, 9]}
    with pytest.raises(BadInput, match="with another filters; leave that as it is") as refused:
        warm_start.check(spec, changed)
    assert is_a_sentence(str(refused.value)) and list(refused.value.fields) == ["filters"]
    del changed["filters"]
    warm_start.check(spec, changed)


# Trained for real


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("forks") / "workspace"


@pytest.fixture(scope="module")
def trained(workspace):
    """``(workspace, id)`` of a miniature that has made its steps."""
    answer = cli("train", "dcgan", "--data", "digits", "--size", 8, "--steps", STEPS, "--name", "Mine", *TINY,
                 workspace=workspace)
    assert answer.code == 0, answer.err
    return workspace, answer.out.splitlines()[-1]


def fork(workspace, *arguments):
    answer = cli("fork", *arguments, workspace=workspace)
    assert answer.code == 0, answer.err
    return answer.out.splitlines()[-1]


def test_with_nothing_changed_it_goes_on_as_its_parent_did_bit_for_bit(trained):
    workspace, parent = trained
    child = fork(workspace, parent, "--from", HALF)
    with contextlib.closing(DiskStore(workspace)) as store:
        run = store.get(child)
        assert (run.status, run.step, run.parent["changed"]) == (FINISHED, STEPS, {})
        ours, theirs = (contents(store.artifacts(one).open(checkpoint_name(STEPS))) for one in (child, parent))
        assert set(ours) == set(theirs) and any("optimizer" in path for path in ours) and "vars/random_0" in ours
        assert [path for path in ours if not np.array_equal(ours[path], theirs[path])] == []
        rows = [store.rows(one, keys=("d_loss", "g_loss"), after=HALF) for one in (child, parent)]
        assert rows[0].step.min() == HALF + 1 and np.array_equal(rows[0].value, rows[1].value)
        assert run.facts["data"] == store.get(parent).facts["data"]


def test_changed_knobs_are_those_that_it_trains_with(trained):
    workspace, parent = trained
    child = fork(workspace, parent, "--set", "generator_rate=1e-5", "--seed", 5, "--steps", STEPS + 1, "--name", "Slower")
    with contextlib.closing(DiskStore(workspace)) as store:
        rates = store.rows(child, keys=["g_learning_rate", "d_learning_rate"])
        assert dict(zip(rates.key, rates.value)) == pytest.approx({"g_learning_rate": 1e-5, "d_learning_rate": 2e-4})
        assert set(rates.step.tolist()) == {STEPS + 1}
        assert f"A fork of the run {parent}" in store.artifacts(child).read("log.txt").decode()
    shown = json.loads(cli("show", child, "--json", workspace=workspace).out)
    assert (shown["name"], shown["children"]) == ("Slower", [])
    assert (shown["parent"]["id"], shown["parent"]["step"]) == (parent, STEPS)
    assert shown["parent"]["changed"] == {"steps": [STEPS, STEPS + 1], "seed": [0, 5], "generator_rate": [2e-4, 1e-5]}
    told = json.loads(cli("show", parent, "--json", workspace=workspace).out)
    assert told["parent"] is None and child in [one["id"] for one in told["children"]]
    assert f"fork of     {parent} at step {STEPS}" in cli("show", child, workspace=workspace).out
    resumed = cli("resume", child, "--steps", STEPS + 2, workspace=workspace)
    assert resumed.code == 0 and json.loads(cli("show", child, "--json", workspace=workspace).out)["step"] == STEPS + 2


def test_on_the_command_line_it_is_refused_before_it_begins(trained):
    workspace, parent = trained
    before = len(json.loads(cli("runs", "--json", workspace=workspace).out))
    for arguments, says in ((("--from", 3), "no checkpoint of step 3"), (("--from", "best"), "is scored yet"),
                            (("--set", "filters=8", "--steps", 99), "with another filters"),
                            ((), "give it more steps in all")):
        answer = cli("fork", parent, *arguments, workspace=workspace)
        assert answer.code == 2 and says in answer.err and is_a_sentence(answer.err), answer.err
    assert len(json.loads(cli("runs", "--json", workspace=workspace).out)) == before
