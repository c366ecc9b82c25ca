"""The point that a picture comes from: found by going downhill from several starts (Karras 2020, "Analyzing and improving
the image quality of StyleGAN", appendix D; Abdal 2019, "Image2StyleGAN").

Beside the pixels themselves their means over squares of two and four are compared: far from the goal these tell which way it
lies, where single pixels do not.
"""

from typing import NamedTuple

import numpy as np
from keras import ops

from gan_core.engine import autodiff
from gan_core.errors import BadInput, Stopped
from gan_core.exploring import space as spaces
from gan_core.models.inputs import Codes, Latent, Shift, Uniform

POOL = 1000         # samples among which starts are chosen
AT_ONCE = 128       # points that move together
RATE, WARM, COOL = 0.1, 0.05, 0.5  # of Adam; the shares of the way over which it rises, and at the end of which it falls
NOISE, QUIET = 0.05, 0.5  # deviation of what is added to a point, and after which share of the way it is nothing
SHELL = 0.002       # weight of the distance from the shell where noise lies
COARSE = (1.0, 1.0, 1.0)  # weights of pixels, and of their means over squares of two and of four
MOVED = (Latent, Shift, Uniform, Codes)  # kinds of inputs that are looked for


class Projection(NamedTuple):
    """Of each picture the ``point`` that was found, the ``samples`` it makes, (n, H, W, C), and how alike the two are in
    decibels, ``psnr`` (n,)."""

    point: dict
    samples: np.ndarray
    psnr: np.ndarray


def projected(model, pictures, *, steps=300, starts=4, seed=0, label=None, data=None, progress=None, should_stop=None):
    """:class:`Projection` of pictures (n, H, W, C) in [-1, 1].

    Args:
        starts: points that each begins from: the likest of many samples, and first the guess of an encoder where the model
            has one.
        label: the class that the samples are of, a number; None: of whichever start does best.
        progress: called with the share that is done.
        should_stop: asked at every step; raises Stopped once it answers True.

    Raises:
        BadInput: for a model without anything to move, or pictures of another shape.
    """
    moving = [one.name for one in model.inputs() if isinstance(one, MOVED)]
    if not moving:
        spaces.of(model)
    if tuple(pictures.shape[1:]) != tuple(model.data.shape):
        raise BadInput(f"The model draws pictures of {model.data.shape}, not of {tuple(pictures.shape[1:])}.")
    if steps < 1 or starts < 1:
        raise BadInput("At least one step and one start are needed.")
    begun = _starts(model, pictures, starts, seed, label, data)
    per = max(1, AT_ONCE // starts)
    parts = []
    for first in range(0, len(pictures), per):
        part = slice(first * starts, (first + per) * starts)
        goal = np.repeat(pictures[first:first + per], starts, axis=0)
        told = (lambda share, first=first: progress((first + share * min(per, len(pictures) - first)) / len(pictures))
                ) if progress else None
        parts.append(_descended(model, {name: values[part] for name, values in begun.items()}, moving, goal, steps, seed,
                                told, should_stop))
    point = {name: np.concatenate([there[name] for there in parts]) for name in begun}
    made = spaces.samples(model, point)
    alike = psnr(made, np.repeat(pictures, starts, axis=0)).reshape(-1, starts)
    best = alike.argmax(1) + np.arange(len(pictures)) * starts
    return Projection({name: values[best] for name, values in point.items()}, made[best], alike.max(1))


def psnr(samples, pictures):
    """(n,) decibels between images in [-1, 1], whose range is 2."""
    error = np.square(np.clip(samples, -1, 1) - pictures).reshape(len(pictures), -1).mean(1)
    return 10 * np.log10(4 / np.maximum(error, 1e-12))


def _starts(model, pictures, starts, seed, label, data):
    """A point of ``starts`` samples for each picture, the likest first."""
    pool = spaces.drawn(model, max(POOL, 2 * starts), seed, label, data)
    pools = _coarse(spaces.samples(model, pool))
    goals = _coarse(pictures)
    distances = (np.square(goals).sum(1)[:, None] - 2 * goals @ pools.T + np.square(pools).sum(1)[None])
    chosen = np.argsort(distances, axis=1)[:, :starts].ravel()
    point = {name: values[chosen].copy() for name, values in pool.items()}
    encoded = model.encoded(ops.convert_to_tensor(pictures))
    for name, values in (encoded or {}).items():
        point[name][::starts] = np.asarray(values, np.float32)
    return point


def _coarse(samples):
    """Means over squares of four: what is alike there is near enough to begin from."""
    _, height, width, channels = samples.shape
    high, wide = height // 4 * 4, width // 4 * 4
    if not high or not wide:
        return samples.reshape(len(samples), -1)
    return samples[:, :high, :wide].reshape(len(samples), high // 4, 4, wide // 4, 4, channels).mean((2, 4)).reshape(
        len(samples), -1)


def _descended(model, point, moving, goal, steps, seed, progress, should_stop):
    fixed = {name: ops.convert_to_tensor(values) for name, values in point.items() if name not in moving}
    goal = ops.convert_to_tensor(goal, "float32")
    latents = {one.name for one in model.inputs() if isinstance(one, Latent) and one.size > 3}
    uniform = {one.name: one.low for one in model.inputs() if isinstance(one, Uniform)}

    def loss(values):
        made = ops.cast(model.sample(fixed | dict(zip(moving, values))), "float32")
        total = 0.0
        for level, weight in enumerate(COARSE):
            size = 2**level
            if size > min(goal.shape[1:3]):
                break
            off = made - goal
            if level:
                off = ops.average_pool(off, size, size, "valid")
            total = total + weight * ops.mean(ops.square(off), axis=(1, 2, 3))
        for name, value in zip(moving, values):
            if name in latents:
                length = ops.mean(ops.square(value), axis=1)
                total = total + SHELL * ops.square(length - 1.0)
        return total

    def step(values, means, squares, noises, rate, number):
        slopes = autodiff.gradients(loss, [value + noise for value, noise in zip(values, noises)])
        means = [0.9 * mean + 0.1 * slope for mean, slope in zip(means, slopes)]
        squares = [0.999 * square + 0.001 * ops.square(slope) for square, slope in zip(squares, slopes)]
        after = []
        for name, value, mean, square in zip(moving, values, means, squares):
            mean, square = mean / (1.0 - 0.9**number), square / (1.0 - 0.999**number)
            there = value - rate * mean / (ops.sqrt(square) + 1e-8)
            after.append(ops.clip(there, uniform[name], 1.0) if name in uniform else there)
        return after, means, squares

    compiled, random = autodiff.compiled(step), np.random.default_rng([seed, 1])
    values = [np.asarray(point[name], np.float32) for name in moving]
    means, squares = ([np.zeros_like(value) for value in values] for _ in range(2))
    for number in range(steps):
        if should_stop is not None and should_stop():
            raise Stopped
        share = number / steps
        rate = RATE * min(1.0, (share + 1 / steps) / WARM) * (
            1.0 if share < 1 - COOL else 0.5 + 0.5 * np.cos(np.pi * (share - 1 + COOL) / COOL))
        deviation = NOISE * max(0.0, 1 - share / QUIET) ** 2
        noises = [(deviation * random.standard_normal(value.shape)).astype(np.float32) for value in values]
        values, means, squares = compiled(values, means, squares, noises, np.float32(rate), np.float32(number + 1))
        if progress is not None:
            progress((number + 1) / steps)
    return point | {name: np.asarray(value, np.float32) for name, value in zip(moving, values)}
