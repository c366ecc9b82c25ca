"""Fork: whether the networks that changed knobs lead to are those of a run, so that its checkpoints fit them."""

import json
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.errors import BadInput
from gan_core.tasks import base


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    changes: str = knob("{}", group="Fork", help="Knobs and settings that are to be others, as JSON.")


class Fork(base.Task):
    """Values: "refusal", a sentence that names the knobs that are in the way; "" where there are none."""

    title, Config, interactive, page = "See what a fork can change", Config, True, "monitor"

    def run(self, context, config, progress, should_stop):
        from gan_core.launch import forks, warm_start

        try:
            changes = json.loads(config.changes)
        except ValueError as error:
            raise BadInput(f"The changes of a fork must be JSON ({error}).") from None
        if not isinstance(changes, dict):
            raise BadInput(f"The changes of a fork must be an object of knobs, such as {{}}, not {changes!r}.")
        # Whether there are steps left, somebody else asks.
        planned = forks.plan(context.store, context.run, context.step, {"steps": context.step + 1} | changes)
        try:
            warm_start.check(planned.spec, planned.changed)
        except BadInput as error:
            return base.Result(str(error), {"refusal": str(error)})
        return base.Result("The checkpoint fits.", {"refusal": ""})
