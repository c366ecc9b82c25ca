"""Numbers of a vector in another order, by what every reader of a model knows."""

import numpy as np
from keras import ops

LARGEST = 10**6  # entries of a matrix


def ordered(values, places):
    """(N, d) -> (N, len(places)): the numbers that stand at these places, each as often as it is named.

    By a product with a matrix of ones and zeros, which exported models can do: they know no other way to take columns.
    Of very wide vectors, whose matrix would be too large, they are taken as TensorFlow does it.
    """
    width = values.shape[1]
    if width * len(places) > LARGEST:
        return ops.take(values, places, axis=1)
    matrix = np.zeros((width, len(places)), np.float32)
    matrix[places, np.arange(len(places))] = 1
    return ops.matmul(values, matrix)
