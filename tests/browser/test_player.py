"""The player in a real browser: the operations of a graph, random numbers, films; what it draws is what Keras draws."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from gan_core.data import DOMAINS, IMAGES, PAIRS
from gan_core.models import inputs
from gan_core.models.sampling import reference, sampling_graph
from gan_core.models.sampling.graph import Graph, Node
from gan_core.sharing import demo, weights
from gan_core.sharing.page import PLAYER
from gan_core.models.registry import architecture
from helpers_zoo import GAMES, built, trained

N = 64
PLAYED = [(name, kind) for name, kind in GAMES if not architecture(name).not_a_graph]
# Of what is not taken from data.
DRAWN = [(name, kind) for name, kind in PLAYED if kind not in (PAIRS, DOMAINS) and not architecture(name).gives]
CLOSE = 1e-4


@pytest.fixture(scope="module")
def player(chromium):
    """A page with all scripts of the player but that of a page."""
    page = chromium.new_page()
    page.goto("about:blank")
    names = ("shapes.js", "operations.js", "random.js", "inputs.js", "gif.js", "worker.js")
    scripts = [(PLAYER / name).read_text() for name in names]
    page.add_script_tag(content="\n".join(scripts))
    yield page
    page.close()


def played(player, graph, given, precision="float32"):
    """(N, ...) samples, as the browser computes them."""
    described, data = weights.packed(graph, precision)
    plain = {name: np.asarray(values, float).reshape(len(values), -1).tolist() for name, values in given.items()}
    out = player.evaluate("""([graph, data, given]) => {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer
        const run = prepared(graph, unpacked(graph.constants, bytes))
        const n = Object.values(given)[0].length
        return Array.from({ length: n }, (_, i) =>
            Array.from(run(Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values[i]])))))
    }""", [demo.plain_graph(graph, described), base64.b64encode(data).decode(), plain])
    return np.array(out, np.float32).reshape(-1, *graph.shape(graph.output)[1:])


@pytest.mark.parametrize("name, kind", PLAYED)
def test_the_browser_draws_what_keras_draws(player, noise_for, name, kind):
    model = trained(name, kind, noise_for)
    given = inputs.stand_ins(model.inputs(), N, seed=3)
    drawn = np.asarray(model.sample(given))
    there = played(player, sampling_graph(model), given)
    assert drawn.std() > 0.001, "else all would be alike"
    np.testing.assert_allclose(there, drawn, rtol=0, atol=CLOSE * max(1.0, np.abs(drawn).max()))


@pytest.mark.parametrize("name, kind", DRAWN)
def test_the_browser_draws_the_inputs_that_numpy_draws(player, noise_for, name, kind):
    known = architecture(name)(architecture(name).Config.tiny(), noise_for(name, kind).spec).inputs()
    for seed in (0, 2**40 + 5):
        there = player.evaluate("([inputs, n, seed]) => drawInputs(inputs, n, seed).map((sample) => Object.fromEntries("
                                "Object.entries(sample).map(([name, values]) => [name, Array.from(values)])))",
                                [[inputs.as_dict(each) for each in known], 12, str(seed)])
        for each, values in inputs.draw(known, 12, seed).items():
            np.testing.assert_allclose([sample[each] for sample in there], values.reshape(12, -1), atol=1e-6)


def test_many_random_numbers_are_those_of_numpy(player):
    """Layers of the ziggurat that are seldom come to, too."""
    there = player.evaluate("""(n) => {
        const random = new Random([5n, 0])
        return Array.from({ length: n }, () => random.normal())
    }""", 200_000)
    np.testing.assert_allclose(there, np.random.default_rng([5, 0]).standard_normal(200_000, dtype=np.float32), atol=2e-6)
    assert max(map(abs, there)) > 3.7, "the tail was come to"


def example(operation, rng):
    """``(settings, inputs, shape)`` of a case of an operation."""
    x, y = rng.normal(0, 1, (1, 3, 4, 2)), np.array([0.3, -0.2])
    cases = {
        "leaky_relu": ({"slope": 0.1}, [x], x.shape), "clip": ({"low": -0.5, "high": 0.2}, [x], x.shape),
        "sqrt": ({}, [np.abs(x)], x.shape), "log": ({}, [np.abs(x)], x.shape), "rsqrt": ({}, [np.abs(x) + 0.1], x.shape),
        "erfinv": ({}, [np.tanh(x)], x.shape), "power": ({}, [np.abs(x), y], x.shape),
        "round": ({}, [np.round(4 * x) / 2], x.shape),
        "equal": ({}, [np.round(x), [0.0, 1.0]], x.shape), "where": ({}, [x > 0, x, y], x.shape),
        "reshape": ({}, [x], (1, 24)), "transpose": ({"axes": [0, 3, 1, 2]}, [x], (1, 2, 3, 4)),
        "concatenate": ({"axis": 2}, [x, 2 * x[:, :, :1]], (1, 3, 5, 2)),
        "slice": ({"starts": [0, 2, 0, 1], "steps": [1, -2, 3, 1]}, [x], (1, 2, 2, 1)),
        "repeat": ({"axis": 1, "times": 3}, [x], (1, 9, 4, 2)),
        "pad": ({"before": [0, 1, 0, 2], "value": -7.0}, [x], (1, 5, 4, 5)),
        "softmax": ({}, [x], x.shape), "take": ({}, [x[0, :, :, 0], [2, 0]], (2, 4)), "one_hot": ({}, [[1, 3]], (2, 5)),
        "matrix_product": ({}, [x, rng.normal(0, 1, (2, 7)), rng.normal(0, 1, 7)], (1, 3, 4, 7)),
        "convolution": ({"strides": [2, 1], "before": [1, 1]}, [x, rng.normal(0, 1, (3, 2, 2, 5)), rng.normal(0, 1, 5)],
                        (1, 2, 4, 5)),
        "transposed_convolution": ({"strides": [2, 2], "before": [1, 1]}, [x, rng.normal(0, 1, (4, 4, 2, 1))], (1, 6, 8, 1)),
        "enlarge_nearest": ({}, [x], (1, 6, 12, 2)), "enlarge_bilinear": ({}, [x], (1, 6, 12, 2))}
    if operation in ("mean", "sum", "largest", "smallest"):
        return {"axes": [1, 3]}, [x], (1, 4)
    two = ("add", "subtract", "multiply", "divide", "maximum", "minimum", "less", "less_equal", "greater", "greater_equal")
    return cases.get(operation, ({}, [x, y] if operation in two else [x], x.shape))


@pytest.mark.parametrize("operation", reference.OPERATIONS)
def test_each_operation_means_the_same_here_and_there(player, operation):
    settings, given, shape = example(operation, np.random.default_rng(1))
    constants = {place: np.asarray(values, np.float32) for place, values in enumerate(given)}
    node = Node(operation, tuple(constants), len(constants), tuple(shape), settings)
    graph = Graph({"unused": (99, (1,))}, constants, [node], len(constants))
    here = reference.run(graph, {"unused": np.zeros(1)})
    there = played(player, graph, {"unused": np.zeros((1, 1))})
    np.testing.assert_allclose(there.reshape(here.shape), here, rtol=1e-5, atol=1e-5)
    assert np.isfinite(here).all() and np.ptp(here) > 0


def test_both_know_the_same_operations(player):
    assert set(player.evaluate("Object.keys(OPERATIONS)")) == set(reference.OPERATIONS)
    # What turns stays within the workbench.
    drawn = {kind for kind, made in inputs.kinds().items() if not made.from_data} - {"angle"}
    assert set(player.evaluate("Object.keys(DRAWN)")) == drawn == demo.DRAWN


@pytest.mark.parametrize("precision, most", [("float32", 1e-7), ("float16", 2e-3), ("int8", 0.05)])
def test_rounded_weights_are_the_same_here_and_there(player, noise_for, precision, most):
    graph = sampling_graph(trained("dcgan", IMAGES, noise_for))
    described, data = weights.packed(graph, precision)
    there = player.evaluate("""([described, data]) => {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer
        const constants = Object.entries(unpacked(described, bytes))
        return Object.fromEntries(constants.map(([key, values]) => [key, Array.from(values)]))
    }""", [described, base64.b64encode(data).decode()])
    here = weights.unpacked(described, data)
    for value, array in graph.constants.items():
        np.testing.assert_array_equal(np.float32(there[str(value)]), here[value].ravel())
        assert np.abs(here[value] - array).max() <= most * np.abs(array).max()


@pytest.mark.parametrize("colours", [1, 3])
def test_a_film_is_a_gif_that_others_read(player, colours):
    rng, frames = np.random.default_rng(0), []
    for _ in range(3):
        frame = np.full((30, 50, 4), 255, np.uint8)
        frame[..., :3] = rng.integers(0, 256, (30, 50, colours))
        frames.append(frame)
    data = player.evaluate("(frames) => Array.from(gif(frames.map((frame) => Uint8ClampedArray.from(frame)), 50, 30, 80))",
                           [frame.ravel().tolist() for frame in frames])
    film = Image.open(io.BytesIO(bytes(data)))
    assert (film.n_frames, film.size, film.info["duration"]) == (3, (50, 30), 80)
    for place, frame in enumerate(frames):
        film.seek(place)
        shown = np.asarray(film.convert("RGB"), int)
        assert np.abs(shown - frame[..., :3]).max() <= (0 if colours == 1 else 52)


def test_json_of_every_graph_is_plain(noise_for):
    for name, kind in PLAYED[:3]:
        graph = sampling_graph(built(name, noise_for(name, kind).spec))
        json.dumps(demo.plain_graph(graph, weights.packed(graph, "int8")[0]), allow_nan=False)


def test_weights_that_are_used_again_are_there_once(noise_for):
    graph = sampling_graph(trained("gran", IMAGES, noise_for))
    assert len({array.tobytes() for array in graph.constants.values()}) == len(graph.constants)
    uses = [value for node in graph.nodes for value in node.inputs if value in graph.constants]
    assert len(uses) > len(set(uses)), "its steps share a network"


def test_layers_of_a_model_do_not_remember_that_they_were_looked_at(noise_for):
    model = built("dcgan", noise_for("dcgan", IMAGES).spec)
    layers = [layer for network in model.network_names for layer in getattr(model, network)._flatten_layers()]
    before = [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in layers]
    sampling_graph(model)
    assert [(len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in layers] == before
