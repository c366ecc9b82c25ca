"""Discriminators of features that are known already (Sauer 2021, "Projected GANs"): a network that others have trained looks
at the image, its maps are mixed at random, once and for all, and a small network judges each of the mixtures.

And StyleGAN's generator as one network, which the paper has beside FastGAN's.
"""

import math

import keras
from keras import layers, ops

from gan_core.models.networks import style
from gan_core.models.networks.dcgan import label_input, likeness
from gan_core.models.networks.reparametrised import SpectralConv2D
from gan_core.models.networks.statistics import MinibatchStd

SMALLEST = 4  # pixels a side to which a head halves its map


def discriminator(shapes, width, *, mixed=True, minibatch_std=False, classes=0):
    """Maps (N, h, w, C) of each of ``shapes``, the largest first, and class indices where there are ``classes`` -> logits
    (N, K), one for each map.

    Args:
        width: channels of the mixtures of the two larger maps; those of the smaller ones have twice as many.
        mixed: whether smaller maps are added to larger ones, so that each head knows of the whole (section 3.2).
        minibatch_std: whether heads are told how much the samples of a batch differ.
    """
    given = [keras.Input(shape, name=f"maps_{place}") for place, shape in enumerate(shapes)]
    asked = label_input() if classes else None
    widths = [width if place < len(shapes) / 2 else 2 * width for place in range(len(shapes))]
    mixtures = [FixedMixture(wide, name=f"fixed_channels_{place}")(maps)
                for place, (wide, maps) in enumerate(zip(widths, given))]
    for place in range(len(mixtures) - 2, -1, -1) if mixed else ():
        smaller = FixedMixture(widths[place], name=f"fixed_scales_{place}")(mixtures[place + 1])
        by = mixtures[place].shape[1] // smaller.shape[1]
        smaller = layers.UpSampling2D(by)(smaller) if by > 1 else smaller
        mixtures[place] = layers.Rescaling(0.5 ** 0.5)(layers.Add()([mixtures[place], smaller]))
    said = [_head(maps, minibatch_std, asked, classes, place) for place, maps in enumerate(mixtures)]
    return keras.Model([*given, asked] if classes else given, layers.Concatenate(dtype="float32")(said),
                       name="discriminator")


@keras.saving.register_keras_serializable("gan_core")
class FixedMixture(layers.Layer):
    """A mixture of channels, (N, H, W, C) -> (N, H, W, width), that stays as it is drawn and keeps the mean square (section
    3.2: random, fixed projections)."""

    def __init__(self, width, **options):
        super().__init__(**options)
        self.width = width

    def get_config(self):
        return super().get_config() | {"width": self.width}

    def build(self, shape):
        self.kernel = self.add_weight(name="kernel", shape=(shape[-1], self.width), trainable=False,
                                      initializer=keras.initializers.VarianceScaling(1.0))

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.width)

    def flops(self, input_shape, output_shape):
        return 2 * input_shape[-1] * math.prod(output_shape)

    def call(self, x):
        return ops.matmul(x, ops.cast(self.kernel, x.dtype))


def _head(maps, minibatch_std, asked, classes, place):
    """A map -> logits (N, 1): strided convolutions down to four pixels, and one over what is left."""
    x = maps
    while x.shape[1] > SMALLEST:
        x = _active(_spectral(x.shape[-1], SMALLEST, strides=2)(x))
    if x is maps:  # one at least that is not linear
        x = _active(_spectral(x.shape[-1], 1)(x))
    if minibatch_std:
        x = _active(_spectral(x.shape[-1], 1)(MinibatchStd()(x)))
    kernel = x.shape[1:3]
    logit = layers.Flatten()(SpectralConv2D(1, kernel, kernel_initializer="glorot_uniform", dtype="float32",
                                            name=f"logit_{place}")(x))
    if not classes:
        return logit
    pooled = layers.GlobalAveragePooling2D(name=f"pooled_{place}")(x)
    return layers.Add(dtype="float32")([logit, likeness(pooled, asked, classes, spectral=True,
                                                        name=f"class_vector_{place}")])


def _spectral(width, side, **options):
    return SpectralConv2D(width, side, padding="same", kernel_initializer="glorot_uniform", **options)


def _active(x):
    return layers.LeakyReLU(negative_slope=0.2)(x)


def style_generator(latent, shape, filters, *, classes=0, embedding=0, depth=2):
    """(N, latent), and class indices where there are ``classes`` -> images (N, *shape): StyleGAN2's networks as one, with
    one style for all layers and without noise in them."""
    z, label = keras.Input((latent,), name="latent"), label_input() if classes else None
    told = z
    if classes:
        known = layers.Embedding(classes, embedding, name="class")(label)
        told = layers.Concatenate()([z, known])
    w = style.mapping(told.shape[-1], depth)(told)
    styles = layers.RepeatVector(style.style_count(shape[0]))(w)
    image = style.generator(told.shape[-1], shape, filters, noisy=False)(styles)
    return keras.Model([z, label] if classes else z, image, name="generator")
