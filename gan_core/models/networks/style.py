"""Networks whose style is set layer by layer (Karras 2020, section 2 and figure 2; StyleGAN2)."""

import keras
from keras import layers, ops

from gan_core.models.networks.progressive import resolutions, widths
from gan_core.models.networks.reparametrised import EqualConv2D, EqualDense
from gan_core.models.networks.statistics import MinibatchStd, PixelNorm


@keras.saving.register_keras_serializable("gan_core")
class ModulatedConv2D(EqualConv2D):
    """A convolution whose kernel is scaled by a style for each sample (equations 1 and 3).

    ``layer(x, style)``: x (N, H, W, C) and style (N, C).  The kernel w'_ijk = s_i w_ijk of a sample, divided by the
    norm that it has for each output j, gives outputs of unit variance for inputs of unit variance.  Scaling the inputs
    by s and the outputs by one over that norm is the same without a kernel for every sample.
    """

    def __init__(self, *args, demodulate=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.demodulate = demodulate

    def get_config(self):
        return super().get_config() | {"demodulate": self.demodulate}

    def build(self, x_shape, style_shape):
        super().build(x_shape)

    def compute_output_shape(self, x_shape, style_shape=None):
        return super().compute_output_shape(x_shape)

    def call(self, x, style):
        y = self.convolution_op(ops.multiply(x, style[:, None, None]), self.kernel)
        if self.demodulate:
            # In full precision: squares of small numbers.
            power = ops.sum(ops.square(ops.cast(self.kernel, "float32")), axis=(0, 1))
            norm = ops.rsqrt(ops.matmul(ops.square(ops.cast(style, "float32")), power) + 1e-8)
            y = y * ops.cast(norm, y.dtype)[:, None, None]
        return y + ops.cast(self.bias, y.dtype) if self.use_bias else y


@keras.saving.register_keras_serializable("gan_core")
class PixelNoise(layers.Layer):
    """Adds a pixel's worth of noise to all channels of each pixel, times a learned strength.

    ``layer(x, noise)``: x (N, H, W, C) and noise (N, P), of which the layer takes the H W numbers from ``start`` on.
    """

    def __init__(self, start, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def get_config(self):
        return super().get_config() | {"start": self.start}

    def build(self, x_shape, noise_shape):
        self.strength = self.add_weight(name="strength", shape=(), initializer="zeros")

    def call(self, x, noise):
        _, height, width, _ = x.shape
        mine = ops.reshape(noise[:, self.start:self.start + height * width], (-1, height, width, 1))
        return x + self.strength * mine


@keras.saving.register_keras_serializable("gan_core")
class LearnedImage(layers.Layer):
    """The same learned feature map (H, W, C) for every sample of a batch."""

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def get_config(self):
        return super().get_config() | {"shape": self.shape}

    def build(self, input_shape):
        self.image = self.add_weight(name="image", shape=self.shape,
                                     initializer=keras.initializers.RandomNormal(stddev=1.0))

    def call(self, x):
        image = ops.cast(ops.convert_to_tensor(self.image), self.compute_dtype)
        return ops.broadcast_to(image, (ops.shape(x)[0], *self.shape))


def style_count(size):
    """Places where the generator takes a style: each convolution, and the last way to an image."""
    return 2 * len(resolutions(size))


def noise_count(size):
    """Numbers of noise in a sample: one for each pixel of each convolution."""
    first, *later = resolutions(size)
    return first ** 2 + sum(2 * side ** 2 for side in later)


def mapping(latent, depth):
    """z (N, latent) -> w (N, latent): fully connected layers that learn a hundred times more slowly than the rest."""
    z = keras.Input((latent,), name="latent")
    x = PixelNorm()(z)
    for _ in range(depth):
        x = _leaky()(EqualDense(latent, rate=0.01)(x))
    return keras.Model(z, x, name="mapping")


def generator(latent, shape, filters, noisy=True):
    """[a w for each layer (N, L, latent), noise (N, P)] -> images (N, *shape), the sum of one from each resolution; without
    noise, where it is not to be ``noisy``, the styles alone.

    L is :func:`style_count`, P is :func:`noise_count`.  Where the paper's images are linear, the sum of these passes through
    tanh: most pixels of a digit are exactly black, a discriminator sees at once that those of a linear output are not, and
    the generator then drew one single image that came near it.
    """
    size = shape[0]
    styles = keras.Input((style_count(size), latent), name="styles")
    noise = keras.Input((noise_count(size),), name="noise")
    place = start = 0
    x = image = None

    def style(x, place):
        return EqualDense(x.shape[-1], gain=1.0, bias_initializer="ones")(styles[:, place])

    for index, (side, width) in enumerate(zip(resolutions(size), widths(size, filters), strict=True)):
        x = _doubled(x) if index else LearnedImage((side, side, width))(styles)
        for _ in range(2 if index else 1):
            x = ModulatedConv2D(width, 3, padding="same")(x, style(x, place))
            x = _leaky()(PixelNoise(start)(x, noise) if noisy else x)
            place, start = place + 1, start + side * side
        # The way to the image has a style of its own place only at the end; before, it shares the next convolution's.
        # Small at first: in its flat ends tanh has no gradient.
        to_image = ModulatedConv2D(shape[-1], 1, gain=0.3, demodulate=False, dtype="float32", name=f"to_{side}")
        own = to_image(x, style(x, place))
        if index:
            own = layers.Add(dtype="float32")([_doubled(image, dtype="float32"), own])
        image = own
    image = layers.Activation("tanh", dtype="float32")(image)
    return keras.Model([styles, noise] if noisy else styles, image, name="generator")


def discriminator(shape, filters):
    """(N, *shape) -> logits (N, 1), through residual blocks that halve the image (figure 7)."""
    sample = keras.Input(shape, name="sample")
    channels = widths(shape[0], filters)
    x = _leaky()(EqualConv2D(channels[-1], 1)(sample))
    for width, narrower in zip(reversed(channels[1:]), reversed(channels[:-1])):
        # Gains that are less by the root of 2, so that the sum keeps the variance.
        past = EqualConv2D(narrower, 1, gain=0.5 ** 0.5, use_bias=False)(layers.AveragePooling2D(2)(x))
        x = _leaky()(EqualConv2D(width, 3, padding="same")(x))
        x = _leaky()(EqualConv2D(narrower, 3, padding="same", gain=1.0)(x))
        x = layers.Add()([layers.AveragePooling2D(2)(x), past])
    x = _leaky()(EqualConv2D(channels[0], 3, padding="same")(MinibatchStd()(x)))
    x = _leaky()(EqualDense(channels[0])(layers.Flatten()(x)))
    return keras.Model(sample, EqualDense(1, gain=1.0, dtype="float32", name="logit")(x), name="discriminator")


def _doubled(x, **options):
    """Between pixels a straight line: near the paper's filter, and copies of pixels would show as squares."""
    return layers.UpSampling2D(interpolation="bilinear", **options)(x)


def _leaky():
    return layers.LeakyReLU(negative_slope=0.2)
