"""LSTM: a text written character by character, each given those before (Graves 2013)."""

import math
from dataclasses import dataclass

import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import TEXT
from gan_core.data.characters import counted
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Dial, Uniform
from gan_core.models.networks import recurrent
from gan_core.models.shared_knobs import OnePlayer, Optimizers, Training

AT_ONCE = 64  # texts that are told their likelihood at once


@dataclass(frozen=True, kw_only=True)
class Config(OnePlayer):
    cell: str = knob("lstm", choices=tuple(recurrent.CELLS), help="lstm keeps what it remembers apart from what it says; "
                     "gru has a quarter fewer weights, and is a little faster.")
    depth: int = knob(1, low=1, high=4, tiny=1, label="Layers", help="Recurrent layers, each of which reads the one below.")
    units: int = knob(256, low=8, high=2048, log=True, tiny=8, help="Numbers that each layer remembers.")
    embedding: int = knob(64, low=2, high=512, log=True, tiny=4, help="Numbers that stand for a character.")
    dropout: float = knob(0.0, low=0.0, high=0.8, tiny=0.1, help="Share of each layer's outputs hidden at random in "
                          "training: for short texts, which are learned by heart.")
    batch_size: int = inherit(Training, "batch_size", default=32)
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    # In a miniature of five steps a character has to change, which is no number that moves a little.
    learning_rate: float = inherit(OnePlayer, "learning_rate", tiny=0.05)
    ema_decay: float = inherit(Training, "ema_decay", tiny=0.5)
    clip: str = inherit(Optimizers, "clip", default="norm")
    # What a cell remembers is added to at each of hundreds of steps: the three digits of bfloat16 would lose it.
    precision: str = inherit(Training, "precision", default="float32")


class LSTM(GenerativeModel):
    Config = Config
    title = "Character LSTM"
    paper = "Graves 2013, Generating Sequences With Recurrent Neural Networks"
    link = "https://arxiv.org/abs/1308.0850"
    summary = ("Says of each character of a text how likely it is, given those before. No opponent, and a likelihood that "
               "can be compared; it learns fiddle tunes, or any text of yours, in minutes.")
    story = ("A text is read character by character. What was read so far is kept in the state of a cell, whose gates "
             "decide what is kept, forgotten and said. Training asks for each character of real texts how likely it was; a "
             "text is written by throwing one after the other.")
    formula = (r"p(x) = \prod_{t=1}^{T} p(x_t \mid x_1, \ldots, x_{t-1}), \quad "
               r"\min_\theta \; \mathbb{E}_{x \sim p_{data}}\Big[-\frac{1}{T}\sum_t \log p_\theta(x_t \mid x_{<t})\Big]")
    strengths = ("An exact likelihood: bits a character, beside those of simple models",
                 "Training is steady: no opponent", "Any script, any text of your own")
    weaknesses = ("Forgets what stood hundreds of characters before",
                  "Knows no meaning: words are right before sentences are", "Short texts are learned by heart")
    kinds = (TEXT,)
    averaged = ("network",)
    wiring = (("data", "network"), ("uniform", "network"), ("temperature", "network"), ("top_k", "network"))
    not_a_graph = ("A character LSTM writes a text character by character, each from those before it, which takes too long "
                   "outside of the workbench.")
    presets = {"Quick look": {"steps": 600}, "Full": {"steps": 10_000, "units": 512, "ema_decay": 0.999}}

    @property
    def symbols(self):
        """How many different codes there are: the characters, and the end."""
        return len(self.data.trait("characters")) + 1

    def networks(self):
        c = self.config
        return {"network": recurrent.sequence_network(self.data.shape[0], self.symbols, c.cell, c.depth, c.units,
                                                      c.embedding, c.dropout)}

    def inputs(self):
        return (Uniform(tuple(self.data.shape), low=0.0),
                Dial("temperature", 0.05, 2.0, 1.0, "Below 1 it writes what is likely, and above what is odd."),
                Dial("top_k", 0.0, float(self.symbols), 0.0,
                     "Among how many of the likeliest characters each is thrown. 0: all."))

    def players(self):
        return (Player("network", "g", ("network",), self.negative_log_likelihood),)

    def negative_log_likelihood(self, batch):
        """-log p in nats a character."""
        codes = ops.cast(batch["real"], "int32")
        ends = ops.cast(codes == 0, "int32")
        says = ops.cast(ops.cumsum(ends, axis=1) - ends == 0, "float32")  # what follows the end says nothing
        nats = ops.sum(says * self.nats(self.network, codes, training=True)) / ops.sum(says)
        return nats, {"training_bits": nats / math.log(2.0)}

    def nats(self, network, codes, training=False):
        """-log p of each of some codes (N, T), given those before it: (N, T)."""
        log_p = ops.log_softmax(network(recurrent.before(codes), training=training), axis=-1)
        return -ops.take_along_axis(log_p, codes[..., None], axis=-1)[..., 0]

    def surprise(self, real):
        bits, network = [], self.sampler("network")
        for first in range(0, len(real), AT_ONCE):
            codes = np.asarray(real[first:first + AT_ONCE], np.int32)
            filled = np.concatenate([codes, np.zeros((AT_ONCE - len(codes), *codes.shape[1:]), np.int32)])
            nats = ops.convert_to_numpy(self.nats(network, ops.convert_to_tensor(filled)))[:len(codes)]
            bits.append(np.where(counted(codes), nats / np.log(2.0), np.nan))
        return np.concatenate(bits)

    def given(self, name, samples, batch):
        return [recurrent.before(ops.convert_to_tensor(samples))]

    def sample(self, inputs, training=False):
        return self.sample_with_progress(inputs, lambda share: None)

    def sample_with_progress(self, inputs, progress):
        uniform, temperature, top_k = (ops.convert_to_numpy(inputs[name]) for name in ("uniform", "temperature", "top_k"))
        return recurrent.draw(self.sampler("network"), uniform, temperature, top_k, progress)
