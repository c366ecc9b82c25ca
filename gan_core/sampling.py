"""Samples from a run's checkpoint (needs Keras)."""

import numpy as np

from gan_core import inputs, training
from gan_core.data import to_uint8
from gan_core.errors import BadInput
from gan_core.runs import files
from gan_core.spec import RunSpec

BATCH = 256  # samples computed at once


def load(store, run, step=None):
    """The model of a run as it stood at its checkpoint of ``step``, the last one by default: ``(model, step)``.

    Raises:
        BadInput: when there is no such checkpoint.
    """
    kept = files.checkpoints(store.folder(run.id))
    if not kept:
        raise BadInput(f"The run {run.id} has no checkpoint yet; wait for its first one, or resume it.")
    step = max(kept) if step is None else step
    if step not in kept:
        raise BadInput(f"The run {run.id} has no checkpoint of step {step}; it has {', '.join(map(str, kept))}.")
    model = training.build(RunSpec.from_dict(run.spec))
    model.load_weights(kept[step])
    return model, step


def draw(store, run, n, *, seed=0, label=None, step=None, chosen=None, progress=lambda share: None):
    """``n`` samples and their labels.

    The first k samples of a seed are the same whatever ``n`` is, up to rounding.

    Args:
        label: a class by number or name, for labelled models; None draws classes at random.
        chosen: values, numbers or text, by name, of inputs that a person may choose: dials and codes.
        progress: told the share that is done, 0 to 1, as it grows.

    Returns:
        float32 (n, H, W, C) in [-1, 1] or (n, 2), and int32 (n,) or None.
    """
    model, _ = load(store, run, step)
    wanted = inputs.draw(model.inputs(), n, seed)
    if label is not None:
        wanted["label"] = np.full(n, class_index(label, run.spec["classes"] if "label" in wanted else ()), np.int32)
    for name, value in (chosen or {}).items():
        number = _chosen(model.inputs(), name, value)
        wanted[name] = np.full_like(wanted[name], number)
    parts = []
    for first in range(0, n, BATCH):
        part = {name: values[first:first + BATCH] for name, values in wanted.items()}
        count = min(BATCH, n - first)
        parts.append(np.asarray(model.sample_with_progress(
            part, lambda share: progress((first + share * count) / n))))
    return np.concatenate(parts), wanted.get("label")


def _chosen(known, name, value):
    """The value of a dial or a code, checked."""
    choices = {each.name: each for each in known if isinstance(each, (inputs.Dial, inputs.Code))}
    if name not in choices:
        raise BadInput(f"A sample of this architecture has no {name!r} to choose; it has "
                       f"{', '.join(choices) or 'none'}.")
    each = choices[name]
    low, high = (each.low, each.high) if isinstance(each, inputs.Dial) else (0, each.size - 1)
    try:
        number = float(value) if isinstance(each, inputs.Dial) else int(value)
    except (TypeError, ValueError):
        number = None
    if number is None or not low <= number <= high:
        raise BadInput(f"{name} must be a number from {low:g} to {high:g}, not {value!r}.")
    return number


def class_index(label, classes):
    """The index of a class given by number or name."""
    if not classes:
        raise BadInput("This architecture has no labels; leave --label out.")
    text = str(label)
    if text in classes:
        return list(classes).index(text)
    if text.isdecimal() and int(text) < len(classes):
        return int(text)
    raise BadInput(f"There is no class {label!r}; choose from {', '.join(classes)}, or 0 to {len(classes) - 1}.")


def save(path, samples, labels=None):
    """Write ``samples`` (images as uint8, points as float32) and, where there are, ``labels`` to an .npz file."""
    from gan_core.runs.files import replacing

    arrays = {"samples": to_uint8(samples) if samples.ndim == 4 else samples}
    if labels is not None:
        arrays["labels"] = labels
    with replacing(path) as partial, open(partial, "wb") as file:
        np.savez_compressed(file, **arrays)
