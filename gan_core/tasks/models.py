"""The one loader of trained models and of what they learned from, with one cache (needs Keras)."""

import dataclasses
import functools
from collections import OrderedDict

from gan_core import data
from gan_core.config.spec import RunSpec
from gan_core.data import keeping
from gan_core.launch import forks, same_data
from gan_core.tasks import checkpoints
from gan_core.training import loop

KEPT = 3  # models at once: whoever looks at a run goes back and forth between a few checkpoints

_models = OrderedDict()


def load(store, run, which=None, *, exact=False):
    """The model of a run as it stood at a checkpoint, the last one by default: ``(model, step)``.

    It computes in the precision that it was trained in, which an "auto" of its settings does not tell: here it might be
    another; or in single precision, where it is to be ``exact``.  The model is shared: whoever changes its weights spoils it
    for the others.
    """
    step, name = checkpoints.resolve(store, run, which)
    key = (store.where(run.id), name, checkpoints.version(store, run, name), exact)
    if key not in _models:
        spec = forks.spec_at(run, trained_spec(run), step)
        if exact:
            spec = dataclasses.replace(spec, knobs=spec.knobs | {"precision": "float32"})
        model = loop.build(spec)
        with store.artifacts(run.id).local(name) as path:
            model.load_weights(path)
        _models[key] = model
        while len(_models) > KEPT:
            _models.popitem(last=False)
    _models.move_to_end(key)
    return _models[key], step


def trained_spec(run):
    """The spec of a run with the precision that it was trained in; of one of before that was recorded, as it stands."""
    spec = RunSpec.from_dict(run.spec)
    precision = run.facts.get("precision")
    return dataclasses.replace(spec, knobs=spec.knobs | {"precision": precision}) if precision else spec


def dataset(store, run):
    """What a run has learned from.

    Raises:
        BadInput: when its data are gone, or what they are now is not that.
    """
    spec = RunSpec.from_dict(run.spec)
    same_data.must_be_there(store, run)
    dataset = _dataset(spec.data, spec.size, store.workspace, spec.settings.held_out,
                       keeping.version(spec.data, store.workspace))
    same_data.check(run, dataset)  # cheap: the dataset keeps its identity once it is known
    return dataset


def data_of_inputs(model, store, run):
    """What a run has learned from, where an input of its model is taken from it; else None, and nothing is loaded."""
    return dataset(store, run) if any(model_input.from_data for model_input in model.inputs()) else None


@functools.lru_cache(maxsize=2)
def _dataset(name, size, workspace, held_out, version):
    return data.load(name, size=size, workspace=workspace, held_out=held_out)
