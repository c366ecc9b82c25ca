"""ONNX: the graph of a sample in the operations of opset 17, for any number of samples at once."""

import json

import numpy as np

from gan_core.models import inputs
from gan_core.sharing.formats.base import Format, drawn_in_code

OPSET, IR = 17, 9
END = 2**62  # of a slice that goes to the end, and -END of one that goes to the beginning backwards
OUTPUT = "samples"
_WORDS = {}

# Giles 2012, "Approximating the erfinv function", table 5: of w = -ln(1 - x²), about w - 2.5 and √w - 3.
_NEAR = (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
         0.246640727, 1.50140941)
_FAR = (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
        1.00167406, 2.83297682)


class Onnx(Format):
    name, title, suffix, library = "onnx", "ONNX: for any runtime, in any language", ".onnx", "onnx"
    packages, order = ("onnx", "onnxruntime"), 10

    def written(self, model, told):
        import onnx
        from onnx import helper

        from gan_core.models.sampling import batched_graph

        graph = batched_graph(model)
        building = _Building(graph, inputs.stand_ins(model.inputs(), 1, seed=0))
        for node in graph.graph.nodes:
            building.say(node)
        building.rename(graph.graph.output)
        made = helper.make_model(
            helper.make_graph(building.nodes, model.name, building.described(), [building.output()], building.constants),
            opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="gan-workbench")
        helper.set_model_props(made, {name: str(value) for name, value in told.items()} | {
            "inputs": json.dumps([inputs.as_dict(known) for known in model.inputs()])})
        onnx.checker.check_model(made, full_check=True)
        return made.SerializeToString()

    def read(self, content):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        known = {there.name for there in session.get_inputs()}
        return lambda given: session.run(None, {name: values for name, values in given.items() if name in known})[0]

    def how(self, file, model):
        return "\n".join(["import numpy as np", "import onnxruntime", "", *drawn_in_code(model),
                          f"session = onnxruntime.InferenceSession({file!r})",
                          "known = {there.name for there in session.get_inputs()}",
                          "samples, = session.run(None, {name: given[name] for name in known})"])


class _Building:
    """Nodes and constants of ONNX, made of those of a graph."""

    def __init__(self, graph, drawn):
        from onnx import helper, numpy_helper

        self._helper, self._to_tensor = helper, numpy_helper.from_array
        self.graph, self.nodes, self.constants, self._names, self._kept = graph, [], [], {}, {}
        self._drawn, self._first = drawn, next(iter(graph.graph.inputs), None)
        for name, (value, _) in graph.graph.inputs.items():
            self._names[value] = name if drawn[name].dtype.kind == "f" else self.add("Cast", name, to=1)

    def described(self):
        """The inputs, with a batch of any size."""
        types = {"f": 1, "i": 6}
        return [self._helper.make_tensor_value_info(name, types[self._drawn[name].dtype.kind],
                                                    ["n", *self._drawn[name].shape[1:]])
                for name in self.graph.graph.inputs]

    def output(self):
        shape = ["n" if size is None else size for size in self.graph.shape(self.graph.graph.output)]
        return self._helper.make_tensor_value_info(OUTPUT, 1, shape)

    def rename(self, output):
        self.nodes.append(self._helper.make_node("Identity", [self.name(output)], [OUTPUT]))

    def add(self, operation, *names, **settings):
        """A node of ONNX; the name of what it makes."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(self._helper.make_node(operation, list(names), [name], **settings))
        return name

    def constant(self, array, kind=np.float32):
        array = np.asarray(array, kind)
        key = array.shape, array.dtype.str, array.tobytes()
        if key not in self._kept:
            self._kept[key] = f"c{len(self._kept)}"
            self.constants.append(self._to_tensor(array, self._kept[key]))
        return self._kept[key]

    def whole(self, numbers):
        return self.constant(numbers, np.int64)

    def name(self, value):
        """Of any value of the graph."""
        if value not in self._names:
            array = self.graph.graph.constants[value]
            name = self.constant(array)
            if (axis := self.graph.axes.get(value)) is not None:  # as many of it as there are samples
                count = self.add("Gather", self.add("Shape", self._first), self.whole([0]), axis=0)
                parts = [count if place == axis else self.whole([size]) for place, size in enumerate(array.shape)]
                name = self.add("Expand", name, self.add("Concat", *parts, axis=0))
            self._names[value] = name
        return self._names[value]

    def shape(self, value):
        return self.graph.shape(value)

    def reshaped(self, name, shape):
        return self.add("Reshape", name, self.whole([-1 if size is None else size for size in shape]))

    def say(self, node):
        self._names[node.output] = _WORDS[node.operation](self, node, *map(self.name, node.inputs))


def _word(*operations):
    def keep(function):
        _WORDS.update(dict.fromkeys(operations, function))
        return function
    return keep


def _plain(operation, word):
    _WORDS[operation] = lambda to, node, *names: to.add(word, *names)


for _operation, _name in {
        "tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "Relu", "softplus": "Softplus", "exp": "Exp", "log": "Log",
        "sqrt": "Sqrt", "absolute": "Abs", "negative": "Neg", "sin": "Sin", "cos": "Cos", "erf": "Erf", "floor": "Floor",
        "round": "Round", "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "maximum": "Max",
        "minimum": "Min", "power": "Pow"}.items():
    _plain(_operation, _name)


def _asked(operation, word):
    _WORDS[operation] = lambda to, node, *names: to.add("Cast", to.add(word, *names), to=1)


for _operation, _name in {"less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
                          "greater_equal": "GreaterOrEqual", "equal": "Equal"}.items():
    _asked(_operation, _name)


@_word("silu")
def _silu(to, node, x):
    return to.add("Mul", x, to.add("Sigmoid", x))


@_word("leaky_relu")
def _leaky_relu(to, node, x):
    return to.add("LeakyRelu", x, alpha=node.settings["slope"])


@_word("square")
def _square(to, node, x):
    return to.add("Mul", x, x)


@_word("rsqrt")
def _rsqrt(to, node, x):
    return to.add("Reciprocal", to.add("Sqrt", x))


@_word("erfinv")
def _erfinv(to, node, x):
    """By a polynomial for each of two stretches (Giles 2012): an error of 4e-7 of the value."""
    w = to.add("Neg", to.add("Log", to.add("Mul", to.add("Sub", to.constant(1), x), to.add("Add", to.constant(1), x))))

    def polynomial(about, factors):
        total = to.constant(factors[0])
        for factor in factors[1:]:
            total = to.add("Add", to.add("Mul", total, about), to.constant(factor))
        return total

    near = polynomial(to.add("Sub", w, to.constant(2.5)), _NEAR)
    far = polynomial(to.add("Sub", to.add("Sqrt", w), to.constant(3)), _FAR)
    return to.add("Mul", x, to.add("Where", to.add("Less", w, to.constant(5)), near, far))


@_word("truncate")
def _truncate(to, node, x):
    return to.add("Cast", to.add("Cast", x, to=7), to=1)


@_word("clip")
def _clip(to, node, x):
    return to.add("Clip", x, to.constant(node.settings["low"]), to.constant(node.settings["high"]))


@_word("where")
def _where(to, node, condition, x, y):
    return to.add("Where", to.add("Cast", condition, to=9), x, y)


@_word("reshape")
def _reshape(to, node, x):
    return to.reshaped(x, to.shape(node.output))


@_word("transpose")
def _transpose(to, node, x):
    return to.add("Transpose", x, perm=node.settings["axes"])


@_word("concatenate")
def _concatenate(to, node, *parts):
    return to.add("Concat", *parts, axis=node.settings["axis"])


@_word("slice")
def _slice(to, node, x):
    here, sizes = to.shape(node.inputs[0]), to.shape(node.output)
    starts, steps = node.settings["starts"], node.settings["steps"]
    ends = []
    for start, step, size, length in zip(starts, steps, sizes, here):
        end = END if length is None else start + step * size
        ends.append(end if end >= 0 else -END)
    return to.add("Slice", x, to.whole(starts), to.whole(ends), to.whole(range(len(starts))), to.whole(steps))


@_word("repeat")
def _repeat(to, node, x):
    axis, times = node.settings["axis"], node.settings["times"]
    rank = len(to.shape(node.inputs[0]))
    wider = to.add("Unsqueeze", x, to.whole([axis + 1]))
    tiled = to.add("Tile", wider, to.whole([times if place == axis + 1 else 1 for place in range(rank + 1)]))
    return to.reshaped(tiled, to.shape(node.output))


@_word("pad")
def _pad(to, node, x):
    before = node.settings["before"]
    after = [0 if here is None else there - here - first
             for here, there, first in zip(to.shape(node.inputs[0]), to.shape(node.output), before)]
    return to.add("Pad", x, to.whole([*before, *after]), to.constant(node.settings["value"]))


def _reduced(operation, word, as_input=False):
    @_word(operation)
    def reduce(to, node, x):
        axes, here = node.settings["axes"], to.shape(node.inputs[0])
        keepdims = int(len(here) == len(node.shape))
        return (to.add(word, x, to.whole(axes), keepdims=keepdims) if as_input else
                to.add(word, x, axes=axes, keepdims=keepdims))


for _operation, _name in {"mean": "ReduceMean", "largest": "ReduceMax", "smallest": "ReduceMin"}.items():
    _reduced(_operation, _name)
_reduced("sum", "ReduceSum", as_input=True)


@_word("softmax")
def _softmax(to, node, x):
    return to.add("Softmax", x, axis=-1)


@_word("take")
def _take(to, node, table, indices):
    return to.add("Gather", table, to.add("Cast", indices, to=7), axis=0)


@_word("one_hot")
def _one_hot(to, node, x):
    return to.add("Cast", to.add("Equal", to.add("Unsqueeze", x, to.whole([-1])), to.constant(
        np.arange(node.shape[-1]))), to=1)


@_word("matrix_product")
def _matrix_product(to, node, x, kernel, bias=None):
    product = to.add("MatMul", x, kernel)
    return product if bias is None else to.add("Add", product, bias)


def _by_channels(to, node, x, word, axes, bias, **settings):
    """A convolution: ONNX has channels before places, and kernels as (out, in, height, width)."""
    kernel = np.transpose(to.graph.graph.constants[node.inputs[1]], axes)
    names = [to.add("Transpose", x, perm=[0, 3, 1, 2]), to.constant(kernel)]
    if bias is not None:
        names.append(to.constant(np.broadcast_to(to.graph.graph.constants[node.inputs[2]], node.shape[-1:])))
    return to.add("Transpose", to.add(word, *names, **settings), perm=[0, 2, 3, 1])


@_word("convolution")
def _convolution(to, node, x, kernel, bias=None):
    size, before, strides = to.shape(node.inputs[1])[:2], node.settings["before"], node.settings["strides"]
    after = [max(0, (there - 1) * stride + part - first - here) for there, stride, part, first, here in
             zip(node.shape[1:3], strides, size, before, to.shape(node.inputs[0])[1:3])]
    return _by_channels(to, node, x, "Conv", (3, 2, 0, 1), bias, strides=strides, pads=[*before, *after])


@_word("transposed_convolution")
def _transposed_convolution(to, node, x, kernel, bias=None):
    size, before, strides = to.shape(node.inputs[1])[:2], node.settings["before"], node.settings["strides"]
    beyond = [stride * (here - 1) + part - first - there for stride, here, part, first, there in
              zip(strides, to.shape(node.inputs[0])[1:3], size, before, node.shape[1:3])]
    return _by_channels(to, node, x, "ConvTranspose", (2, 3, 0, 1), bias, strides=strides,
                        pads=[*before, *(max(0, left) for left in beyond)],
                        output_padding=[max(0, -left) for left in beyond])


@_word("enlarge_nearest", "enlarge_bilinear")
def _enlarge(to, node, x):
    here, there = to.shape(node.inputs[0]), node.shape
    scales = to.constant([1, there[1] / here[1], there[2] / here[2], 1])
    how = ({"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
           if node.operation == "enlarge_nearest" else {"mode": "linear", "coordinate_transformation_mode": "half_pixel"})
    return to.add("Resize", x, "", scales, **how)
