"""Sweep: go on with a search for good settings until its budget is spent."""

from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.sweeps import driving, propose, told
from gan_core.tasks import base


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    sweep: str = knob("", group="Sweep", help="The id of a sweep, see `sweeps`.")


class Sweep(base.Task):
    """Values: the "sweep" and how its last round ended.  What is stopped or killed goes on from its records."""

    title, Config, about_run, page = "Sweep", Config, False, "sweep"
    patient = False  # it has little to do, and runs wait for it

    def check(self, store, run, config):
        propose.check()
        if store.sweeps.get(config.sweep).ended:
            raise BadInput(f"{config.sweep} has come to its end; begin another one.")

    def run(self, context, config, progress, should_stop):
        known = driving.drive(context.store, config.sweep, progress, should_stop)
        final = told.last_round(known)
        return base.Result(final.sentences[-1] if final.sentences else "nothing could be compared",
                           {"sweep": known.sweep.id, "outcome": final.outcome})
