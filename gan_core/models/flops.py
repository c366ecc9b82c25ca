"""What a network costs: floating-point operations, counted from its layers (needs Keras)."""

import math

from keras import layers


def flops(network):
    """Operations of one forward pass of one sample; a multiply-add counts as two.

    Dense and convolution layers are counted, the rest costs little beside them.  A layer of our own that costs more
    says so in a method ``flops(input_shape, output_shape)``, of shapes without the batch.
    """
    return int(sum(_calls(network, layer) * _layer(layer, layer.input, layer.output) for layer in network.layers))


def sample_flops(model):
    """Operations of drawing one sample: a forward pass of each network that it goes through, or as many as ``passes``
    says."""
    return sum(model.passes.get(name, 1) * flops(getattr(model, name)) for name in model.averaged)


def round_flops(model):
    """Operations of one round of the game, roughly: each turn of a player passes every network forwards and back,
    and the way back costs twice the way there."""
    forward = sum(flops(getattr(model, name)) for name in model.network_names)
    turns = sum(player.updates for player in model.players())
    return (3 * forward * turns + model.flops_beside()) * model.config.batch_size


def _calls(network, layer):
    """How often a layer is called in one pass: a recurrent network calls the same one at each step."""
    return max(1, sum(node.operation is layer for nodes in network._nodes_by_depth.values() for node in nodes))


def _layer(layer, given, made):
    if hasattr(layer, "flops"):
        return layer.flops(_shape(given), _shape(made))
    if hasattr(layer, "layers"):
        return flops(layer)
    if isinstance(layer, layers.Wrapper):  # spectral normalisation: what it adds is little beside what it wraps
        return _layer(layer.layer, given, made)
    if isinstance(layer, (layers.LSTM, layers.GRU)):  # at each step of a sequence, which may come with its first state
        sequence = given[0] if isinstance(given, (list, tuple)) else given
        return 2 * (layer.cell.kernel.shape[0] + layer.units) * layer.cell.kernel.shape[1] * _shape(sequence)[0]
    if isinstance(layer, layers.Dense):
        return 2 * layer.kernel.shape[0] * math.prod(_shape(made))
    if isinstance(layer, layers.Conv2DTranspose):  # each input pixel is spread over a window of outputs
        return 2 * math.prod(layer.kernel.shape) * math.prod(_shape(given)[:2])
    if isinstance(layer, layers.DepthwiseConv2D):
        return 2 * math.prod(layer.kernel.shape[:2]) * math.prod(_shape(made))
    if isinstance(layer, layers.Conv2D):
        return 2 * math.prod(layer.kernel.shape) * math.prod(_shape(made)[:2])
    return 0


def _shape(tensor):
    """Without the batch; of several tensors a list."""
    return [_shape(part) for part in tensor] if isinstance(tensor, (list, tuple)) else tuple(tensor.shape[1:])
