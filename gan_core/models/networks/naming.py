"""Convolutions that end in a logit for each class."""

import keras
from keras import layers

POOLED = 64  # pixels a side: larger images are made smaller first, for their classes show at this size


def classifier(shape, classes, filters, blocks, width, *, batch_norm=True, dropout=0.0):
    """Images (N, H, W, C) in [-1, 1] -> logits (N, classes): ``blocks`` of a convolution of 3 x 3 and a pool of 2 x 2, with
    twice as many channels each time, then a hidden layer of ``width`` units."""
    image = x = keras.Input(shape, name="image")
    while max(x.shape[1:3]) > POOLED:
        x = layers.AveragePooling2D(2, padding="same")(x)
    for number in range(blocks):
        x = layers.Conv2D(filters * 2 ** number, 3, padding="same", use_bias=not batch_norm)(x)
        if batch_norm:
            x = layers.BatchNormalization(momentum=0.9)(x)  # statistics that follow within a hundred steps
        x = layers.ReLU()(x)
        if min(x.shape[1:3]) > 1:
            x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.ReLU()(layers.Dense(width, name="hidden")(layers.Flatten()(x)))
    if dropout:
        x = layers.Dropout(dropout)(x)
    return keras.Model(image, layers.Dense(classes, dtype="float32", name="logits")(x), name="classifier")
