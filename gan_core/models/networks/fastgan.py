"""Small networks for few images, after Liu 2021 (FastGAN, section 3): gated layers, and small maps that excite large ones.

An image is built up from the base of :func:`gan_core.models.networks.dcgan.doublings`, one block for each doubling.
"""

import keras
from keras import layers, ops

from gan_core.models.networks.dcgan import doublings, label_input, likeness
from gan_core.models.networks.reparametrised import SpectralConv2D
from gan_core.models.networks.resnet import ConditionalNorm, plain_norm

FAR, FARTHER = 3, 4  # doublings that an excitation leaps over: as in the paper from LARGE pixels on, fewer below
LARGE = 128
DECODED = 4  # times the side of a map, at most, to which an image is decoded from it


@keras.saving.register_keras_serializable("gan_core")
class GatedLinear(layers.Layer):
    """Half of the channels, times the sigmoid of the other half: (..., 2 C) -> (..., C) (Dauphin 2017, equation 1)."""

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] // 2)

    def call(self, x):
        value, gate = ops.split(x, 2, axis=-1)  # a third of the time that two slices take, on their way back
        return value * ops.sigmoid(gate)


def widths(size, filters):
    """Channels of the generator's maps, from the base on: ``filters`` at full size, twice as many in each smaller one, up to
    four times, and twice that at the base."""
    n, _ = doublings(size)
    return [filters * min(2 ** n, 8), *(filters * min(2 ** (n - i), 4) for i in range(1, n + 1))]


def generator(latent, shape, filters, *, classes=0, embedding=0, convolutions=2, excitation=True):
    """(N, latent), and (N,) class indices where there are ``classes`` -> images (N, *shape) in [-1, 1].

    Args:
        embedding: numbers that stand for a class, which scale and shift every normalisation.
        convolutions: of each doubling, 1 or 2.
        excitation: whether small maps scale the channels of large ones (section 3.1).
    """
    n, base = doublings(shape[0])
    z, label = keras.Input((latent,), name="latent"), label_input() if classes else None
    told = z
    if classes:
        # Quiet, as in BigGAN: as loud as the noise, the class alone tells samples apart, and each becomes one picture.
        quiet = keras.initializers.RandomNormal(stddev=0.2)
        known = layers.Embedding(classes, embedding, embeddings_initializer=quiet, name="class")(label)
        told = layers.Concatenate()([z, known])

    def gated(x):
        return GatedLinear()(ConditionalNorm()([x, known]) if classes else plain_norm(x))

    first, *later = widths(shape[0], filters)
    x = layers.Dense(base * base * 2 * first, use_bias=False)(told)
    maps = [gated(layers.Reshape((base, base, 2 * first))(x))]
    leap = min(FARTHER if shape[0] >= LARGE else FAR, n)
    for place, width in enumerate(later, start=1):
        x = layers.UpSampling2D()(maps[-1])
        for _ in range(convolutions):
            x = gated(layers.Conv2D(2 * width, 3, padding="same", use_bias=False)(x))
        if excitation and place >= leap:
            x = layers.Multiply()([x, _excitation(maps[place - leap], width)])
        maps.append(x)
    image = layers.Conv2D(shape[-1], 3, padding="same", name="to_image")(maps[-1])
    image = layers.Activation("tanh", dtype="float32")(image)
    return keras.Model([z, label] if classes else z, image, name="generator")


def _excitation(small, width):
    """A small map (N, h, w, C) -> a number between 0 and 1 for each of ``width`` channels, (N, 1, 1, width) (equation 2)."""
    if small.shape[1] >= 8:  # to 4 to 7 pixels a side
        small = layers.AveragePooling2D(small.shape[1] // doublings(small.shape[1])[1])(small)
    x = layers.Conv2D(width, small.shape[1])(small)
    x = layers.Conv2D(width, 1)(layers.Activation("silu")(x))
    return layers.Activation("sigmoid")(x)


def discriminator(shape, filters, *, classes=0):
    """Images (N, *shape), and class indices -> ``{"logits": (N, 1), "coarse": a map of the whole, "fine": a larger map}``.

    Residual blocks that halve the image (figure 4) down to the base, which one convolution judges.
    """
    n, base = doublings(shape[0])
    sample, asked = keras.Input(shape, name="sample"), label_input() if classes else None
    x, maps = sample, []
    for place in range(n):
        width = filters * min(2 ** (place + 1), 8)
        x = _halved(x, width) if place else _active(_spectral(width, 4, strides=2)(x))
        maps.append(x)
    coarse, fine = tapped(maps)
    judged = _active(_spectral(x.shape[-1], 1)(x))
    # At most the base's side: a kernel over the whole map.
    said = layers.Flatten()(SpectralConv2D(1, base, dtype="float32", name="logit")(judged))
    if classes:
        said = layers.Add(dtype="float32")([said, likeness(layers.GlobalAveragePooling2D()(judged), asked, classes,
                                                           spectral=True)])
    return keras.Model([sample, asked] if classes else sample, {"logits": said, "coarse": coarse, "fine": fine},
                       name="discriminator")


def tapped(maps):
    """The maps that images are decoded from: the smallest of at least eight pixels a side, and the one before it."""
    large = [place for place, each in enumerate(maps) if each.shape[1] >= 8] or [0]
    return maps[large[-1]], maps[max(large[-1] - 1, 0)]


def _halved(x, width):
    past = _active(_spectral(width, 1)(layers.AveragePooling2D(2)(x)))
    x = _active(_spectral(width, 4, strides=2)(x))
    x = _active(_spectral(width, 3)(x))
    return layers.Average()([x, past])


def decoder(coarse, part, shape, filters):
    """Maps of the discriminator -> ``{"whole": images, "part": images of a quarter}``, both smaller or as they are.

    Args:
        coarse: shape (h, w, C) of the map of the whole.
        part: shape of a quarter of the finer map.
        shape: of an image.
    """
    given = [keras.Input(coarse, name="coarse"), keras.Input(part, name="part")]
    sides = [shape[0], shape[0] // 2]
    made = [_decoded(x, times(x.shape[1], side), shape[-1], filters) for x, side in zip(given, sides)]
    return keras.Model(given, dict(zip(("whole", "part"), made)), name="decoder")


def times(side, wanted):
    """How many times as large a map of so many pixels a side is decoded: a power of 2, at most :data:`DECODED`."""
    return min(DECODED, max(wanted // side, 1))


def _decoded(x, larger, channels, filters):
    while larger > 1:
        x = layers.UpSampling2D()(x)
        x = GatedLinear()(plain_norm(layers.Conv2D(2 * filters, 3, padding="same", use_bias=False)(x)))
        larger //= 2
    return layers.Activation("tanh", dtype="float32")(layers.Conv2D(channels, 3, padding="same")(x))


def _spectral(width, side, **options):
    return SpectralConv2D(width, side, padding="same", kernel_initializer="glorot_uniform", **options)


def _active(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)
