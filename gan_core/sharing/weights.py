"""The weights of a graph as bytes, in fewer bits where a person wants a smaller file."""

import numpy as np

from gan_core.errors import BadInput
from gan_core.models.sampling.graph import Graph
from gan_core.sharing.names import PRECISIONS

SMALLEST = 256  # numbers of an array that is worth rounding: the others are a thousandth of the whole
ALIGNED = 4  # bytes


def packed(graph: Graph, precision):
    """``(description, bytes)`` of the constants.

    The description has for each ``value``, ``shape``, ``type`` and ``at``, where its numbers begin.  An array of ``int8``
    has a scale for each column of its last axis, float32 numbers that begin ``scales`` bytes in: a kernel's outputs differ
    in size, and with a scale of its own each keeps seven bits.

    Raises:
        BadInput: for a precision that there is not.
    """
    if precision not in PRECISIONS:
        raise BadInput(f"Weights can be written in {', '.join(PRECISIONS)}, not in {precision!r}.", {"precision": precision})
    described, parts, size = [], [], 0

    def put(array):
        nonlocal size
        data = array.tobytes()
        parts.append(data + bytes(-len(data) % ALIGNED))
        size += len(parts[-1])
        return size - len(parts[-1])

    for value, array in graph.constants.items():
        kind = precision if array.ndim > 1 and array.size >= SMALLEST else "float32"
        told = {"value": value, "shape": list(array.shape), "type": kind}
        if kind == "int8":
            rounded, scales = _rounded(array)
            told |= {"at": put(rounded), "scales": put(scales)}
        else:
            told["at"] = put(array.astype({"float32": "<f4", "float16": "<f2"}[kind]))
        described.append(told)
    return described, b"".join(parts)


def unpacked(described, data):
    """The constants again, as the player has them: ``{value: float32 array}``."""
    constants = {}
    for told in described:
        count, shape = int(np.prod(told["shape"])), told["shape"]
        array = np.frombuffer(data, {"float32": "<f4", "float16": "<f2", "int8": "i1"}[told["type"]], count, told["at"])
        array = array.reshape(shape).astype(np.float32)
        if told["type"] == "int8":
            array = array * np.frombuffer(data, "<f4", shape[-1], told["scales"])
        constants[told["value"]] = array
    return constants


def _rounded(array):
    """An array as whole numbers from -127 to 127, and the scale of each column."""
    scales = np.abs(array).reshape(-1, array.shape[-1]).max(axis=0).astype("<f4") / 127
    return np.rint(array / np.where(scales > 0, scales, 1)).astype(np.int8), scales
