"""The one loader of trained models: in the precision they were trained in, the newest weights, each loaded once."""

import dataclasses

import numpy as np
import pytest

from gan_core.data import imported
from gan_core.engine import hardware
from gan_core.errors import BadInput
from gan_core.launch import same_data
from gan_core.store.artifacts import checkpoint_name
from gan_core.tasks import asking, models, sampling
from gan_core.tasks.asking import Checkpoint, Question
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_visits import known, store  # noqa: F401 (fixtures)

SMALL = {"width": 8, "latent": 4, "xla": "off"}


@pytest.fixture
def run(store, known):
    return with_checkpoint(store, add_run(store, known, architecture="gan", values=SMALL))


@pytest.mark.parametrize("trained, here", [("float32", True), ("mixed_bfloat16", False)])
def test_a_model_computes_in_the_precision_that_it_was_trained_in(store, run, monkeypatch, trained, here):
    """Whatever this machine would choose for it."""
    monkeypatch.setattr(hardware, "multiplies_in_bfloat16", lambda: here)
    store.update(run.id, facts=run.facts | {"precision": trained})
    assert run.spec["knobs"]["precision"] == "auto"
    model, _ = models.load(store, store.get(run.id))
    assert model.config.precision == trained


def test_a_run_of_before_that_was_recorded_computes_as_its_settings_say(store, run, monkeypatch):
    monkeypatch.setattr(hardware, "multiplies_in_bfloat16", lambda: False)
    assert models.load(store, run)[0].config.precision == "float32"
    spec = run.spec | {"knobs": run.spec["knobs"] | {"precision": "mixed_bfloat16"}}
    assert models.trained_spec(dataclasses.replace(run, spec=spec)).knobs["precision"] == "mixed_bfloat16"


def test_drawing_and_looking_inside_share_a_model_that_is_loaded_once(store, run, monkeypatch):
    built, build = [], models.loop.build
    monkeypatch.setattr(models.loop, "build", lambda spec: built.append(spec) or build(spec))
    sampling.draw(store, run, 2)
    asking.answer(Question.of("networks", store.workspace, Checkpoint(run.id, 1000, "")))
    assert models.load(store, run)[0] is models.load(store, run, 1000)[0] and len(built) == 1


def test_other_weights_at_the_same_step_are_loaded_anew(store, run, tmp_path):
    """As when a run is resumed from an earlier checkpoint and comes there again."""
    before, _ = sampling.draw(store, run, 2)
    held, name = store.artifacts(run.id), checkpoint_name(1000)
    other = models.loop.build(models.trained_spec(dataclasses.replace(
        run, spec=run.spec | {"settings": run.spec["settings"] | {"seed": 1}})))
    other.save_weights(tmp_path / "other.weights.h5")
    held.put(name, (tmp_path / "other.weights.h5").read_bytes())
    after, _ = sampling.draw(store, run, 2)
    assert not np.allclose(before, after)


def test_few_models_are_kept(store, known, run):
    for step in range(1, models.KEPT + 3):
        models.load(store, with_checkpoint(store, run, step), step)
    assert len(models._models) == models.KEPT


def test_data_that_are_not_what_the_run_learned_from_are_refused_though_they_were_looked_at_before(store, run):
    kept = imported.keep("mine", np.arange(8 * 64, dtype=np.uint8).reshape(8, 8, 8, 1), None, (), store.workspace, "Drawn.")
    run = dataclasses.replace(run, spec=run.spec | {"data": kept.name, "size": 8},
                              facts=run.facts | {"data": kept.identity.as_dict()})
    first = models.dataset(store, run)
    assert models.dataset(store, run) is first and np.array_equal(first.x, kept.x)
    file = next((store.workspace / "datasets").glob(f"{kept.name}*.npz"))
    arrays = dict(np.load(file))
    np.savez(file, **arrays | {"x": 255 - arrays["x"]})
    with pytest.raises(BadInput, match="not what the run"):
        models.dataset(store, run)
    forgotten = dataclasses.replace(run, facts=same_data.forget(run.facts))
    assert np.array_equal(models.dataset(store, forgotten).x, 255 - kept.x)
