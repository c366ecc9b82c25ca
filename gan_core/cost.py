"""What a network costs: floating-point operations, counted from its layers (needs Keras)."""

import numpy as np
from keras import layers


def flops(network):
    """Operations of one forward pass of one sample; a multiply-add counts as two.

    Dense and convolution layers are counted, the rest costs little beside them.
    """
    return int(sum(_calls(network, each) * (flops(each) if hasattr(each, "layers") else _layer(each))
                   for each in network.layers))


def round_flops(model):
    """Operations of one round of the game, roughly: each turn of a player passes every network forwards and back,
    and the way back costs twice the way there."""
    forward = sum(flops(getattr(model, name)) for name in model.network_names)
    turns = sum(player.updates for player in model.players())
    return 3 * forward * turns * model.config.batch_size


def _calls(network, layer):
    """How often a layer is called in one pass: a recurrent network calls the same one at each step."""
    return max(1, sum(node.operation is layer for nodes in network._nodes_by_depth.values() for node in nodes))


def _layer(layer):
    if isinstance(layer, layers.Dense):
        return 2 * layer.kernel.shape[0] * np.prod(layer.output.shape[1:])
    if isinstance(layer, layers.Conv2DTranspose):  # each input pixel is spread over a window of outputs
        return 2 * np.prod(layer.kernel.shape) * np.prod(layer.input.shape[1:3])
    if isinstance(layer, layers.Conv2D):
        return 2 * np.prod(layer.kernel.shape) * np.prod(layer.output.shape[1:3])
    return 0
