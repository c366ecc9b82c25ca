"""Strided convolutions, after Radford 2016 (DCGAN), for square images of 8 to 128 pixels.

An image is built up from a base of 4 to 7 pixels (an odd side stops the halving earlier): 28 is 7 doubled
twice, 32 is 4 doubled three times, 64 is 4 doubled four times.
"""

import keras
from keras import layers

from gan_core.models.networks.reparametrised import SpectralConv2D, SpectralDense
from gan_core.models.networks.statistics import MinibatchStd, OneHot


def doublings(size):
    """How often the generator doubles its base to reach ``size``, and the base: ``(n, base)``."""
    n = 0
    while size >= 8 and size % 2 == 0:
        size, n = size // 2, n + 1
    return n, size


def initial():
    """How kernels start."""
    return keras.initializers.RandomNormal(stddev=0.02)  # Radford 2016, section 4


def upsample(x, shape, filters, *, norm=True, least=3):
    """Features (N, d) -> image (N, *shape) in [-1, 1].

    Project to base x base x 4 ``filters``, then transposed 4x4 convolutions that halve the channels down to
    ``filters``, then to the image.  Small images need fewer doublings than the ``least`` number of layers: the first
    layers keep the size.
    """
    n, base = doublings(shape[0])
    depth = max(n, least)
    widths = [filters * min(2 ** (depth - 1 - i), 8) for i in range(depth)]
    x = layers.Dense(base * base * widths[0], use_bias=not norm, kernel_initializer=initial())(x)
    x = _activate(layers.Reshape((base, base, widths[0]))(x), norm)
    strides = [1] * (depth - n) + [2] * n
    for width, stride in zip(widths[1:], strides):
        x = layers.Conv2DTranspose(width, 4, strides=stride, padding="same", use_bias=not norm,
                                   kernel_initializer=initial())(x)
        x = _activate(x, norm)
    x = layers.Conv2DTranspose(shape[-1], 4, strides=strides[-1], padding="same", kernel_initializer=initial())(x)
    return layers.Activation("tanh", dtype="float32")(x)


def downsample(x, filters, *, norm=False, dropout=0.0, slope=0.2, spectral=False, minibatch_std=False):
    """Image (N, H, W, C) -> features (N, d): strided 4x4 convolutions that double the channels from ``filters``."""
    convolution = SpectralConv2D if spectral else layers.Conv2D
    for i in range(max(doublings(x.shape[1])[0], 2)):
        x = convolution(filters * min(2 ** i, 8), 4, strides=2, padding="same", kernel_initializer=initial())(x)
        if norm and i > 0:  # not on the first layer: Radford 2016, section 3
            x = _normalise(x)
        x = layers.LeakyReLU(negative_slope=slope)(x)
    if minibatch_std:
        x = MinibatchStd()(x)
    x = layers.Flatten()(x)
    # At the end only: before a normalised layer, dropout changes the variance that the layer has learned to expect,
    # and on MNIST the generator collapsed.
    return layers.Dropout(dropout)(x) if dropout else x


def generator(latent, shape, filters):
    """(N, latent) -> (N, *shape) in [-1, 1]."""
    z = keras.Input((latent,), name="latent")
    return keras.Model(z, upsample(z, shape, filters), name="generator")


def told_generator(latent, classes, embedding, shape, filters):
    """[(N, latent), (N,) class indices] -> (N, *shape) in [-1, 1]: the class joins the noise as a learned vector."""
    z, label = keras.Input((latent,), name="latent"), label_input()
    told = layers.Concatenate()([z, layers.Embedding(classes, embedding)(label)])
    return keras.Model([z, label], upsample(told, shape, filters), name="generator")


def label_input():
    return keras.Input((), dtype="int32", name="label")


def discriminator(shape, filters, *, packing=1, **options):
    """(N, H, W, packing C) -> logits (N, 1); ``options`` are those of :func:`downsample`."""
    sample = keras.Input((*shape[:-1], packing * shape[-1]), name="sample")
    x = downsample(sample, filters, **options)
    return keras.Model(sample, logit(x, options.get("spectral", False)), name="discriminator")


def logit(features, spectral=False):
    """(N, d) -> (N, 1), linear and in full precision: losses start from it."""
    return dense(spectral)(1, dtype="float32", name="logit")(features)


def dense(spectral):
    """The class of a discriminator's dense layers."""
    return SpectralDense if spectral else layers.Dense


def likeness(features, label, classes, spectral=False, name="class_vector"):
    """(N, d), (N,) class indices -> (N, 1): the inner product of features with a vector learned for the class (Miyato and
    Koyama 2018, equation 3)."""
    vector = dense(spectral)(features.shape[-1], use_bias=False, name=name)(OneHot(classes)(label))
    return layers.Dot(axes=-1, dtype="float32")([vector, features])


def asked(config):
    """What a config's knobs ask of :func:`downsample`."""
    return {"norm": config.discriminator_norm, "dropout": config.dropout, "spectral": config.spectral_norm,
            "minibatch_std": config.minibatch_std}


def _activate(x, norm):
    return layers.ReLU()(_normalise(x) if norm else x)


def _normalise(x):
    # Samples use the moving statistics: at Keras's momentum of 0.99 they lag hundreds of steps behind a generator that
    # changes quickly, and early samples look alike.  An encoder's features vary far less than the 1 that those start
    # from: after 400 steps its latents were still a quarter of what they were in training.
    return layers.BatchNormalization(momentum=0.9)(x)
