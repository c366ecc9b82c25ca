"""The search for a picture that has the content of one and the style of another: downhill, pixel by pixel (Gatys 2016,
"Image Style Transfer Using Convolutional Neural Networks", section 2).

Style is how channels answer together: the paper's Gram matrix of each layer, here as means and covariances, whose
differences are a share of the style's own, so that one strength suits all networks.  The picture is looked for at half its
size first.
"""

import numpy as np
from keras import ops

from gan_core.engine import autodiff
from gan_core.errors import Stopped
from gan_core.restyling.encoders import encoder as made_encoder

RATE = 0.1           # of Adam, on colours of deviation 1; it falls to a tenth
LEAST = 1e-5         # variance of a colour
COARSE = 0.4         # share of the steps at half the size
SMALLEST = 64        # pixels a side below which there is no half
LUMA = np.float32([0.299, 0.587, 0.114])


def restyled(content, style, *, encoder="random", steps=300, strength=30.0, keep_colours=False, seed=0, cache=None,
             progress=None, should_stop=None, look=None):
    """The content of a picture in the style of another: float32 (H, W, 3) in [-1, 1], of the content's size.

    Args:
        content, style: float32 (H, W, 3) in [-1, 1], of any sizes.
        encoder: see :func:`gan_core.restyling.encoders.encoder`.
        strength: how much the style counts beside the content.
        keep_colours: take over the style's brightness alone, and the colours of the content (Gatys 2016b).
        progress: called with the share that is done.
        should_stop: asked at every step; once it answers True what there is by then is returned.
        look: called with the picture as it is, every so many steps.

    Raises:
        BadInput: where the network's weights cannot be had.
        Stopped: when it was stopped before there was anything.
    """
    content, style = (np.asarray(picture, np.float32)[None] for picture in (content, style))
    like = _grey(style) if keep_colours else style
    colours = Colours(like)
    goal = colours.taken(_grey(content) if keep_colours else content)
    network = made_encoder(encoder, goal, like, seed=seed, cache=cache)
    sizes = [1.0] if min(content.shape[1:3]) < 2 * SMALLEST else [0.5, 1.0]
    parts = [steps] if len(sizes) == 1 else [round(COARSE * steps), steps - round(COARSE * steps)]
    picture, done = None, 0

    def finished():
        whole = np.asarray(_resized_to(picture, content.shape[1:3]))
        if keep_colours:
            whole = content + ((whole - content) @ LUMA)[..., None]
        return np.clip(whole[0], -1, 1).astype(np.float32)

    for size, count in zip(sizes, parts):
        wanted = _resized(goal, size)
        start = wanted if picture is None else _resized_to(picture, wanted.shape[1:3])
        try:
            for made in _downhill(network, colours, start, wanted, _resized(like, size), count, strength, seed,
                                     should_stop):
                picture, done = made, done + 1
                if progress is not None:
                    progress(done / steps)
                if look is not None and (done in (1, 10) or done % 20 == 0):
                    look(finished())
        except Stopped:
            if picture is None:
                raise
            break
    return finished()


class Colours:
    """The colours of a picture (1, H, W, 3): their mean, and how they vary together.

    The search moves along these ways and by these lengths: a grey style cannot make colours, which networks of random
    weights would hardly mind.
    """

    def __init__(self, picture):
        pixels = picture.reshape(-1, 3).astype(np.float64)
        self.mean = pixels.mean(0).astype(np.float32)
        values, ways = np.linalg.eigh(np.cov(pixels.T) + LEAST * np.eye(3))
        self.root = (ways * values ** 0.5 @ ways.T).astype(np.float32)

    def taken(self, picture):
        """A picture with these colours' mean and covariance in the place of its own (Gatys 2016b, section 5)."""
        pixels = picture.reshape(-1, 3).astype(np.float64)
        values, ways = np.linalg.eigh(np.cov(pixels.T) + LEAST * np.eye(3))
        even = (pixels - pixels.mean(0)) @ (ways * values ** -0.5 @ ways.T)
        return np.clip(self.pixels(even.astype(np.float32).reshape(picture.shape)), -1, 1)

    def even(self, picture):
        """Numbers of mean 0 and deviation 1, of a picture with such colours."""
        return ((picture - self.mean) @ np.linalg.inv(self.root)).astype(np.float32)

    def pixels(self, even):
        """The inverse of :meth:`even`, of arrays or tensors."""
        return even @ self.root + self.mean if isinstance(even, np.ndarray) else ops.matmul(even, self.root) + self.mean


def _downhill(network, colours, picture, goal, like, steps, strength, seed, should_stop):
    """Pictures (1, H, W, 3), better with each step."""
    grams = [gram(maps) for maps in network.maps(like)[1]]
    goal, random = ops.convert_to_tensor(goal), np.random.default_rng(seed)

    def step(even, mean, square, grams, shift, rate, number):
        def loss(values):
            pixels = colours.pixels(values[0])
            maps, of_style = network.maps(ops.roll(pixels, shift, axis=(1, 2)))
            wanted, _ = network.maps(ops.roll(goal, shift, axis=(1, 2)))
            total = content_distance(maps, wanted) + strength * style_distance([gram(each) for each in of_style], grams)
            rough = [ops.mean(ops.square(pixels[:, 1:] - pixels[:, :-1])),
                     ops.mean(ops.square(pixels[:, :, 1:] - pixels[:, :, :-1]))]
            beyond = ops.mean(ops.square(ops.relu(ops.abs(pixels) - 1.0)))
            return total + strength * (network.smoothing * sum(rough) + beyond)

        slope, = autodiff.gradients(loss, [even])
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * ops.square(slope)
        there = mean / (1.0 - 0.9 ** number) / (ops.sqrt(square / (1.0 - 0.999 ** number)) + 1e-8)
        return even - rate * there, mean, square

    compiled = autodiff.compiled(step)
    even = colours.even(np.asarray(picture, np.float32))
    mean, square = np.zeros_like(even), np.zeros_like(even)
    for number in range(steps):
        if should_stop is not None and should_stop():
            raise Stopped
        rate = np.float32(RATE * (1 - 0.9 * number / max(1, steps - 1)))
        # What is halved by leaving out pixels sees some and not others: each step looks at others.
        shift = random.integers(-network.stride // 2, network.stride // 2 + 1, 2).astype(np.int32)
        even, mean, square = compiled(even, mean, square, grams, shift, rate, np.float32(number + 1))
        yield np.clip(np.asarray(colours.pixels(ops.convert_to_tensor(even))), -1, 1)


def gram(maps):
    """How channels of maps (1, h, w, C) vary together, and what each is on average: (C + 1, C)."""
    channels = maps.shape[-1]
    flat = ops.reshape(maps, (-1, channels))
    mean = ops.mean(flat, axis=0, keepdims=True)
    together = ops.matmul(ops.transpose(flat - mean), flat - mean) / ops.cast(ops.shape(flat)[0], "float32")
    return ops.concatenate([together / channels, mean / channels ** 0.5], axis=0)


def content_distance(maps, wanted):
    """Mean squared difference of maps, as a share of the wanted ones' mean square."""
    return sum(ops.mean(ops.square(one - other)) / (ops.mean(ops.square(other)) + 1e-8)
               for one, other in zip(maps, wanted)) / len(wanted)


def style_distance(grams, wanted):
    """Squared difference of Gram matrices, as a share of the wanted ones' squares, the mean over the layers."""
    return sum(ops.sum(ops.square(one - other)) / (ops.sum(ops.square(other)) + 1e-8)
               for one, other in zip(grams, wanted)) / len(wanted)


def _resized(picture, size):
    return picture if size == 1 else _resized_to(picture, [max(8, round(size * side)) for side in picture.shape[1:3]])


def _resized_to(picture, shape):
    if tuple(picture.shape[1:3]) == tuple(shape):
        return picture
    return ops.convert_to_numpy(ops.image.resize(ops.convert_to_tensor(picture), tuple(shape), interpolation="bilinear",
                                                 antialias=True, data_format="channels_last"))


def _grey(picture):
    return np.repeat((picture @ LUMA)[..., None], 3, axis=-1)

