"""Layers without weights: they look at a batch as a whole, at a pixel's channels, or at a class."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("gan_core")
class MinibatchStd(layers.Layer):
    """Adds one feature map with the batch's mean standard deviation (Karras 2018, section 3).

    (N, H, W, C) -> (N, H, W, C + 1).  Where the generator draws one thing only, it is near 0.
    """

    def call(self, x):
        centred = ops.cast(x, "float32")
        centred = centred - ops.mean(centred, axis=0, keepdims=True)
        deviation = ops.mean(ops.sqrt(ops.mean(ops.square(centred), axis=0) + 1e-8))
        return ops.concatenate([x, ops.ones_like(x[..., :1]) * ops.cast(deviation, x.dtype)], axis=-1)


@keras.saving.register_keras_serializable("gan_core")
class PixelNorm(layers.Layer):
    """Scales each pixel's channels to a mean square of 1 (Karras 2018, section 4.2); any rank, channels last."""

    def call(self, x):
        precise = ops.cast(x, "float32")
        scale = ops.rsqrt(ops.mean(ops.square(precise), axis=-1, keepdims=True) + 1e-8)
        return ops.cast(precise * scale, x.dtype)


@keras.saving.register_keras_serializable("gan_core")
class OneHot(layers.Layer):
    """(N,) class indices -> (N, classes)."""

    def __init__(self, classes, **options):
        super().__init__(**options)
        self.classes = classes

    def get_config(self):
        return super().get_config() | {"classes": self.classes}

    def call(self, label):
        return ops.one_hot(ops.cast(label, "int32"), self.classes, dtype=self.compute_dtype)
