"""How a model draws one sample, as plain data that needs no Keras: a list of operations and the weights in them.

:mod:`gan_core.models.sampling.graph` is what such data are, :mod:`~gan_core.models.sampling.operations` how they are made of
what Keras does, :mod:`~gan_core.models.sampling.reference` what they mean.
"""

from keras import ops

from gan_core.engine import symbolic
from gan_core.errors import BadInput
from gan_core.models import inputs
from gan_core.models.exact import exact
from gan_core.models.sampling.batched import MORE, batched
from gan_core.models.sampling.operations import UnknownOperation, graph_of

__all__ = ["batched_graph", "picture_graph", "sampling_graph"]


def batched_graph(model):
    """The :class:`~gan_core.models.sampling.batched.Batched` graph of any number of samples.

    Raises:
        BadInput: as :func:`sampling_graph`, and where samples are not made each by itself.
    """
    return batched(sampling_graph(model), sampling_graph(model, MORE))


def sampling_graph(model, n=1):
    """The :class:`~gan_core.models.sampling.graph.Graph` of one sample, or of ``n`` at once, from inputs to values.

    It computes in single precision, whatever the model was trained in.

    Raises:
        BadInput: with a sentence, where a sample is more than a list of operations.
    """
    if model.not_a_graph:
        raise BadInput(model.not_a_graph)
    model = exact(model)
    drawn = inputs.stand_ins(model.inputs(), n, seed=0)
    return _graph_of(model, model.sample, {name: (values.shape, str(values.dtype)) for name, values in drawn.items()})


def picture_graph(model, to, side=None):
    """The :class:`~gan_core.models.sampling.graph.Graph` of what a model makes of one picture by a way of its
    ``translations``, from ``source`` to the picture.

    Args:
        side: pixels of the source, where pictures of any size are translated; by default what the model learned from.

    Raises:
        BadInput: as :func:`sampling_graph`.
    """
    if model.not_a_graph:
        raise BadInput(model.not_a_graph)
    model, shape = exact(model), model.source_shape(to)
    if side is not None and (whole := model.any_size(to)) is not None:
        network, shape = whole[0], (side, side, shape[-1])
        return _graph_of(model, lambda given: ops.clip(network(given["source"], training=False), -1.0, 1.0),
                         {"source": ((1, *shape), "float32")})
    return _graph_of(model, lambda given: model.translate(given["source"], to), {"source": ((1, *shape), "float32")})


def _graph_of(model, function, described):
    try:
        calls = symbolic.traced(function, described)
    except (ValueError, TypeError, NotImplementedError) as error:  # of a symbol that has no numbers
        raise BadInput(f"{model.title} cannot leave the workbench: its samples are not made by operations of Keras alone "
                       f"({type(error).__name__}).") from error
    try:
        return graph_of(*calls)
    except UnknownOperation as unknown:
        raise BadInput(f"{model.title} cannot leave the workbench: its samples need {unknown}, which the player does not "
                       "know.") from unknown
