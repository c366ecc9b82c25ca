"""Chairs and cars made of boxes, and pictures of them: rays against boxes, in NumPy.

An object lies within the ball of radius 1 around the origin, y up; its front looks along z.  The camera looks at the
origin from where the ball just fills the picture.  All sums are of float32 in a fixed order, so that the same pictures come
out on every machine.
"""

import math
from typing import NamedTuple

import numpy as np

FIELD_OF_VIEW = 30.0      # degrees, of a picture's side
ELEVATIONS = (10.0, 40.0)  # degrees above the ground from which is looked, uniform
BOXES = 8                 # of an object, at most
LIGHT = np.float32([0.48, 0.8, 0.36])  # towards it, of length 1; it stands still beside the object
AMBIENT = 0.45            # of the light comes from everywhere
FINER = 2                 # rays a pixel, each way
AT_ONCE = 2 ** 16         # rays


class Solids(NamedTuple):
    """Objects of at most K boxes: ``low`` and ``high`` corners and ``colour`` in [0, 1], each float32 (N, K, 3).  Of a box
    that is not there the corners are NaN."""

    low: np.ndarray
    high: np.ndarray
    colour: np.ndarray


def drawn(n, rng) -> Solids:
    """``n`` chairs and cars by a ``numpy.random.Generator``, as many of the one as of the other."""
    objects = [(_chair if rng.random() < 0.5 else _car)(rng) for _ in range(n)]
    parts = np.full((n, BOXES, 9), np.nan)
    for place, boxes in enumerate(objects):
        parts[place, :len(boxes)] = _in_the_ball(np.array(boxes), rng)
    low, high, colour = np.split(parts.astype(np.float32), 3, axis=2)
    return Solids(low, high, colour)


def poses(n, rng):
    """``(turn, elevation)`` in degrees, each (n,): over the whole circle, and over :data:`ELEVATIONS`."""
    return rng.uniform(0.0, 360.0, n), rng.uniform(*ELEVATIONS, n)


def rays(turn, elevation, size, field_of_view=FIELD_OF_VIEW):
    """``(eye, directions)`` of the rays through the middles of pixels: (N, 3), and (N, size, size, 3) of length 1, upper
    row first.  ``turn`` and ``elevation`` are degrees (N,): at 0 and 0 the camera looks at the front."""
    turn, elevation = np.radians(turn), np.radians(elevation)
    sine, cosine, up, level = (part.astype(np.float32) for part in (np.sin(turn), np.cos(turn), np.sin(elevation),
                                                                    np.cos(elevation)))
    away = np.stack([level * sine, up, level * cosine], axis=-1)
    right = np.stack([cosine, 0 * sine, -sine], axis=-1)
    upward = np.stack([-up * sine, level, -up * cosine], axis=-1)
    half = math.radians(field_of_view) / 2
    place = np.float32(math.tan(half)) * (np.float32(2) * np.arange(size, dtype=np.float32) + 1 - size) / np.float32(size)
    directions = (place[None, None, :, None] * right[:, None, None] - place[None, :, None, None] * upward[:, None, None]
                  - away[:, None, None])
    length = np.sqrt(directions[..., 0] ** 2 + directions[..., 1] ** 2 + directions[..., 2] ** 2)
    return away * np.float32(1 / math.sin(half)), directions / length[..., None]


def rendered(solids, turn, elevation, size):
    """uint8 (N, size, size, 3) of objects, each from its turn and elevation in degrees (N,), on white."""
    fine, pictures = FINER * size, []
    step = max(1, AT_ONCE // fine ** 2)
    for first in range(0, len(turn), step):
        some = slice(first, first + step)
        eye, directions = rays(turn[some], elevation[some], fine)
        seen = _seen(Solids(*(part[some] for part in solids)), eye, directions.reshape(len(eye), -1, 3))
        seen = seen.reshape(len(eye), size, FINER, size, FINER, 3)
        pictures.append(sum(seen[:, :, down, :, along] for down in range(FINER) for along in range(FINER)) / FINER ** 2)
    return np.rint(np.concatenate(pictures) * np.float32(255)).astype(np.uint8)


def _seen(solids, eye, directions):
    """Colours (N, R, 3) in [0, 1] of what rays (N, R, 3) from eyes (N, 3) meet first."""
    before = np.full((*directions.shape[:2], BOXES), np.inf, np.float32)
    axis_met = np.zeros(before.shape, np.int8)
    with np.errstate(divide="ignore", invalid="ignore"):
        for box in range(BOXES):
            enters, leaves, axis = (np.full(directions.shape[:2], sign * np.inf, np.float32) for sign in (-1, 1, 1))
            for along in range(3):
                one, other = ((side[:, box, along] - eye[:, along])[:, None] / directions[..., along]
                              for side in (solids.low, solids.high))
                nearer = np.minimum(one, other)
                axis = np.where(nearer > enters, along, axis)
                enters, leaves = np.maximum(enters, nearer), np.minimum(leaves, np.maximum(one, other))
            met = enters < leaves  # never of NaN
            before[..., box] = np.where(met, enters, np.inf)
            axis_met[..., box] = np.where(met, axis, 0)
    nearest = before.argmin(axis=2)[..., None]
    axis = np.take_along_axis(axis_met, nearest, axis=2)
    faces = -np.sign(np.take_along_axis(directions, axis.astype(int), axis=2)) * LIGHT[axis]
    colour = np.take_along_axis(np.nan_to_num(solids.colour), nearest, axis=1)
    lit = colour * (np.float32(AMBIENT) + np.float32(1 - AMBIENT) * np.maximum(faces, 0))
    return np.where(np.isfinite(np.take_along_axis(before, nearest, axis=2)), lit, np.float32(1))


def _box(low, high, colour):
    return [*low, *high, *colour]


def _chair(rng):
    width, depth, seat, thick, leg = rng.uniform((0.8, 0.8, 0.7, 0.08, 0.1), (1.1, 1.1, 1.0, 0.2, 0.16))
    back, behind = rng.uniform((0.7, 0.1), (1.1, 0.2))
    body, legs = _colour(rng), _colour(rng)
    x, z = width / 2, depth / 2
    boxes = [_box((-x, seat - thick, -z), (x, seat, z), body), _box((-x, seat, -z), (x, seat + back, behind - z), body)]
    for left in (-x, x - leg):
        boxes += [_box((left, 0, near), (left + leg, seat - thick, near + leg), legs) for near in (-z, z - leg)]
    if rng.random() < 0.5:
        height = rng.uniform(0.2, 0.4)
        boxes += [_box((left, seat, behind - z), (left + leg, seat + height, z), legs) for left in (-x, x - leg)]
    return boxes


def _car(rng):
    width, length, body, roof, wheel = rng.uniform((0.85, 1.8, 0.3, 0.28, 0.3), (1.0, 2.2, 0.45, 0.42, 0.42))
    bonnet, boot = rng.uniform((0.7, 0.0), (1.0, 0.15))  # long in front, so that it is told from behind
    paint = _colour(rng)
    glass = 0.5 + 0.4 * rng.random() * np.ones(3)
    x, z, floor = width / 2, length / 2, wheel / 2
    boxes = [_box((-x, floor, -z), (x, floor + body, z), paint),
             _box((0.08 - x, floor + body, boot - z), (x - 0.08, floor + body + roof, z - bonnet), glass),
             _box((0.05 - x, floor + 0.3 * body, z), (x - 0.05, floor + 0.8 * body, z + 0.05), (1.0, 0.85, 0.35))]
    for left in (-x - 0.04, x - 0.12):
        boxes += [_box((left, 0, near), (left + 0.16, wheel, near + wheel), (0.12, 0.12, 0.14))
                  for near in (0.15 - z, z - 0.15 - wheel)]
    return boxes


def _colour(rng):
    """A strong colour of any hue."""
    hue, saturation, value = rng.uniform((0, 0.5, 0.6), (6, 1.0, 1.0))
    return [value * (1 - saturation * min(max(abs((hue + shift) % 6 - 3) - 1, 0), 1)) for shift in (3, 1, 5)]


def _in_the_ball(boxes, rng):
    """The same boxes around the origin, with the farthest corner just within the ball."""
    low, high = boxes[:, :3], boxes[:, 3:6]
    middle = (low.min(0) + high.max(0)) / 2
    low, high = low - middle, high - middle
    reach = math.sqrt((np.maximum(np.abs(low), np.abs(high)) ** 2).sum(1).max())
    size = rng.uniform(0.85, 0.97) / reach
    return np.concatenate([size * low, size * high, boxes[:, 6:]], axis=1)
