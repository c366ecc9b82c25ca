"""What a fork begins with, from a checkpoint that was written under other settings: whatever fits its own (needs Keras).

Weights, averages, what was looked up in the data, random states and the optimizers' memory go over as they are.  An
optimizer of another kind begins anew, and so do random states where the seed is another; learning rates are the fork's.
"""

import contextlib
import tempfile
from pathlib import Path

import numpy as np

from gan_core.config.spec import RunSettings
from gan_core.errors import BadInput
from gan_core.launch.forks import before
from gan_core.training import loop

SEED = "seed"


def is_needed(changed):
    """Whether a checkpoint cannot be loaded as it is under settings with these changes, ``{name: [before, now]}``: what only
    says how long a run goes on, and how it is watched, is in no checkpoint."""
    return bool(changed.keys() - {knob.name for knob in RunSettings.knobs()} | changed.keys() & {SEED})


def check(spec, changed):
    """BadInput, naming the knobs, where these changes lead to networks of other shapes, which no checkpoint fits."""
    if names := reshaping(spec, changed):
        what = ", ".join(names)
        raise BadInput(f"A fork goes on with the networks that its parent has trained, and these are others with another "
                       f"{what}; leave that as it is, or train a new run.",
                       {name: "It changes the shapes of the networks." for name in names})


def reshaping(spec, changed):
    """The names of those among the changes that give networks other shapes; ``spec`` is that of the fork."""
    if not is_needed(changed):
        return []
    old = before(spec, changed)
    shapes = _shapes(loop.build(old))
    if _shapes(loop.build(spec)) == shapes:
        return []
    alone = [name for name in changed if _shapes(loop.build(before(spec, {
        other: pair for other, pair in changed.items() if other != name}))) != shapes]
    return alone or list(changed)  # where it takes several of them together


@contextlib.contextmanager
def fitted(model, spec, changed, checkpoint, device, tell=lambda sentence: None):
    """``(step, path)`` of a file that ``model``, built for ``spec``, goes on from as from a checkpoint of its own.

    Args:
        changed: ``{name: [before, now]}`` since the ``checkpoint``, ``(step, path)``, was written.
        tell: called with a sentence on each thing that begins anew.

    Raises:
        BadInput: where the networks have other shapes.
    """
    if not is_needed(changed):
        yield checkpoint
        return
    step, path = checkpoint
    old = loop.build(before(spec, changed), device)
    if _shapes(old) != _shapes(model):
        check(spec, changed)
    old.load_weights(path, to_go_on=True)
    for sentence in carry_over(old, model, other_seed=SEED in changed):
        tell(sentence)
    del old  # twice the weights are needed for a moment only
    with tempfile.TemporaryDirectory(prefix="gan-fork-") as folder:
        path = Path(folder) / "begin.weights.h5"
        model.save_weights(path)
        yield step, path


def carry_over(old, model, other_seed=False):
    """Give ``model`` all that ``old``, of the same networks, has learned and remembers.  Returns sentences on what begins
    anew."""
    said = []
    for name in model.network_names:
        _copy(_lasting(getattr(old, name)), _lasting(getattr(model, name)))
    for name, average in model.averages.items():  # where there was none, it begins with what it is to be the average of
        _copy(_lasting(old.averages.get(name, getattr(old, name))), _lasting(average))
    former, states = old.own_state(), model.own_state()
    random = [name for name in states if name.startswith("random_")]
    same_random = not other_seed and random == [name for name in former if name.startswith("random_")]
    for name, variable in states.items():
        if name in former and former[name].shape == variable.shape and (same_random or name not in random):
            _copy([former[name]], [variable])
    if not same_random and not other_seed:
        said.append("The networks draw chance otherwise than before, and begin to do so anew.")
    before = {player.name: old.optimizer_of(player) for player in old.players()}
    for player in model.players():
        if player.name in before and not _remembers(before[player.name], model.optimizer_of(player)):
            said.append(f"The optimizer of the {player.name} is another, and begins anew.")
    return said


def _remembers(old, optimizer):
    """Copy an optimizer's memory where it is of the same kind; whether it is.  The learning rate is no memory."""
    alike = isinstance(optimizer, type(old)) or isinstance(old, type(optimizer))
    here, there = ([variable for variable in one.variables if variable.name != "learning_rate"] for one in (optimizer, old))
    if not alike or [variable.shape for variable in here] != [variable.shape for variable in there]:
        return False
    _copy(there, here)
    return True


def _shapes(model):
    """Of all that networks have learned, by network."""
    return {name: [tuple(variable.shape) for variable in _lasting(getattr(model, name))] for name in model.network_names}


def _lasting(network):
    """The variables of a network without the states of its random generators."""
    return [variable for variable in network.variables if not variable.path.endswith("seed_generator_state")]


def _copy(old, new):
    for there, here in zip(old, new, strict=True):
        here.assign(np.asarray(there))
