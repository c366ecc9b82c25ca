"""A fixed random convolutional network: features for data that has no labels.

Random embeddings rank generators sensibly where no classifier knows the data (Naeem et al. 2020, "random embedding").
The weights are a function of the images' shape alone, so two machines agree to the bit.
"""

from gan_core.evaluation.extractors.base import MOST, KerasExtractor, Offer, by, compile_options, he_uniform
from gan_core.modalities.base import RANDOM

SEED = 2020
RECIPE = f"random network 1: he uniform {SEED}, 3 x 3 convolutions, ReLU, means over 4 x 4 fields"
FIRST, INNER, LAST = 32, 64, 8  # channels
COARSEST = 8  # pixels a side, from which on nothing is halved
FIELDS = 4    # a side, over which the last layer is averaged: 4 x 4 x 8 are 128 features


def extractor(shape):
    """The extractor for images of ``shape`` (H, W, C): 128 features, mean activations in the fields of a 4 x 4 grid."""
    import keras
    from keras import layers

    image = x = keras.Input(shape, name="image")
    strides = [1, *[2] * halvings(shape)]
    strides += [1] * (3 - len(strides))
    for index, stride in enumerate(strides):
        width = FIRST if index == 0 else LAST if index == len(strides) - 1 else INNER
        x = layers.Conv2D(width, 3, strides=stride, padding="same", activation="relu",
                          kernel_initializer="zeros")(x)
    # A finer grid and fewer channels see more of what is missing: on 2,000 MNIST digits without 7, 8 and 9 the kernel
    # distance was 13 times the floor's spread, against 3 times with 32 channels in a 2 x 2 grid.
    x = layers.AveragePooling2D([-(-side // FIELDS) for side in x.shape[1:3]], padding="same")(x)
    network = keras.Model(image, layers.Flatten()(x), name=RANDOM)
    network.compile(**compile_options())
    he_uniform(network, SEED)
    assert network.output_shape[-1] <= MOST
    # The strides are no weights, and make another extractor for another size.
    return KerasExtractor(RANDOM, network, f"{RECIPE}, for {by(shape)}")


def halvings(shape):
    """How often the longer side is halved until it is at most 8 pixels."""
    side, count = max(shape[:2]), 0
    while side > COARSEST:
        side, count = -(-side // 2), count + 1
    return count


EXTRACTOR = Offer(RANDOM, title="the random network", order=20, stands_in=lambda dataset: True,
                  make=lambda dataset, workspace, progress, should_stop: extractor(dataset.x.shape[1:]))
