"""Samples from a run's checkpoint (needs Keras)."""

import numpy as np

from gan_core.data import floats
from gan_core.errors import BadInput, Stopped
from gan_core.modalities.base import modality
from gan_core.models import inputs, own_zoo
from gan_core.tasks import models
from gan_core.tasks.wanted import MOST, labels_of

BATCH = 256  # samples computed at once


def draw(store, run, n, *, seed=0, label=None, step=None, chosen=None, to=None, seconds=None, progress=None,
         should_stop=None):
    """``n`` samples of a run and their labels; ``step`` is which checkpoint, None the last one.

    The rest is as in :func:`draw_from`.
    """
    model, _ = models.load(store, run, step)
    return draw_from(model, n, seed=seed, label=label, chosen=chosen, to=to, seconds=seconds, progress=progress,
                     should_stop=should_stop, data=models.data_of_inputs(model, store, run))


def draw_from(model, n, *, seed=0, label=None, chosen=None, to=None, seconds=None, progress=None, should_stop=None,
              data=None):
    """``n`` samples and their labels.

    The first k samples of a seed are the same whatever ``n`` is, up to rounding.

    Args:
        label: a class by number or name, or "each" in turn, for labelled models; None draws classes at random.
        chosen: values, numbers or text, by name, of :func:`gan_core.models.inputs.choices`; of a code also "each" in turn.
            What else a model can be asked for, :meth:`gan_core.models.base.GenerativeModel.choose`.
        to: another seed: walk from the first sample of the one to the first of the other.
        seconds: how long samples last that have a length; None: as long as those that were learned from.
        progress: called with the share that is done, 0 to 1, as it grows.
        should_stop: asked before every batch; raises Stopped once it answers True.
        data: the :class:`gan_core.data.Dataset` that inputs from data are taken from.

    Returns:
        float32 (n, H, W, C) in [-1, 1], (n, d) or (n, T, 1), and int32 (n,) or None.

    Raises:
        BadInput: for a number, a seed, a class, a choice or a length that there is not.
    """
    if not 1 <= n <= MOST:
        raise BadInput(f"From 1 to {MOST:,} samples can be drawn, not {n:,}.")
    if min(seed, to or 0) < 0:
        raise BadInput("A seed must not be negative.")
    known = model.inputs() if seconds is None else model.inputs_lasting(seconds)
    wanted = inputs.draw(known, n, seed, data) if to is None else inputs.walk(known, n, seed, to, data)
    if label is not None:
        wanted["label"] = labels_of(label, model.data.classes if "label" in wanted else (), n)
    inputs.choose(wanted, known, model.choose(wanted, chosen or {}))
    samples = computed(model, wanted, should_stop, progress)
    return modality(model.made.kind).rounded(samples, model.made), wanted.get("label")


def computed(model, wanted, should_stop=None, progress=None):
    """Samples (n, *shape) for inputs by name, as a model makes them; the rest is as in :func:`draw_from`."""
    parts, told, n = [], progress or (lambda share: None), len(next(iter(wanted.values())))
    for first in range(0, n, BATCH):
        if should_stop is not None and should_stop():
            raise Stopped
        part = {name: values[first:first + BATCH] for name, values in wanted.items()}
        count = min(BATCH, n - first)
        with own_zoo.guarded(type(model).__module__):
            parts.append(np.asarray(model.sample_with_progress(
                part, lambda share: told((first + share * count) / n))))
    samples = np.concatenate(parts)
    if not np.isfinite(samples).all():  # which a picture would show as anything
        raise BadInput("What this checkpoint draws holds NaN or infinite values: the network has diverged, or the "
                       "checkpoint is damaged; choose an earlier one.")
    return samples


def beside(store, run, n, *, seed=0, step=None):
    """What belongs to the samples that :func:`draw` gives of a seed: the "source" of each and the "real" picture, (n, H,
    W, C) in [-1, 1]; nothing where samples are made of noise alone."""
    model, _ = models.load(store, run, step)
    dataset = models.data_of_inputs(model, store, run)
    return {} if dataset is None else inputs.beside(model.inputs(), n, seed, dataset)


def measured(store, run, dataset, *, step=None):
    """What the model says of held-out samples of a dataset, see :meth:`gan_core.models.base.GenerativeModel.measured`."""
    return models.load(store, run, step)[0].measured(dataset)


def reconstruct(store, run, real, *, step=None):
    """Real samples, as a dataset has them, drawn again from their latents: of the shape of ``real``, floats in [-1, 1]
    of images.  None for a model without an encoder.  ``step`` is as in :func:`draw`."""
    model, _ = models.load(store, run, step)
    parts = [model.reconstruction(floats(real[first:first + BATCH])) for first in range(0, len(real), BATCH)]
    return None if parts[0] is None else np.concatenate([np.asarray(part) for part in parts])


def surprise(store, run, real, *, step=None):
    """How many bits each number of real samples takes, :meth:`gan_core.models.base.GenerativeModel.surprise`; None where the
    model does not say.  ``step`` is as in :func:`draw`."""
    model, _ = models.load(store, run, step)
    return model.surprise(real)
