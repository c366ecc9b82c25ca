"""Safetensors: every weight of a model by its name, and in the file's head what builds the model anew with this project.

It holds numbers and text alone, so that nothing in it is ever executed; and it is the one format for every architecture,
those whose samples are no graph too.
"""

import json
import re
import struct

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from gan_core.config.spec import RunSpec
from gan_core.errors import BadInput
from gan_core.sharing.formats.base import Format

SPEC = "spec"  # in the file's head: the run's spec, JSON


class Safetensors(Format):
    name, title, suffix = "safetensors", "Safetensors: the weights, for this workbench", ".safetensors"
    library, close, order, of_graph = "gan-workbench", 0.0, 30, False

    def written(self, model, told):
        return save({name: np.array(np.asarray(variable), order="C") for name, variable in _named(model)},
                    {name: str(value) for name, value in told.items()})

    def read(self, content):
        model = loaded(content)
        return lambda given: np.asarray(model.sample(given))

    def how(self, file, model):
        drawing = "stand_ins" if any(known.from_data for known in model.inputs()) else "draw"
        return "\n".join([
            "# In the project's folder", "from pathlib import Path", "",
            "from gan_core.models import inputs", "from gan_core.sharing.formats.safetensors_weights import loaded", "",
            f"model = loaded(Path({file!r}).read_bytes())",
            f"samples = model.sample(inputs.{drawing}(model.inputs(), 16, seed=0))"])


def loaded(content):
    """The model, ready to draw from, of the bytes of a file that was exported.

    Raises:
        BadInput: for what is no such file, or does not fit the architecture as it is now.
    """
    from gan_core.training import loop  # which asks for much else

    try:
        arrays = load(content)
        size, = struct.unpack("<Q", content[:8])
        spec = RunSpec.from_dict(json.loads(json.loads(content[8:8 + size])["__metadata__"][SPEC]))
    except (SafetensorError, ValueError, KeyError, TypeError, struct.error) as error:
        raise BadInput("This is no file of weights that `export` has written.") from error
    model = loop.build(spec)
    variables = dict(_named(model))
    if variables.keys() != arrays.keys() or any(tuple(variable.shape) != arrays[name].shape
                                                for name, variable in variables.items()):
        raise BadInput(f"These weights do not fit the architecture {model.name!r} as it is now.")
    for name, variable in variables.items():
        variable.assign(arrays[name])
    model.enter(model.stage_of(int(model.rounds)))
    return model


def _named(model):
    """``(name, variable)`` of each that samples may depend on: by its place, since Keras numbers layers as they come."""
    owners = {name: model.sampler(name).variables for name in model.network_names} | {"state": model.own_state().values()}
    for owner, variables in owners.items():
        for place, variable in enumerate(variables):
            if not variable.path.endswith("seed_generator_state"):
                layer = re.sub(r"_\d+$", "", variable.path.rpartition("/")[0].rpartition("/")[2])
                yield f"{owner}.{place}.{layer}.{variable.name}", variable
