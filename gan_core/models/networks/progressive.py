"""Networks that grow (Karras 2018, section 2 and table 2): every resolution has a way in and a way out.

Both are whole from the start, with an input or an output for each resolution; :func:`generator_at` and
:func:`discriminator_at` give the part of them that a stage uses, which shares their weights.  Stage 0 is the base of
4 to 7 pixels, each later one doubles it.
"""

import keras
from keras import layers, ops

from gan_core.models.networks.dcgan import doublings
from gan_core.models.networks.reparametrised import EqualConv2D, EqualDense
from gan_core.models.networks.statistics import MinibatchStd, PixelNorm


def resolutions(size):
    """The side of the image in each stage, up to ``size``: 28 is 7, 14, 28."""
    n, base = doublings(size)
    return [base * 2 ** i for i in range(n + 1)]


def widths(size, filters):
    """Channels in each stage: ``filters`` at full size, twice as many at each one before, up to eight times."""
    n = doublings(size)[0]
    return [filters * min(2 ** (n - i), 8) for i in range(n + 1)]


def blend(old, new, fade):
    """From ``old``, exactly so at ``fade`` 0, to ``new``, exactly so at 1."""
    return (1.0 - fade) * old + fade * new


def enlarged(images, times):
    """(N, h, w, C) -> (N, h times, w times, C): every pixel becomes a square."""
    return images if times == 1 else ops.repeat(ops.repeat(images, times, axis=1), times, axis=2)


def shrunk(images, times):
    """(N, h, w, C) -> (N, h / times, w / times, C): the mean of every square."""
    if times == 1:
        return images
    n, height, width, channels = images.shape
    squares = ops.reshape(images, (n, height // times, times, width // times, times, channels))
    return ops.mean(squares, axis=(2, 4))


@keras.saving.register_keras_serializable("gan_core")
class Fade(layers.Layer):
    """:func:`blend` of two feature maps, by a number for each sample (N,)."""

    def call(self, old, new, fade):
        return blend(old, new, ops.reshape(fade, (-1, 1, 1, 1)))


def generator(latent, shape, filters):
    """(N, latent) -> an image (N, h, w, C) for each stage, smallest first.

    Where the paper's images are linear, these pass through tanh, for the same reason as in :func:`.style.generator`.
    """
    z = keras.Input((latent,), name="latent")
    sizes, channels = resolutions(shape[0]), widths(shape[0], filters)
    x = EqualDense(sizes[0] ** 2 * channels[0])(PixelNorm()(z))
    x = _normalised(layers.Reshape((sizes[0], sizes[0], channels[0]))(x))
    x = _normalised(_convolution(channels[0])(x))
    images = [_to_image(shape, sizes[0])(x)]
    for size, width in zip(sizes[1:], channels[1:]):
        x = layers.UpSampling2D()(x)
        x = _normalised(_convolution(width)(x))
        x = _normalised(_convolution(width)(x))
        images.append(_to_image(shape, size)(x))
    return keras.Model(z, images, name="generator")


def generator_at(network, stage):
    """A stage's part of a :func:`generator`: (N, latent) -> images of the former stage, if any, and its own."""
    return keras.Model(network.inputs[0], network.outputs[max(stage - 1, 0):stage + 1])


def discriminator(shape, filters):
    """[an image (N, h, w, C) for each stage, smallest first, fade (N,)] -> logits (N, 1) for each stage.

    Below its own resolution a stage goes the way of the former ones; there, ``fade`` is how much of its features counts
    against those of the halved image.
    """
    sizes, channels = resolutions(shape[0]), widths(shape[0], filters)
    images = [keras.Input((size, size, shape[-1]), name=f"sample_{size}") for size in sizes]
    fade = keras.Input((), name="fade")
    ways_in = [_chain(EqualConv2D(width, 1, name=f"from_{size}"), _leaky()) for size, width in zip(sizes, channels)]
    blocks = [_chain(_convolution(width), _leaky(), _convolution(narrower), _leaky(), layers.AveragePooling2D(2))
              for width, narrower in zip(channels[1:], channels)]
    end = _chain(MinibatchStd(), _convolution(channels[0]), _leaky(),
                 layers.Flatten(), EqualDense(channels[0]), _leaky(),
                 EqualDense(1, gain=1.0, dtype="float32", name="logit"))
    logits = []
    for stage, image in enumerate(images):
        x = ways_in[stage](image)
        for lower in reversed(range(stage)):
            x = blocks[lower](x)
            if lower == stage - 1:
                x = Fade(name=f"fade_{sizes[stage]}")(ways_in[lower](layers.AveragePooling2D(2)(image)), x, fade)
        logits.append(end(x))
    return keras.Model([*images, fade], logits, name="discriminator")


def discriminator_at(network, stage):
    """A stage's part of a :func:`discriminator`: [its images, fade (N,)] -> logits (N, 1); the first has no fade."""
    fade = [network.inputs[-1]] if stage else []
    return keras.Model([network.inputs[stage], *fade], network.outputs[stage])


def _convolution(width):
    return EqualConv2D(width, 3, padding="same")


def _leaky():
    return layers.LeakyReLU(negative_slope=0.2)


def _normalised(x):
    return PixelNorm()(_leaky()(x))


def _to_image(shape, size):
    return _chain(EqualConv2D(shape[-1], 1, gain=0.3, dtype="float32", name=f"to_{size}"),
                  layers.Activation("tanh", dtype="float32"))


def _chain(*steps):
    def apply(x):
        for step in steps:
            x = step(x)
        return x
    return apply
