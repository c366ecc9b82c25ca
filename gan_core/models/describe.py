"""Descriptions of the zoo, made from the zoo itself (needs Keras; see :mod:`gan_core.models.cards`)."""

import collections
import functools
import json
import math
import re

import keras
from keras import tree

from gan_core.modalities.base import modality
from gan_core.models import flops
from gan_core.models.card import Card
from gan_core.models.cards import SHIPPED
from gan_core.models.inputs import as_dict
from gan_core.models.own_zoo import projects_own, source_of
from gan_core.models.registry import architecture, architectures
from gan_core.whole_files import write_whole

DATA = "data"  # in wiring, where real samples come from


def cards():
    """``{name: Card}`` of the project's architectures."""
    return {name: card(name) for name in architectures()}


@functools.cache
def card(name):
    """The :class:`Card` of one architecture; :class:`BadInput` when there is none of that name."""
    model = architecture(name)
    kind = modality(model.kinds[0])  # described on the kind of data it learns first
    built = model(model.Config(), kind.example)
    built.owners()  # a game that cannot be played is told here, and not when training begins
    players = built.players()
    return Card(
        name=name, title=model.title, paper=model.paper, link=model.link, summary=model.summary,
        data=tuple(model.kinds), requirements=model.requirements(),
        inputs=tuple(as_dict(model_input) for model_input in built.inputs()), knobs=tuple(model.Config.knobs()),
        parameters=built.parameters(), example=kind.example_name, presets=dict(model.presets),
        presets_for=dict(model.presets_for), defaults_for=dict(model.defaults_for),
        players=tuple(player.name for player in players),
        story=model.story, formula=model.formula, strengths=tuple(model.strengths), weaknesses=tuple(model.weaknesses),
        networks=networks(built), wiring=wiring(built),
        moves={player.name: list(player.networks) for player in players},
        sides={player.name: player.side for player in players}, flops_per_sample=flops.sample_flops(built),
        not_a_graph=model.not_a_graph, builds_on=tuple(model.builds_on),
    )


def networks(model):
    """:func:`network` of each network of a model."""
    return tuple(network(name, getattr(model, name)) for name in model.network_names)


def network(name, built):
    """A network as plain values, shapes without the batch.

    ``{"name", "parameters", "inputs": [{"name", "shape"}], "outputs": [shape], "layers": [...]}``; each layer is
    ``{"name", "type", "detail", "shape", "parameters", "feeds"}`` in the order of computation, ``feeds`` the names of
    the layers that feed it.  Arithmetic between layers counts as a layer without parameters.
    """
    return {"name": name, "parameters": _size(built),
            "inputs": [{"name": tensor.name, "shape": _shape(tensor)} for tensor in built.inputs],
            "outputs": [_shape(tensor) for tensor in built.outputs],
            "layers": [_layer(name, nodes, names) for names in [_names(built)]
                       for name, nodes in calls(built).items()]}


def calls(built):
    """``{layer: its calls}`` of a functional network, as Keras's nodes, in the order of computation.

    A layer that is called twice stands where it is called first.
    """
    by_layer, names = {}, _names(built)
    for depth in sorted(built._nodes_by_depth, reverse=True):
        for node in built._nodes_by_depth[depth]:
            by_layer.setdefault(names[id(node.operation)], []).append(node)
    return by_layer


def _names(built):
    """A name for each operation, by its id: its own, or one by its class and place.

    Keras numbers what has no name of its own through the whole process; here each network counts for itself, so that a
    layer has the same name wherever the network is built.
    """
    names, count = {}, collections.Counter()
    for depth in sorted(built._nodes_by_depth, reverse=True):
        for node in built._nodes_by_depth[depth]:
            operation = node.operation
            if id(operation) in names:
                continue
            stem = re.sub(r"_\d+$", "", operation.name)
            if stem.replace("_", "") == type(operation).__name__.lower():
                count[stem] += 1
                names[id(operation)] = f"{stem}_{count[stem]}"
            else:
                names[id(operation)] = operation.name
    return names


def _layer(name, nodes, names):
    operation = nodes[0].operation
    # Of its first call: what feeds a layer of a recurrent network later comes after it.
    before = [names[id(tensor._keras_history.operation)] for tensor in nodes[0].input_tensors]
    inside = getattr(operation, "layer", None)  # of a wrapper: spectral normalisation
    kind = type(operation).__name__
    return {"name": name, "type": f"{kind} of {type(inside).__name__}" if inside is not None else kind,
            "detail": _detail(inside if inside is not None else operation),
            "shape": _shape(tree.flatten(nodes[0].outputs)[0]), "parameters": _size(operation),
            "feeds": list(dict.fromkeys(before))}


def _detail(layer):
    """What its class does not say: "4 x 4, stride 2, tanh"."""
    details = []
    if size := getattr(layer, "kernel_size", None):
        details.append(" x ".join(map(str, size)))
    if (strides := getattr(layer, "strides", None)) and set(strides) != {1}:
        details.append(f"stride {max(strides)}")
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if activation != "linear":
        details.append(activation)
    if (rate := getattr(layer, "rate", None)) is not None:
        details.append(f"rate {rate:g}")
    return ", ".join(details)


def _shape(tensor):
    return list(tensor.shape[1:])


def _size(operation):
    """Parameters that are made to be trained: an average is frozen and still has them, where ``trainable_variables`` is
    empty."""
    inside = operation._flatten_layers() if isinstance(operation, keras.Layer) else ()
    learned = {id(variable): variable for layer in inside for variable in layer._trainable_variables}
    return int(sum(math.prod(variable.shape) for variable in learned.values()))


def wiring(model):
    """What feeds which network: ``([from, to], ...)``, from an input of samples, from ``DATA`` or a network.

    Judged by names and shapes: an input of a network is fed by the model's input of the same name, and else by whatever
    has its shape, be it the data or a network that was named before.  What no network asks for by name, such as a dial,
    goes to the first that samples are drawn from.  Where that is wrong, an architecture says better in
    ``GenerativeModel.wiring``.
    """
    if model.wiring:
        return tuple(map(list, model.wiring))
    given, shape = {model_input.name for model_input in model.inputs()}, tuple(model.data.shape)
    pack = (*shape[:-1], getattr(model.config, "packing", 1) * shape[-1])  # several samples behind one another
    edges = []
    for place, name in enumerate(model.network_names):
        for wanted in getattr(model, name).inputs:
            if wanted.name in given:
                edges.append([wanted.name, name])
            if wanted.name in given and wanted.name != "latent":
                continue
            if tuple(wanted.shape[1:]) in (shape, pack):
                edges.append([DATA, name])
            fitting = {tuple(wanted.shape[1:])} | ({shape} if tuple(wanted.shape[1:]) == pack else set())
            edges += [[before, name] for before in model.network_names[:place]
                      if any(tuple(output.shape[1:]) in fitting for output in getattr(model, before).outputs)]
    asked_for = {start for start, _ in edges}
    edges += [[model_input.name, model.averaged[0]] for model_input in model.inputs() if model_input.name not in asked_for]
    return tuple(list(edge) for edge in dict.fromkeys(map(tuple, edges)))


def write_shipped():
    """Make the cards anew that the project ships; those of architectures that are gone go too.  Returns their paths."""
    written = {SHIPPED / f"{name}.json": shipped_text(name) for name in architectures()}
    for path in {*SHIPPED.glob("*.json")} - written.keys():
        path.unlink()
    for path, text in written.items():
        write_whole(path, text.encode())
    return list(written)


def shipped_text(name):
    """The file of an architecture's shipped card: JSON in lines, so that changes can be read."""
    return in_lines({"source": source_of(projects_own()[name])} | card(name).as_dict()) + "\n"


def in_lines(value, indent=""):
    """JSON with a line for each part that holds no further objects."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(value, (dict, list, tuple)) or not any("{" in json.dumps(part) for part in parts):
        return json.dumps(value)
    lines = [in_lines(part, indent + " ") for part in parts]
    if isinstance(value, dict):
        lines = [f"{json.dumps(key)}: {line}" for key, line in zip(value, lines)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{indent} " + f",\n{indent} ".join(lines) + f"\n{indent}{closing}"
