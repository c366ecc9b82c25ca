"""Networks that read a sequence of codes one by one and say of each how likely it is, given those before.

In training all are said at once; a sequence is drawn code by code with NumPy, each cell's state kept, see :func:`draw`.
"""

import keras
import numpy as np
from keras import layers, ops

from gan_core.models.networks.masked import pick

CELLS = {"lstm": layers.LSTM, "gru": layers.GRU}


def sequence_network(length, symbols, cell, depth, units, embedding, dropout):
    """Codes before (N, T) int32 -> logits (N, T, symbols) of each code, given those before it."""
    before = keras.Input((length,), dtype="int32", name="before")
    x = layers.Embedding(symbols, embedding, name="embedding")(before)
    for number in range(1, depth + 1):
        # One step is too little for two threads to share, and unrolled a graph would have thousands of nodes.
        x = CELLS[cell](units, return_sequences=True, name=f"{cell}_{number}")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"dropout_{number}")(x)
    return keras.Model(before, layers.Dense(symbols, dtype="float32", name="logits")(x), name="network")


def before(codes):
    """What stands before each of some codes (N, T): the end of another text before the first."""
    codes = ops.cast(codes, "int32")
    return ops.concatenate([ops.zeros_like(codes[:, :1]), codes[:, :-1]], axis=1)


def draw(network, uniform, temperature, top_k, progress):
    """Codes from a :func:`sequence_network`, float32 (N, T); after the first 0 of a row all are 0.

    Args:
        uniform: (N, T) in [0, 1), by which each code is picked.
        temperature: (N,), by which logits are divided: below 1 what is likely becomes likelier.
        top_k: (N,), among how many of the likeliest codes it is picked; 0 for all.
        progress: told the share that is done.
    """
    n, length = uniform.shape
    embedding = _array(network.get_layer("embedding").embeddings)
    cells = [_Lstm(layer, n) if isinstance(layer, layers.LSTM) else _Gru(layer, n) for layer in network.layers
             if isinstance(layer, (layers.LSTM, layers.GRU))]
    kernel, bias = map(_array, (network.get_layer("logits").kernel, network.get_layer("logits").bias))
    codes, last, live = np.zeros((n, length), np.float32), np.zeros(n, np.int64), np.arange(n)
    for place in range(length):
        x = embedding[last[live]]
        for cell in cells:
            x = cell(x, live)
        logits = (x @ kernel + bias) / temperature[live, None]
        last[live] = pick(_likeliest(logits, top_k[live]), uniform[live, place])
        codes[live, place] = last[live]
        live = live[last[live] > 0]  # a text that has ended costs no more
        if not len(live):
            break
        progress((place + 1) / length)
    progress(1.0)
    return codes


def _likeliest(logits, top_k):
    """Logits (N, K) with -inf but for the ``top_k`` (N,) highest of each row; a count of 0 leaves all."""
    if not top_k.any():
        return logits
    ranked = -np.sort(-logits, axis=1)
    count = np.clip(np.where(top_k > 0, np.rint(top_k), logits.shape[1]).astype(int), 1, logits.shape[1])
    return np.where(logits >= ranked[np.arange(len(logits)), count - 1, None], logits, -np.inf)


class _Lstm:
    """Hochreiter 1997 with the forget gate of Gers 2000, as Keras computes it: the gates are in, forget, new and out."""

    def __init__(self, layer, n):
        self.kernel, self.again, self.bias = map(_array, (layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias))
        self.h, self.c = (np.zeros((n, layer.units), np.float32) for _ in range(2))

    def __call__(self, x, live):
        gates = x @ self.kernel + self.h[live] @ self.again + self.bias
        into, forget, new, out = np.split(gates, 4, axis=1)
        c = _sigmoid(forget) * self.c[live] + _sigmoid(into) * np.tanh(new)
        self.c[live], self.h[live] = c, (h := _sigmoid(out) * np.tanh(c))
        return h


class _Gru:
    """Cho 2014, with the reset gate after the product, as Keras computes it: the gates are update, reset and new."""

    def __init__(self, layer, n):
        self.kernel, self.again, self.bias = map(_array, (layer.cell.kernel, layer.cell.recurrent_kernel, layer.cell.bias))
        self.h = np.zeros((n, layer.units), np.float32)

    def __call__(self, x, live):
        given, kept = x @ self.kernel + self.bias[0], self.h[live] @ self.again + self.bias[1]
        (update, reset, new), (update_h, reset_h, new_h) = np.split(given, 3, axis=1), np.split(kept, 3, axis=1)
        update = _sigmoid(update + update_h)
        new = np.tanh(new + _sigmoid(reset + reset_h) * new_h)
        self.h[live] = h = update * self.h[live] + (1.0 - update) * new
        return h


def _sigmoid(x):
    return 0.5 * np.tanh(0.5 * x) + 0.5  # which no number overflows


def _array(variable):
    return np.asarray(ops.convert_to_numpy(variable), np.float32)
