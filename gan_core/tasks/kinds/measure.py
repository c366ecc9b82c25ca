"""Measure: parameters of each network of an architecture, and the operations of one round."""

import dataclasses
import json
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.data import DataSpec
from gan_core.data.columns import Column
from gan_core.errors import BadInput
from gan_core.tasks import base


# What JSON makes lists of: how each of their parts is read.
PARTS = {"shape": int, "classes": str, "columns": Column.from_dict, "beside": lambda part: (part[0], tuple(part[1]))}


@dataclass(frozen=True, kw_only=True)
class Config(knobs.Config):
    architecture: str = knob("gan", group="Model", help="Name of the architecture.")
    settings: str = knob("{}", group="Model", help="Its knobs that are not at their defaults, as JSON.")
    spec: str = knob('{"kind": "points", "shape": [2]}', group="Data", label="Data",
                     help="Kind, shape and classes of the data, as JSON.")

    @classmethod
    def of(cls, architecture, settings, spec):
        """From a dict of knobs and a :class:`DataSpec`."""
        return cls(architecture=architecture, settings=json.dumps(settings, sort_keys=True),
                   spec=json.dumps(dataclasses.asdict(spec)))


class Measure(base.Task):
    """Values: "parameters" by network, "round_flops"."""

    title, Config, interactive, about_run, page = "Measure a model", Config, True, False, "train"
    seconds = 60

    def run(self, context, config, progress, should_stop):
        from gan_core.models import flops, own_zoo, registry

        cls = registry.architecture(config.architecture)
        try:
            settings, spec = json.loads(config.settings), json.loads(config.spec)
            spec = DataSpec(**spec | {name: tuple(map(read, spec.get(name, ()))) for name, read in PARTS.items()})
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise BadInput(f"The settings and the data of a model to measure must be JSON ({error}).") from None
        with own_zoo.guarded(cls.__module__):
            model = cls(cls.Config(**settings), spec)
        parameters = model.parameters()
        return base.Result(f"{sum(parameters.values()):,} parameters",
                           {"parameters": parameters, "round_flops": flops.round_flops(model)})
