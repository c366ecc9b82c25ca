"""A model in single precision: what leaves the workbench, or is searched by its slopes, has no digits to lose."""

import dataclasses


def exact(model):
    """The model itself, or where it computes in less than single precision one of the same weights that does not."""
    if model.config.precision in ("float32", "auto"):  # one that nobody has resolved computes so
        return model
    again = type(model)(dataclasses.replace(model.config, precision="float32"), model.data)
    for name in model.network_names:
        _copy_weights(again.sampler(name), model.sampler(name))
        _copy_weights(getattr(again, name), getattr(model, name))
    for name, variable in model.own_state().items():
        again.own_state()[name].assign(variable)
    again.enter(again.stage_of(int(again.rounds)))
    return again


def _copy_weights(to, network):
    for there, here in zip(to.variables, network.variables):
        there.assign(here)
