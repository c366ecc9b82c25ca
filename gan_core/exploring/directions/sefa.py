"""SeFa: the directions along which the first layer that a latent comes to moves most, in closed form (Shen 2021,
"Closed-form factorization of latent semantics in GANs", equation 5).

Of several layers that take a latent, or styles, the matrices are put below one another, as there for all layers.
"""

import numpy as np

from gan_core.errors import BadInput
from gan_core.exploring.directions.base import Method, leading
from gan_core.models import inputs, sampling
from gan_core.models.sampling import reference

# What a latent may go through on its way to a layer: each moves as the latent moves, and as nothing else does.
STRAIGHT = ("reshape", "slice", "concatenate", "add", "subtract", "transpose", "repeat", "pad")


class Sefa(Method):
    name, title = "sefa", "closed form (SeFa)"

    def found(self, model, space, n, seed=0, data=None):
        graph = sampling.sampling_graph(model)
        reached, layers = {graph.inputs[space.name][0]}, []
        for node in graph.nodes:
            if node.operation in STRAIGHT and reached & set(node.inputs):
                reached.add(node.output)
            elif node.operation == "matrix_product" and node.inputs[0] in reached and node.inputs[1] in graph.constants:
                layers.append(node)
        if not layers:
            raise BadInput(f"{model.title} has no layer that its latents come to as they are, which the closed form needs; "
                           "choose pca.")
        given = inputs.draw(model.inputs(), 1, seed, data)
        names = [node.inputs[0] for node in layers]
        still = reference.run(graph, given, until=names)
        moves = []  # of each number of the latent, what every layer is given more of
        for place in range(space.size):
            there = given[space.name].copy()
            there[0, place] += 1.0
            moves.append([(after - before).reshape(-1, before.shape[-1]) for after, before in
                          zip(reference.run(graph, given | {space.name: there}, until=names), still)])
        total = np.zeros((space.size, space.size))
        for number, node in enumerate(layers):
            weights = graph.constants[node.inputs[1]].astype(float)
            weights = weights / np.maximum(np.linalg.norm(weights, axis=0, keepdims=True), 1e-9)
            matrix = np.stack([(move[number] @ weights).ravel() for move in moves])
            total += matrix @ matrix.T
        return leading(total, n)
