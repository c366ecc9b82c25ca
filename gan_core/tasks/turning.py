"""Samples seen from all sides.  Light: what loads Keras is imported where it is needed."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image

from gan_core.data import to_uint8
from gan_core.errors import BadInput, Stopped
from gan_core.modalities import drawing
from gan_core.modalities.base import modality
from gan_core.models import inputs

FEWEST, MOST = 2, 360  # views of a sample
MOST_VIEWS = 4_000     # of all samples together
AT_ONCE = 32           # views between two looks whether somebody wants it to stop
BESIDE = 2             # pictures of a sample in a frame where its depth is known


class Turned(NamedTuple):
    """Views of n samples, (n, frames, H, W, C) in [-1, 1]; their ``depth`` (n, frames, H, W, 1), None where the model knows
    none; the degrees (frames,), and whether they go ``round`` the whole circle."""

    views: np.ndarray
    depth: np.ndarray | None
    angles: np.ndarray
    round: bool


def check(n, frames):
    """BadInput for numbers of samples and of views of each that are too few or too many."""
    if not FEWEST <= frames <= MOST:
        raise BadInput(f"A sample is seen from {FEWEST} to {MOST} sides, not from {frames:,}; 36 is usual.")
    if not 1 <= n <= MOST_VIEWS // frames:
        raise BadInput(f"With {frames} views of each, from 1 to {MOST_VIEWS // frames:,} samples can be turned, not {n:,}.")


def card_refusal(card, run):
    """:func:`refusal` of a run, of whose architecture the :class:`gan_core.models.card.Card` is known."""
    return refusal([known for told in card.inputs_of(run) if (known := inputs.from_dict(told)) is not None])


def refusal(known):
    """Why samples that are made of these inputs cannot be turned, a sentence; "" where they can."""
    if inputs.turning(known) is not None:
        return ""
    return ("Samples of this architecture are flat and cannot be turned; choose a run of one that draws things in space, "
            "such as graf.")


def turned(model, n, frames, *, seed=0, chosen=None, data=None, first=0, progress=None, should_stop=None):
    """:class:`Turned` samples of a model.

    Args:
        chosen: values by name, as of :func:`gan_core.tasks.sampling.draw_from`, without the angle over which it is turned.
        data: the :class:`gan_core.data.Dataset` that inputs from data are taken from.
        first: how many samples of the seed are left out before these ``n``.

    Raises:
        BadInput: where that cannot be.
    """
    from gan_core.tasks import sampling

    check(n, frames)
    known = model.inputs()
    if trouble := refusal(known):
        raise BadInput(trouble)
    if seed < 0:
        raise BadInput("A seed must not be negative.")
    choice = inputs.turning(known)
    if choice.name in (chosen or {}):
        raise BadInput(f"What is turned is seen from every {choice.name}; leave {choice.name}= out.")
    drawn = inputs.draw(known, first + n, seed, data)
    inputs.choose(drawn, known, chosen or {})
    views, angles = inputs.turned({name: values[first:] for name, values in drawn.items()}, choice, frames)
    told, count, parts = progress or (lambda share: None), n * frames, []
    for start in range(0, count, AT_ONCE):
        if should_stop is not None and should_stop():
            raise Stopped
        some = {name: values[start:start + AT_ONCE] for name, values in views.items()}
        depth = model.depth(some)
        parts.append((sampling.computed(model, some), depth if depth is None else np.asarray(depth)))
        told(min(start + AT_ONCE, count) / count)
    pictures, depths = zip(*parts)
    pictures = modality(model.data.kind).rounded(np.concatenate(pictures), model.data)
    depth = None if depths[0] is None else np.concatenate(depths).reshape(n, frames, *depths[0].shape[1:])
    return Turned(pictures.reshape(n, frames, *pictures.shape[1:]), depth, angles, choice.round)


def beside_depth(turned):
    """Views (n, frames, H, W, C) and what stands beside each, in one array (n, frames, 1 or :data:`BESIDE`, H, W, C)."""
    if turned.depth is None:
        return turned.views[:, :, None]
    return np.stack([turned.views, np.broadcast_to(turned.depth, turned.views.shape)], axis=2)


def gif(turned):
    """The bytes of an animated GIF: all samples turn, each with its depth at its right."""
    cells = beside_depth(turned)
    n, frames, each = cells.shape[:3]
    columns = each * min(n, max(1, round((n / each) ** 0.5)))
    grid = drawing.grid_for(n * each, columns)
    file = io.BytesIO()
    drawing.turntable([drawing.sheet(cells[:, frame].reshape(-1, *cells.shape[3:]), grid) for frame in range(frames)], file,
                      there_and_back=not turned.round)
    return file.getvalue()


def strip(pictures):
    """The bytes of a PNG of pictures (frames, H, W, C) beside each other, without gaps."""
    pixels = drawing.on_checks(to_uint8(pictures))
    row = np.concatenate(list(pixels), axis=1)
    return drawing.png(Image.fromarray(row[..., 0] if row.shape[-1] == 1 else row))


def rows(turned):
    """The bytes of a PNG: a row for each sample, and below it one for its depth."""
    cells = np.moveaxis(beside_depth(turned), 2, 1)
    return drawing.png(drawing.sheet(cells.reshape(-1, *cells.shape[3:]), (cells.shape[0] * cells.shape[1], cells.shape[2])))
