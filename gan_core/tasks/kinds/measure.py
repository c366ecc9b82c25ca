"""Measure: parameters of each network of an architecture, and the operations of one round."""

import dataclasses
import json
import math
from dataclasses import dataclass

from gan_core.config import knobs
from gan_core.config.knobs import knob
from gan_core.data import DataSpec
from gan_core.data.columns import Column
from gan_core.data.pixels import MAX_SIZE
from gan_core.errors import BadInput
from gan_core.modalities.base import modality
from gan_core.tasks import base


MOST = MAX_SIZE * MAX_SIZE * 3  # values of a sample
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


def _check_shape(spec):
    """BadInput unless samples of the kind may have the shape: networks are built for it as it stands."""
    kind = modality(str(spec.kind))
    example = kind.example.shape
    for shape in (spec.shape, *(shape for _, shape in spec.beside)):
        if len(shape) != len(example) or min(shape) < 1 or math.prod(shape) > MOST:
            raise BadInput(f"The shape of {kind.words[1]} must be {len(example)} whole numbers from 1, such as "
                           f"{list(example)}, of {MOST:,} values at most, not {list(shape)}.")


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
        if not isinstance(settings, dict):
            raise BadInput(f"The settings of a model to measure must be an object of knobs, such as {{}}, not {settings!r}.")
        _check_shape(spec)
        with own_zoo.guarded(cls.__module__):
            model = cls(cls.Config.parse(settings), spec)
        parameters = model.parameters()
        return base.Result(f"{sum(parameters.values()):,} parameters",
                           {"parameters": parameters, "round_flops": flops.round_flops(model)})
