"""Two encoders that put images and words into one space (Radford 2021, "Learning Transferable Visual Models From Natural
Language Supervision"), and the random squares of images that they, and whoever asks them, look at."""

import math

import keras
import numpy as np
from keras import layers, ops

AMONG = 100  # images in which a caption is to find its own
FIELDS = (3, 5, 9)  # numbers a side of the fields by which images are spoiled
SMALLEST = 0.75  # share of the side that a square has, at least
BEYOND = 0.1     # of what is left of the side, by which it may reach beyond the image's edge
RANGES = ((SMALLEST, 1.0), (-BEYOND, 1.0 + BEYOND), (-BEYOND, 1.0 + BEYOND))  # of its side, and of its place down and across
FAINT = 0.1      # deviation of the noise on it, at most
SHADE = 0.1      # by which it is made lighter or darker, at most


@keras.saving.register_keras_serializable("gan_core")
class Length1(layers.Layer):
    """Vectors (N, d), each divided by its length."""

    def call(self, x):
        x = ops.cast(x, "float32")
        return x * ops.rsqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 1e-12)

    def compute_output_shape(self, shape):
        return shape


@keras.saving.register_keras_serializable("gan_core")
class Scale(layers.Layer):
    """Vectors times a learned factor, ``exp(log_scale)``, from 1 to 100 (Radford 2021, section 2.5)."""

    def build(self, shape):
        self.log_scale = self.add_weight(shape=(), name="log_scale",
                                         initializer=keras.initializers.Constant(2.659))  # of 1 / 0.07

    def call(self, x):
        return x * ops.exp(ops.clip(ops.convert_to_tensor(self.log_scale), 0.0, 4.605))

    def compute_output_shape(self, shape):
        return shape


def image_encoder(shape, filters, width):
    """Images (N, *shape) in [-1, 1] -> vectors (N, width) of length 1: strided convolutions, and where each answered."""
    image = x = keras.Input(shape, name="image")
    for times in (1, 2, 4):
        x = layers.Conv2D(times * filters, 5 if times == 1 else 3, strides=2, padding="same")(x)
        x = layers.Activation("gelu")(layers.GroupNormalization(math.gcd(8, times * filters))(x))
    x = layers.Dense(4 * filters, activation="gelu")(layers.Flatten()(x))
    return keras.Model(image, Length1(dtype="float32")(layers.Dense(width, dtype="float32")(x)), name="image_encoder")


def text_encoder(length, words, embedding, hidden, width):
    """Captions (N, length) of whole numbers, 0 where there is no word -> vectors (N, width) of length 1, by a GRU."""
    caption = keras.Input((length,), name="caption", dtype="int32")
    x = layers.Embedding(words + 1, embedding, mask_zero=True, dtype="float32")(caption)
    x = layers.GRU(hidden, dtype="float32")(x)
    return keras.Model(caption, Length1(dtype="float32")(layers.Dense(width, dtype="float32")(x)), name="text_encoder")


def scale(width):
    """Vectors (N, width) times the learned factor: what cosines become before their softmax."""
    vectors = keras.Input((width,), name="vectors")
    return keras.Model(vectors, Scale(dtype="float32", name="factor")(vectors), name="scale")


def cutouts(images, seed):
    """A random square of each image (N, H, W, C), enlarged to its size, with some noise and light (Crowson 2022,
    "VQGAN-CLIP", section 3.3).  ``seed`` is a ``keras.random.SeedGenerator``."""
    n = images.shape[0]
    share, down, across = (keras.random.uniform((n, 1), low, high, seed=seed) for low, high in RANGES)
    light = keras.random.uniform((n, 1, 1, 1), -SHADE, SHADE, seed=seed)
    strength = keras.random.uniform((n, 1, 1, 1), 0.0, FAINT, seed=seed)
    return squares(images, share, down, across, light + strength * keras.random.normal(images.shape, seed=seed))


def spoiled(images, seed):
    """Images (N, H, W, C) of which each has patches of another one of the batch, or of itself from elsewhere: what fits no
    words, and is made of what does.  ``seed`` is a ``keras.random.SeedGenerator``.

    The patches are where a smooth field of chance is high: straight edges would give them away.
    """
    n, height, width, _ = images.shape
    each, others = ops.arange(n), keras.random.randint((n,), 1, max(n, 2), seed=seed)
    moved = ops.roll(images, (height // 2, width // 3), axis=(1, 2))
    itself = keras.random.uniform((n, 1, 1, 1), seed=seed) < 0.5
    given = ops.where(itself, moved, ops.take(images, (each + others) % n, axis=0))
    sizes = keras.random.randint((n, 1, 1, 1), 0, len(FIELDS), seed=seed)
    taken = ops.zeros((n, height, width, 1))
    for number, patches in enumerate(FIELDS):
        field = ops.image.resize(keras.random.uniform((n, patches, patches, 1), seed=seed), (height, width),
                                 interpolation="bilinear", data_format="channels_last")
        # As much is taken as is left, so that neither is whole.
        middle = ops.mean(field, axis=(1, 2), keepdims=True)
        taken = ops.where(sizes == number, ops.cast(field > middle, "float32"), taken)
    return images * (1.0 - taken) + given * taken


def squares_by(rng, shape):
    """What :func:`squares` is told of images of a shape (N, H, W, C), drawn as :func:`cutouts` does, by a NumPy
    generator."""
    share, down, across = (rng.uniform(low, high, (shape[0], 1)) for low, high in RANGES)
    each = (shape[0], 1, 1, 1)
    added = rng.uniform(-SHADE, SHADE, each) + rng.uniform(0.0, FAINT, each) * rng.standard_normal(shape)
    return [values.astype(np.float32) for values in (share, down, across, added)]


def squares(images, share, down, across, added):
    """A square of each image (N, H, W, C), enlarged to its size, to which something is ``added``; gradients pass through.

    Args:
        share: (N, 1), of the side that the square has.
        down, across: (N, 1), where it is: 0 at the upper or left edge, 1 at the other one, and beyond.
    """
    images = ops.cast(images, "float32")
    for axis, side, at in ((1, images.shape[1], down), (2, images.shape[2], across)):
        places = at * (1.0 - share) + share * ((ops.arange(side, dtype="float32") + 0.5) / side)[None]
        places = ops.clip(places * side - 0.5, 0.0, side - 1.0)  # beyond the edge is what is at the edge
        weights = ops.relu(1.0 - ops.abs(places[:, :, None] - ops.arange(side, dtype="float32")))
        images = ops.einsum("nab,nbwc->nawc" if axis == 1 else "nab,nhbc->nhac", weights, images)
    return images + added


def retrieval(likeness, captions, among=AMONG):
    """``{"retrieval": share, "n_retrieval": captions}``: of how many captions the image that is most like them is theirs,
    or one with the very same caption.

    Args:
        likeness: called with the rows of a group (n,), gives how like each caption of it (down) is each image (across).
        captions: (N, length), in whose order groups of ``among`` are taken; what does not fill one is left out, unless there
            is no other.
    """
    count = max(len(captions) - len(captions) % among, min(among, len(captions)))
    right = []
    for first in range(0, count, among):
        rows = np.arange(first, min(first + among, count))
        best = rows[np.asarray(likeness(rows)).argmax(axis=1)]
        right.append((captions[best] == captions[rows]).all(axis=1))
    right = np.concatenate(right)
    return {"retrieval": float(right.mean()), "n_retrieval": len(right)}
