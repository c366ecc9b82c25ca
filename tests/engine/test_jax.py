"""The same games on JAX: this file runs itself in a second process, where Keras has that backend."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__)
ON_JAX = os.environ["KERAS_BACKEND"] == "jax"
REFERENCE = "GAN_TEST_ROUND"  # names a file: what TensorFlow's step gave for `reference_round`
PATIENCE = 600  # seconds


def reference_round(noise, tiny_model):
    """The logs of one round of WGAN-GP on points with nothing left to chance, on whichever backend this is.

    Two critic updates, a penalty through a second derivative, one generator update: each number depends on all
    that came before it in the round.
    """
    import keras
    from keras import ops

    from gan_core import data, engine
    from gan_core.data import POINTS

    dataset = noise(POINTS, classes=())
    model = tiny_model("wgan_gp", dataset, discriminator_rate=1e-2, beta_1=0.5, xla="auto")
    rng = np.random.default_rng(0)
    for network in (model.generator, model.discriminator):
        network.set_weights([rng.standard_normal(w.shape).astype(np.float32) / 2 for w in network.get_weights()])
    latent = rng.standard_normal((model.config.batch_size, model.config.latent)).astype(np.float32)
    alpha = rng.random((model.config.batch_size, 1)).astype(np.float32)
    model.generate = lambda batch: model.generator(ops.convert_to_tensor(latent), training=True)
    uniform, keras.random.uniform = keras.random.uniform, lambda *_, **__: ops.convert_to_tensor(alpha)
    try:
        batch = data.batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
        history = model.fit(engine.feed(iter([batch]), batch), steps_per_epoch=1, shuffle=False, verbose=0).history
    finally:
        keras.random.uniform = uniform
    return {key: float(values[0]) for key, values in history.items()}


if not ON_JAX:
    @pytest.mark.settled
    def test_the_games_on_jax(request, tmp_path, noise, tiny_model):
        if not importlib.util.find_spec("jax"):
            pytest.skip("JAX is not installed: pip install jax")
        reference = tmp_path / "round.json"
        reference.write_text(json.dumps(reference_round(noise, tiny_model)))
        answer = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", str(HERE),
             *(option for option in ("--record", "--passed", "--all") if request.config.getoption(option))],
            cwd=HERE.parents[2], timeout=PATIENCE, capture_output=True, text=True, env=os.environ | {
                "KERAS_BACKEND": "jax", REFERENCE: str(reference),
                # Compiling takes longer than what is compiled; and see conftest.py about threads.
                "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
                             "--xla_cpu_multi_thread_eigen=false"})
        assert answer.returncode == 0, answer.stdout[-20_000:] + answer.stderr[-2_000:]
        assert "skipped" not in answer.stdout

else:
    import dataclasses

    import jax
    import keras
    from keras import ops

    from gan_core import engine
    from gan_core.data import IMAGES, POINTS, batches
    from gan_core.engine.autodiff import input_gradient
    from gan_core.models import inputs
    from gan_core.models.losses import gradient_penalty
    from gan_core.models.registry import architectures
    from gan_core.training import loop
    from gan_core.training.recorder import MemoryRecorder
    from helpers_checkpoints import Keeper, contents
    from helpers_zoo import zoo_wide

    # Compiling takes minutes: those that prove the mould are trained, of all others the step is traced.
    GAMES = [("gan", POINTS), ("dcgan", IMAGES), ("wgan_gp", POINTS)]
    OTHERS = [(name, model.kinds[0]) for name, model in architectures().items() if (name, model.kinds[0]) not in GAMES]
    TURNS = [("dcgan", IMAGES, {"discriminator_norm": True}), ("cgan", IMAGES, {}), ("wgan_gp", POINTS, {})]

    def test_this_is_jax():
        assert engine.BACKEND == "jax" and engine.configure(deterministic=True) in ("cpu", "gpu")

    # Training and going on

    @pytest.mark.parametrize("name, kind", GAMES)
    def test_a_resumed_run_ends_like_an_uninterrupted_one(noise_for, tiny_spec, tmp_path, name, kind):
        dataset = noise_for(name, kind)
        spec = tiny_spec(name, dataset, steps=6, xla="auto", deterministic=True)
        recorders = []
        for folder, checkpoint in (("whole", None), ("rest", (3, tmp_path / "whole" / "3.weights.h5"))):
            (tmp_path / folder).mkdir()
            recorders.append(Keeper(tmp_path / folder))
            model = loop.build(spec)
            assert model.jit_compile
            outcome = loop.fit(model, spec, dataset, recorders[-1], checkpoint=checkpoint)
            assert (outcome.status, outcome.step) == ("finished", 6)
        whole, rest = recorders
        assert [step for step, _ in whole.rows] == [1, 2, 3, 4, 5, 6] and [step for step, _ in rest.rows] == [4, 5, 6]
        for _, row in whole.rows:
            assert {"d_loss", "g_loss"} <= set(row) and np.isfinite(list(row.values())).all()
            assert ("critic_estimate" in row) != ("d_accuracy_real" in row)
        ours, theirs = (contents(tmp_path / folder / "6.weights.h5") for folder in ("whole", "rest"))
        assert set(ours) == set(theirs) and "vars/random_0" in ours and any("optimizer" in path for path in ours)
        for path in ours:
            np.testing.assert_allclose(theirs[path], ours[path], rtol=1e-5, atol=1e-5, err_msg=path)
        for (_, row), (_, again) in zip(whole.rows[3:], rest.rows, strict=True):
            for key in ("d_loss", "g_loss"):
                assert again[key] == pytest.approx(row[key], abs=1e-5, rel=1e-5)
        start = contents(tmp_path / "whole" / "3.weights.h5")
        assert not np.array_equal(start["vars/random_0"], ours["vars/random_0"])
        np.testing.assert_allclose(rest.sheets[-1][1], whole.sheets[-1][1], rtol=1e-5, atol=1e-5)

    @zoo_wide
    @pytest.mark.parametrize("name, kind", OTHERS)
    def test_a_round_can_be_traced_and_keeps_the_shape_of_everything(noise_for, tiny_model, name, kind):
        dataset = noise_for(name, kind)
        model = tiny_model(name, dataset, **({"augment": "ada"} if name == "sngan" else {}))
        if model.stages():
            model.rounds.assign(model.stages()[-1] + 1)
            model.enter(model.stage_of(int(model.rounds)))
        batch = batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
        state = tuple([v.value for v in group] for group in (
            model.trainable_variables, model.non_trainable_variables, model.optimizer.variables, model.metrics_variables))
        logs, after = jax.eval_shape(lambda state, batch: model.train_step(state, (batch,)), state, batch)
        assert {f"{player.key}_loss" for player in model.players()} <= set(logs)
        assert all(each.shape == () and each.dtype == "float32" for each in logs.values())
        for before, now in zip(state, after, strict=True):
            assert [(v.shape, v.dtype) for v in before] == [(v.shape, v.dtype) for v in now]

    def test_sheets_show_the_state_of_training_and_not_that_of_the_beginning(noise, tiny_spec):
        """``fit`` keeps the state apart from the variables until it is asked."""
        dataset = noise(POINTS, classes=())
        spec = tiny_spec("gan", dataset, steps=4, steps_per_call=3, xla="auto", ema_decay=0.0, generator_rate=1e-2)
        recorder, model = MemoryRecorder(), loop.build(spec)
        outcome = loop.fit(model, spec, dataset, recorder)
        assert outcome.step == 4 and [step for step, _, _ in recorder.sheets] == [0, 3, 4]
        samples = [sheet for _, sheet, _ in recorder.sheets]
        assert not np.allclose(samples[0], samples[1], atol=1e-3) and not np.allclose(samples[1], samples[2], atol=1e-4)
        now = np.asarray(model.sample(inputs.draw(model.inputs(), len(samples[-1]), inputs.SHEET_SEED)))
        np.testing.assert_allclose(samples[-1], now, rtol=1e-5, atol=1e-6)

    def test_the_same_seed_gives_the_same_run_and_another_seed_another(noise, tiny_spec):
        dataset, losses = noise(POINTS, classes=()), []
        for seed in (1, 1, 2):
            spec = tiny_spec("gan", dataset, steps=2, seed=seed, xla="auto")
            recorder = MemoryRecorder()
            loop.fit(loop.build(spec), spec, dataset, recorder)
            losses.append([row["d_loss"] for _, row in recorder.rows])
        assert losses[0] == losses[1] and losses[0] != losses[2]

    def test_a_run_that_diverges_is_stopped(noise, tiny_spec):
        dataset = noise(POINTS, classes=())
        spec = tiny_spec("gan", dataset, steps=20, xla="auto")
        spec = dataclasses.replace(spec, knobs=spec.knobs | {"generator_rate": 1e30, "discriminator_rate": 1e30})
        outcome = loop.fit(loop.build(spec), spec, dataset, MemoryRecorder())
        assert outcome.status == "diverged" and outcome.step < 20

    # The step

    def test_a_round_gives_the_numbers_that_tensorflow_gives(noise, tiny_model):
        path = os.environ.get(REFERENCE)
        if not path:
            pytest.skip("run this file on TensorFlow, which hands its numbers over")
        ours, theirs = reference_round(noise, tiny_model), json.loads(Path(path).read_text())
        assert set(ours) == set(theirs) and len(ours) >= 8
        assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-5)

    def played(model, batch, *names):
        """``{path and number: (before, after)}`` of all variables over one round of the players of these names."""
        everyone = model.players()
        model.players = lambda: tuple(player for player in everyone if player.name in names)
        groups = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables,
                  model.metrics_variables)
        before = [[jax.numpy.array(v.value) for v in group] for group in groups]
        _, after = jax.jit(model.train_step)(before, (batch,))
        del model.players
        return {id(v): (np.asarray(a), np.asarray(b)) for group, old, new in zip(groups, before, after)
                for v, a, b in zip(group, old, new, strict=True)}

    def moved(found, variables):
        return [v.path for v in variables if not np.array_equal(*found[id(v)])]

    def weights(model, name):
        return [v for v in getattr(model, name).variables if "seed_generator" not in v.path]

    @pytest.mark.parametrize("name, kind, knobs", TURNS)
    def test_a_turn_moves_the_player_and_not_the_bystander(noise_for, tiny_model, name, kind, knobs):
        dataset = noise_for(name, kind)
        model = tiny_model(name, dataset, ema_decay=0.9, **knobs)
        batch = batches(dataset, model.config.batch_size, seed=0, draws=model.draws).batch_at(0)
        g, d = weights(model, "generator"), weights(model, "discriminator")
        own = [model.optimizer_of(player).iterations for player in model.players()]

        found = played(model, batch, "generator")
        assert len(moved(found, g)) == len(g), "moving statistics included"
        assert moved(found, d) == [], "moving statistics included"
        assert [int(found[id(v)][1]) for v in own] == [0, 1]
        assert moved(found, [model.random.state]), "the noise must be fresh each time"
        for mean, variable in zip(model.averages["generator"].variables, g, strict=True):
            (old, new), now = found[id(mean)], found[id(variable)][1]
            np.testing.assert_allclose(new, 0.9 * old + 0.1 * now, rtol=1e-5, atol=1e-7, err_msg=variable.path)

        found = played(model, batch, "discriminator")
        may_stay = {"logit/bias"} if not model.objective.accuracy else set()  # it cancels in a critic's loss
        assert {v.path for v in d} - set(moved(found, d)) <= may_stay
        assert moved(found, g) == []
        assert [int(found[id(v)][1]) for v in own] == [model.draws, 0]

    # Gradients within gradients

    @pytest.mark.parametrize("length, expected", [(1.0, 0.0), (2.0, 1.0)])
    def test_a_penalty_sees_the_values_of_the_step_around_it(length, expected):
        """The critic's own variable has another length than the value that the step's scope gives it."""
        critic = keras.layers.Dense(1, use_bias=False)
        critic.build((None, 2))
        critic.kernel.assign(np.array([[0.0], [5.0]]))
        x = np.random.default_rng(0).standard_normal((4, 2)).astype(np.float32)

        @jax.jit
        def penalty(kernel):
            with keras.StatelessScope([(critic.kernel, kernel)]):
                return ops.mean(gradient_penalty(input_gradient(critic, x)))

        a = jax.numpy.array([[0.6], [0.8]]) * length
        assert float(penalty(a)) == pytest.approx(expected, abs=1e-5)
        slope = np.asarray(jax.grad(penalty)(a))
        np.testing.assert_allclose(slope, 2 * (length - 1) * np.array([[0.6], [0.8]]), atol=1e-4)
        assert float(ops.mean(gradient_penalty(input_gradient(critic, x)))) == pytest.approx(16.0, rel=1e-4)
