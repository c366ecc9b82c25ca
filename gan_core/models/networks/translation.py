"""From one image to another: a U-Net and a discriminator of patches (Isola 2017, section 3.2 and appendix 6.1), residual
blocks between two convolutions (Zhu 2017, appendix 7.2)."""

import keras
from keras import layers, ops

from gan_core.models.networks.dcgan import doublings, initial

PATCHES = {"1": 0, "16": 1, "34": 2, "70": 3}  # pixels that one verdict looks at -> strided convolutions on the way to it
HIDDEN = 3  # innermost layers of a U-Net's way up of which channels are hidden


@keras.saving.register_keras_serializable("gan_core")
class InstanceNorm(layers.Layer):
    """Each channel of each image to mean 0 and deviation 1 (Ulyanov 2016); nothing is learned, and nothing kept between
    batches, so that an image becomes the same one whatever is translated with it."""

    def call(self, x):
        wide = ops.cast(x, "float32")
        mean = ops.mean(wide, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(wide - mean), axis=(1, 2), keepdims=True)
        return ops.cast((wide - mean) * ops.rsqrt(variance + 1e-5), x.dtype)

    def compute_output_shape(self, shape):
        return shape


@keras.saving.register_keras_serializable("gan_core")
class TimesNumbers(layers.Layer):
    """Channels times numbers: x (N, H, W, C), (N, D) of which those from ``first`` on are taken."""

    def __init__(self, first, **options):
        super().__init__(**options)
        self.first = first

    def get_config(self):
        return super().get_config() | {"first": self.first}

    def call(self, inputs):
        x, kept = inputs
        kept = kept[:, self.first:self.first + x.shape[-1]]
        return x * ops.cast(kept, x.dtype)[:, None, None, :]

    def compute_output_shape(self, shapes):
        return shapes[0]


def widths(size, filters):
    """Channels of a U-Net's maps on the way down, the first of which is half of the image's size."""
    n, _ = doublings(size)
    return [filters * min(2 ** place, 8) for place in range(n)]


def hidden_widths(size, filters):
    """Channels of the maps on the way up of which some are hidden, innermost first."""
    return up_widths(size, filters)[:HIDDEN]


def up_widths(size, filters):
    """Channels of a U-Net's maps on the way up; the last has the image's size."""
    return [*widths(size, filters)[-2::-1], filters]


def as_large(x, size):
    """A source at the size of its target: nearest neighbour, which leaves colours of label maps as they are."""
    return layers.UpSampling2D(size // x.shape[1])(x) if x.shape[1] < size else x


def unet(source, shape, filters, *, kept=False):
    """(N, *source), and with ``kept`` (N, sum of :func:`hidden_widths`) numbers that channels are multiplied with -> images
    (N, *shape) in [-1, 1].

    Strided 4 x 4 convolutions down to four to seven pixels a side, and as many doublings up again, each beside the map of
    its size on the way down.  Up by nearest neighbour and a convolution: transposed ones leave a checkerboard (Odena 2016).
    """
    given = x = keras.Input(source, name="source")
    hidden = keras.Input((sum(hidden_widths(shape[0], filters)),), name="kept") if kept else None
    x, maps, first = as_large(x, shape[0]), [], 0
    for place, width in enumerate(widths(shape[0], filters)):
        if place:
            x = layers.LeakyReLU(negative_slope=0.2)(x)
        x = layers.Conv2D(width, 4, strides=2, padding="same", use_bias=not place, kernel_initializer=initial())(x)
        # Not on the first, whose colours matter; of one pixel a side nothing would be left.
        if place and x.shape[1] > 1:
            x = InstanceNorm()(x)
        maps.append(x)
    for place, width in enumerate(up_widths(shape[0], filters)):
        last = place == len(maps) - 1
        x = layers.UpSampling2D()(layers.ReLU()(x))
        x = layers.Conv2D(width, 3, padding="same", use_bias=last, kernel_initializer=initial())(x)
        x = x if last else InstanceNorm()(x)
        if kept and place < HIDDEN:
            x = TimesNumbers(first)([x, hidden])
            first += width
        x = x if last else layers.Concatenate()([x, maps[-2 - place]])
    x = layers.Conv2D(shape[-1], 3, padding="same", kernel_initializer=initial(), name="to_image")(layers.ReLU()(x))
    image = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model([given, hidden] if kept else given, image, name="generator")


def patches(shape, filters, patch, *, source=None, name="discriminator"):
    """Images (N, *shape), and with ``source`` their sources (N, *source) -> logits (N, h, w, 1), one for each patch of so
    many pixels a side, which overlap."""
    sample = x = keras.Input(shape, name="sample")
    beside = None
    if source:
        beside = keras.Input(source, name="source")
        x = layers.Concatenate()([x, as_large(beside, shape[0])])
    strided = PATCHES[patch]
    side = 4 if strided else 1
    for place in range(strided + 1):
        last = place == strided
        if not strided and last:  # of single pixels
            x = layers.LeakyReLU(negative_slope=0.2)(layers.Conv2D(filters, 1, kernel_initializer=initial())(x))
        width = filters * min(2 ** place, 8) if strided else 2 * filters
        x = layers.Conv2D(width, side, strides=1 if last else 2, padding="same", use_bias=not place,
                          kernel_initializer=initial())(x)
        if place or not strided:
            x = InstanceNorm()(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    logits = layers.Conv2D(1, side, padding="same", kernel_initializer=initial(), dtype="float32", name="logit")(x)
    return keras.Model([sample, beside] if source else sample, logits, name=name)


def residual_translator(source, shape, filters, blocks, name="generator"):
    """(N, *source) -> images (N, *shape) in [-1, 1], of the same size: down to a quarter of it, residual blocks there, and
    up again by nearest neighbour (Zhu 2017, appendix 7.2, with Johnson 2016)."""
    given = x = keras.Input(source, name="source")

    def convolved(x, width, side, strides=1):
        x = layers.Conv2D(width, side, strides=strides, padding="same", use_bias=False, kernel_initializer=initial())(x)
        return InstanceNorm()(x)

    x = layers.ReLU()(convolved(x, filters, 7))
    for place in (1, 2):
        x = layers.ReLU()(convolved(x, filters * 2 ** place, 3, strides=2))
    for _ in range(blocks):
        inner = convolved(layers.ReLU()(convolved(x, x.shape[-1], 3)), x.shape[-1], 3)
        x = layers.Add()([x, inner])
    for place in (1, 0):
        x = layers.ReLU()(convolved(layers.UpSampling2D()(x), filters * 2 ** place, 3))
    x = layers.Conv2D(shape[-1], 7, padding="same", kernel_initializer=initial(), name="to_image")(x)
    return keras.Model(given, layers.Activation("tanh", dtype="float32")(x), name=name)


def enlarger(source, channels, times, filters, blocks):
    """(N, h, w, C) -> images (N, times h, times w, ``channels``), of about [-1, 1]: SRResNet (Ledig 2017, figure 4) without
    normalisation, which leaves blotches and ties an image to those beside it (Lim 2017, section 3.1), and up by nearest
    neighbour and a convolution.

    What it makes is added to the source as it is when enlarged by itself, so that it begins there.  h and w of ``source``
    may be None: it takes pictures of any size, and a pixel depends on :func:`surroundings` around it.
    """
    given = x = keras.Input(source, name="source")

    def convolved(x, width, side=3, **options):
        return layers.Conv2D(width, side, padding="same", **{"kernel_initializer": "he_normal"} | options)(x)

    x = first = layers.LeakyReLU(negative_slope=0.2)(convolved(x, filters, 5))
    for _ in range(blocks):
        inner = layers.LeakyReLU(negative_slope=0.2)(convolved(x, filters))
        x = layers.Add()([x, convolved(inner, filters, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01))])
    x = layers.Add()([convolved(x, filters), first])
    for by in steps_up(times):
        x = layers.LeakyReLU(negative_slope=0.2)(convolved(layers.UpSampling2D(by)(x), filters))
    x = convolved(x, channels, kernel_initializer="zeros", name="to_image")
    plain = given
    if source[-1] != channels:
        plain = convolved(plain, channels, 1, use_bias=False, kernel_initializer="ones" if source[-1] == 1 else "he_normal")
    if times > 1:
        plain = layers.UpSampling2D(times, interpolation="bilinear")(plain)
    x = layers.Add(dtype="float32")([x, plain])
    return keras.Model(given, x, name="generator")


def steps_up(times):
    """By how much is enlarged at a time: twice, as often as that goes."""
    steps = []
    while times % 2 == 0:
        times, steps = times // 2, [*steps, 2]
    return steps + [times] * (times > 1)


def surroundings(blocks):
    """Pixels around one of the source on which what :func:`enlarger` makes of it depends, at most."""
    return 2 * blocks + 8
