"""Inside the networks of a run: what each layer makes of one sample, and what the discriminator looks at (needs Keras).

Networks are looked at as samples are drawn: without dropout, with moving statistics, and averaged where there are
averages.
"""

import contextlib
from unittest import mock

import keras
import numpy as np
from keras import ops, tree

from gan_core.data import to_float
from gan_core.engine.autodiff import input_gradient
from gan_core.errors import BadInput
from gan_core.modalities import drawing
from gan_core.modalities.base import modality
from gan_core.models import describe, inputs


def subject(model, place, *, label=None, real=None, data=None):
    """The chosen sample, first in its company: ``(samples, batch)``, with labels and noise in the batch, and the samples
    too as "real" if they are.  Of a model that judges it is what it is shown, and not what it says of that.

    Args:
        place: on the run's sheets, or in the training data.
        label: a class index to draw instead of the sheet's; BadInput where there is none of that number.
        real: the dataset to take it from; None draws it.
        data: the dataset that inputs from data are taken from.
    """
    kind = modality(model.data.kind)
    known = model.inputs()
    drawn, _ = inputs.draw_grid(known, *kind.grid, data=data)
    n, company = len(next(iter(drawn.values()))), place + np.arange(kind.company)
    batch = {name: values[company % n] for name, values in drawn.items()}
    if label is not None:
        batch["label"] = np.full(len(company), _class(label, model), np.int32)
    if real is None and model.gives:
        return next(batch[one.name] for one in known if one.from_data), batch
    if real is None:
        with listening(model):
            return ops.convert_to_numpy(model.sample(batch)), batch
    batch |= kind.batch(real, company % len(real))
    return batch["real"], batch


def _class(label, model):
    """The index of a class, checked: an embedding knows no others."""
    names = inputs.labels(model.inputs())
    if not 0 <= label < len(names):
        sentence = (f"There is no class {label}; choose from 0 to {len(names) - 1} ({', '.join(names)})." if names else
                    "This architecture has no labels; leave the class out.")
        raise BadInput(sentence, {"label": sentence})
    return label


def networks(model):
    """:func:`gan_core.models.describe.network` of each network of a model, as far as it is at work in this stage."""
    return tuple(describe.network(name, model.at_work(name)) for name in model.network_names)


@contextlib.contextmanager
def listening(model):
    """While it lasts, networks behave as they do for samples, and what they are called with is in the result:
    ``{network: inputs}``, of the last call of each."""
    heard = {}
    with contextlib.ExitStack() as stack:
        for name in model.network_names:
            for network in {id(network): network for network in (getattr(model, name), model.sampler(name))}.values():
                stack.enter_context(mock.patch.object(network, "call", _ear(heard, name, network.call)))
        yield heard


def _ear(heard, name, call):
    def listen(inputs, training=False, mask=None):
        heard[name] = inputs
        return call(inputs, training=False)
    return listen


def activation(model, network, layer, samples, batch):
    """What a layer of a network gives for the first of these samples: float32, of the layer's shape.

    Raises:
        BadInput: when there is no such layer, or the network cannot be fed with a sample alone.
    """
    if network not in model.network_names:
        raise BadInput(f"There is no network {network!r}; choose from {', '.join(model.network_names)}.")
    built = model.at_work(network)
    calls = describe.calls(built)
    if layer not in calls:
        raise BadInput(f"There is no layer {layer!r} in the {network}; choose from {', '.join(calls)}.")
    given = fed(model, network, samples, batch)
    part = keras.Model(built.inputs, tree.flatten(calls[layer][0].outputs)[0])
    return ops.convert_to_numpy(ops.cast(part(given, training=False), "float32"))[0]


def fed(model, network, samples, batch):
    """The inputs of a network, as the model gives them to it when it draws or judges these samples."""
    if (told := model.given(network, samples, batch)) is not None:
        return told
    with listening(model) as heard:
        judge(model, samples, batch)
        if network not in heard:
            model.sample({model_input.name: batch[model_input.name] for model_input in model.inputs()})
    if network in heard:
        with contextlib.suppress(Exception):  # called within a compiled loop, it leaves no values
            return [ops.convert_to_tensor(ops.convert_to_numpy(tensor)) for tensor in tree.flatten(heard[network])]
    tensors = []
    for wanted in model.sampler(network).inputs:  # an encoder, which neither draws nor judges
        if wanted.name in batch:
            tensors.append(ops.convert_to_tensor(batch[wanted.name]))
        elif _smaller(wanted.shape[1:], model.data.shape):  # a level of a pyramid
            by = model.data.shape[0] // wanted.shape[1]
            tensors.append(ops.average_pool(samples, by) if by > 1 else ops.convert_to_tensor(samples))
        else:
            raise BadInput(f"The {network} of this architecture takes more than a sample; choose another network.")
    return tensors


def _smaller(shape, whole):
    """Whether images of a shape are those of another, or these at a whole fraction of their size."""
    return tuple(shape) == tuple(whole) or (len(shape) == len(whole) == 3 and shape[-1] == whole[-1]
                                            and whole[0] % shape[0] == 0 and whole[1] % shape[1] == 0)


def judge(model, samples, batch):
    """Logits of the samples, the chosen one's first, in the present stage; None where there is no discriminator."""
    if not hasattr(model, "score") or getattr(model, "discriminator", model) is None:
        return None
    batch = {name: ops.convert_to_tensor(values) for name, values in batch.items()}
    return ops.cast(model.score(ops.convert_to_tensor(samples), batch), "float32")


def saliency(model, samples, batch):
    """``(logit, |d logit / d sample|)`` of the first sample, the latter of its shape (Simonyan 2014, section 3), or
    None where there is no discriminator."""
    with listening(model):
        logits = judge(model, samples, batch)
        if logits is None:
            return None
        # Of the first logit alone: a neighbour's may depend on this sample too.
        gradient = input_gradient(lambda x: judge(model, x, batch)[:1], samples)
    return float(ops.convert_to_numpy(logits)[0, 0]), np.abs(ops.convert_to_numpy(gradient)[0])


NEIGHBOURS = 6
PORTION = 4096  # training samples compared at once


def nearest(sample, dataset, place=None):
    """The training images that are most like an image, by Euclidean distance of pixels (Goodfellow 2014, figure 2).

    Args:
        sample: (H, W, C), floats in [-1, 1].
        dataset: :class:`gan_core.data.Dataset` of images.
        place: where ``sample`` itself stands in it, and is not to be found; None when it was generated.

    Returns:
        ``(places, distances, spacing)``: of the :data:`NEIGHBOURS` nearest, nearest first, and how far the nearest one
        is from its own nearest fellow.  A generated sample that is closer than that is not authentic in the sense of
        Alaa 2022 (:func:`gan_core.evaluation.metrics.copying.authenticity`).
    """
    distances = _distances(sample, dataset)
    if place is not None:
        distances[place] = np.inf
    places = np.argsort(distances, kind="stable")[:NEIGHBOURS]
    among = _distances(to_float(dataset.x[places[0]]), dataset)
    among[places[0]] = np.inf
    return places, distances[places], float(among.min())


def _distances(image, dataset):
    # Not gan_core.evaluation.metrics.copying: that takes features, and as such all images at once would be gigabytes.
    return np.concatenate([np.sqrt(np.square(to_float(dataset.x[first:first + PORTION]) - image).sum(axis=(1, 2, 3)))
                           for first in range(0, len(dataset), PORTION)])


# Pictures


MOST = 256  # channels on a sheet
WIDTH = 720  # pixels, about, of a sheet of few channels


def picture(values):
    """What a layer gave, as a picture and in figures: ``(PIL image, {"shape", "low", "high", "shown", "flat"})``.

    Feature maps (H, W, C) become a sheet of channels, each stretched over its own range; anything else a strip of
    units, orange above zero and blue below.  ``flat`` counts channels that are the same everywhere, or units at zero.
    """
    figures = {"shape": list(values.shape), "low": float(values.min()), "high": float(values.max())}
    if values.ndim != 3:
        units = values.reshape(-1)
        return drawing.strip(units[:4 * MOST]), figures | {"shown": min(len(units), 4 * MOST), "of": len(units),
                                                          "flat": int(np.sum(units == 0))}
    maps = np.moveaxis(values, -1, 0)
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    flat = int(np.sum(high == low))
    maps = (2 * (maps - low) / np.where(high > low, high - low, 1) - 1)[:MOST]
    columns = min(int(np.ceil(np.sqrt(len(maps)))), 16)
    return (drawing.maps(maps, columns, cell=max(drawing.CELL, WIDTH // max(columns, 3) - 16)),
            figures | {"shown": len(maps), "of": values.shape[-1], "flat": flat})
