"""The run diverged: a loss or a weight is not a number any more."""

from gan_core.evaluation.alarms.base import Rule, knob


def check(rule, curves, run):
    if not run.diverged:
        return None
    rates = {name: knob(run, name) / 10 for name in ("generator_rate", "discriminator_rate", "learning_rate")
             if knob(run, name)}
    return (run.message or "A loss was not a number any more.",
            "Try learning rates of a tenth, or clip the gradients.", rates)


RULE = Rule(gravity=0, title="The run diverged", threshold=0.0, window=0, check=check,
            source="IEEE 754: what is not a number stays so")
