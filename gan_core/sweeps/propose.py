"""Which settings next, asked of Optuna: a pure function of what was tried, so that nothing is kept but the sweep's records.

Each time a study is made anew in memory of all that is known, and asked once.  By default it proposes by TPE (Bergstra
2011), which knows what others are trying just now.
"""

import importlib.util
import math
import random
import warnings

from gan_core.errors import BadInput
from gan_core.sweeps.space import as_key

TRIES = 40  # proposals of what was tried before, until all that is left is listed
FIRST = 5  # trials that are drawn by chance
TOLD = 5  # trials from which on it can be said which knobs matter
FAR = 0.1  # of the worst loss beyond it: what is told of what diverged


def check():
    """BadInput where Optuna is missing."""
    if importlib.util.find_spec("optuna") is None:
        raise BadInput("Sweeps need Optuna, which is not installed here; run `pip install -r requirements.txt`.")


def ask(space, tried, waiting=(), seed=0, by_chance=False):
    """Values of another trial; None when all were tried.

    Args:
        space: :class:`gan_core.sweeps.space.Space`.
        tried: ``[(params, losses)]``; losses are a tuple, lower is better, infinite of what diverged; None where nothing
            came of them.
        waiting: params that are being tried.
        seed: another one gives other values.
        by_chance: draw, and learn from nothing.
    """
    optuna = _optuna()
    seen = {as_key(params) for params, _ in tried} | {as_key(params) for params in waiting}
    study = _study(optuna, space, tried, waiting, optuna.samplers.RandomSampler(seed=seed) if by_chance else
                   optuna.samplers.TPESampler(seed=seed, n_startup_trials=FIRST))
    for _ in range(TRIES):
        trial, params = study.ask(), {}
        for axis in space.axes:
            if space.applies(axis, params):
                params[axis.name] = axis.rounded(_suggested(trial, axis))
        if as_key(params) not in seen:
            return params
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    left = [params for params in space.all() if as_key(params) not in seen]
    return random.Random(seed).choice(left) if left else None


def importance(space, tried, seed=0):
    """How much each knob matters for the first of the losses, ``{name: share}`` of 1 in all; empty where too few were tried.

    By PED-ANOVA (Watanabe 2023): how much the values of the better trials differ from those of all.
    """
    if sum(losses is not None for _, losses in tried) < TOLD:
        return {}
    optuna = _optuna()
    study = _study(optuna, space, [(params, losses and losses[:1]) for params, losses in tried], (),
                   optuna.samplers.RandomSampler(seed=seed))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shares = optuna.importance.get_param_importances(study)
    except (ValueError, RuntimeError, ZeroDivisionError):  # too few of the trials have a knob
        return {}
    return {name: float(share) for name, share in shares.items() if math.isfinite(share)}


def _optuna():
    check()
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def _study(optuna, space, tried, waiting, sampler):
    """A study that knows what was tried within the ranges; the defaults may lie outside."""
    states, count = optuna.trial.TrialState, max((len(losses) for _, losses in tried if losses), default=1)
    study = optuna.create_study(directions=["minimize"] * count, sampler=sampler)
    worst = [max((losses[i] for _, losses in tried if losses and math.isfinite(losses[i])), default=1.0)
             for i in range(count)]
    for params, losses in [*(each for each in tried if each[1]), *((params, None) for params in waiting)]:
        if not space.holds(params):
            continue
        axes = [axis for axis in space.axes if axis.name in params]
        about = {"params": {axis.name: params[axis.name] for axis in axes},
                 "distributions": {axis.name: _distribution(optuna, axis) for axis in axes}}
        if losses:
            values = [value if math.isfinite(value) else worst[i] + FAR * abs(worst[i]) for i, value in enumerate(losses)]
            study.add_trial(optuna.trial.create_trial(values=values, **about))
        else:
            study.add_trial(optuna.trial.create_trial(state=states.RUNNING, **about))
    return study


def _suggested(trial, axis):
    if axis.values:
        return trial.suggest_categorical(axis.name, axis.values)
    if axis.knob.type == "int":
        return trial.suggest_int(axis.name, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(axis.name, axis.low, axis.high, log=axis.log)


def _distribution(optuna, axis):
    if axis.values:
        return optuna.distributions.CategoricalDistribution(axis.values)
    if axis.knob.type == "int":
        return optuna.distributions.IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return optuna.distributions.FloatDistribution(axis.low, axis.high, log=axis.log)
