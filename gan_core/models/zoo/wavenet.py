"""WaveNet: sound drawn number by number, each given those before (van den Oord 2016)."""

import math
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import SOUND
from gan_core.errors import BadInput
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Label, Uniform
from gan_core.models.likelihoods import categorical
from gan_core.models.networks import causal
from gan_core.models.shared_knobs import ClassesWhereLabelled, OnePlayer
from gan_core.sound.mu_law import levels_of

LONGEST = 60  # seconds of a sample
AT_ONCE = 16  # stretches that are measured at once


@dataclass(frozen=True, kw_only=True)
class Config(OnePlayer):
    """Adam 2e-3 and batches of 16 stretches, for a few thousand steps: the paper says of neither what it had."""

    channels: int = knob(32, low=4, high=256, log=True, tiny=4, help="Features of each number of the wave within a unit.")
    skips: int = knob(64, low=4, high=512, log=True, tiny=6, label="Skip channels",
                      help="Features that all units add to, from which the next number is told.")
    longest_dilation: int = knob(
        128, low=1, high=1024, log=True, tiny=4, label="Longest dilation",
        help="Units look at two numbers that lie 1, 2, 4, ... apart, up to this. The farther, the longer the sound that "
             "is remembered: twice 1 to 128 are 511 numbers, at 8 kHz 64 milliseconds.")
    blocks: int = knob(2, low=1, high=8, tiny=1, help="How often the dilations begin anew at 1.")
    stretch: int = knob(1024, low=16, high=65_536, log=True, tiny=24, label="Stretch",
                        help="Numbers of each clip that an update learns from, at a place that is drawn at random.")
    batch_size: int = inherit(OnePlayer, "batch_size", default=16)
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)
    learning_rate: float = inherit(OnePlayer, "learning_rate", default=2e-3)
    class_conditional: bool = inherit(
        ClassesWhereLabelled, "class_conditional",
        help="Where the data have labels, the network is told the class, and one can be asked for. Off: labels are not "
             "looked at. Without labels it changes nothing.")
    embedding: int = inherit(ClassesWhereLabelled, "embedding", default=16,
                             help="Numbers that stand for a class in the network.")


class WaveNet(GenerativeModel):
    Config = Config
    title = "WaveNet"
    paper = "van den Oord 2016, WaveNet: A Generative Model for Raw Audio"
    link = "https://arxiv.org/abs/1609.03499"
    builds_on = ("pixelcnn",)
    summary = ("Says of each number of a wave how likely each of 256 levels is, given those before. No opponent and a "
               "likelihood in bits; sound is drawn number by number, of any length. Small: 16 units of 32 "
               "channels that hear 64 milliseconds, where the paper's hear 240.")
    story = ("A wave is 8,000 numbers a second, each rounded to one of 256 levels that lie closer the quieter they are. "
             "Convolutions over two places, which lie ever farther apart, look back at what came before and say how likely "
             "each level is next. Training shows stretches of real sound; a sample is thrown number by number, while queues "
             "keep what each unit has to remember.")
    formula = (r"p(x) = \prod_{t=1}^{T} p(x_t \mid x_1, \ldots, x_{t-1}), \quad "
               r"z = \tanh(W_{f,k} * x + V_{f,k}^T h) \odot \sigma(W_{g,k} * x + V_{g,k}^T h)")
    strengths = ("An exact likelihood, so models can be compared", "Training is steady: no opponent",
                 "Sound of any length, however short the clips were")
    weaknesses = ("Sound comes number by number", "Remembers some hundredths of a second: no melody, no word",
                  "One wrong number leads to the next: bursts of noise")
    kinds = (SOUND,)
    dense = (SOUND,)  # XLA: 350 ms a step on two cores, where it takes 600 without
    averaged = ("network",)
    wiring = (("data", "network"), ("uniform", "network"))
    not_a_graph = ("WaveNet draws a wave number by number, each from those before it, which takes too long outside of the "
                   "workbench.")
    presets = {"Quick look": {"steps": 600}, "Full": {"steps": 20_000, "ema_decay": 0.999}}

    @property
    def dilations(self):
        c = self.config
        return [2 ** power for power in range(int(math.log2(c.longest_dilation)) + 1)] * c.blocks

    @property
    def context(self):
        """How many numbers the network sees before each."""
        return causal.context(self.dilations)

    @property
    def stretch(self):
        """How many numbers it is asked for at once."""
        return min(self.config.stretch, self.data.shape[0])

    @property
    def passes(self):
        """A clip is as many stretches."""
        return {"network": max(1, round(self.data.shape[0] / self.stretch))}

    @property
    def classes(self):
        """How many the network is told of; 0 where it is told none."""
        return self.data.n_classes if self.config.class_conditional else 0

    def networks(self):
        c = self.config
        return {"network": causal.wave_network(self.stretch, self.dilations, c.channels, c.skips, self.classes, c.embedding)}

    def inputs(self):
        return self._inputs(self.data.shape[0])

    def _inputs(self, length):
        label = (Label(self.data.classes),) if self.classes else ()
        return (Uniform((length, 1), low=0.0), *label)

    def inputs_lasting(self, seconds):
        rate = self.data.trait("rate")
        if not 1 <= round(seconds * rate) <= LONGEST * rate:
            sentence = f"A sound may last from {1 / rate:g} to {LONGEST} seconds, not {seconds:g}; choose another length."
            raise BadInput(sentence, {"seconds": sentence})
        return self._inputs(round(seconds * rate))

    def players(self):
        return (Player("network", "g", ("network",), self.negative_log_likelihood),)

    def negative_log_likelihood(self, batch):
        """-log p in nats a number, of a stretch of each clip.

        Where it begins is drawn so that the first number of a clip, from which samples begin, is learned as often as one
        within.
        """
        real, length, whole = batch["real"], self.stretch, self.data.shape[0]
        drawn = keras.random.uniform((real.shape[0], 1), seed=self.random)
        first = ops.cast(ops.floor(drawn * (whole + length - 1)), "int32") - (length - 1)
        first = ops.clip(first, 0, whole - length)
        heard = _taken(self._with_silence(real), first, self.context - 1 + length)
        wanted = _taken(real, first, length)
        nats = ops.mean(self._nats(self.network, heard, wanted, batch.get("label"), training=True))
        return nats, {"bits": nats / math.log(2.0)}

    def _with_silence(self, real):
        """Waves (N, T, 1) after as much silence as the first number is told from."""
        return ops.concatenate([ops.zeros((real.shape[0], self.context, 1), real.dtype), real], axis=1)

    def _nats(self, network, heard, wanted, label, training=False):
        """Mean -log p of each stretch: (N,)."""
        logits = network(self._told(heard, label), training=training)
        return categorical(causal.levels_in(wanted[..., 0]), logits) / wanted.shape[1]

    def _told(self, wave, label):
        return [wave, ops.convert_to_tensor(label)] if self.classes else wave

    def given(self, name, samples, batch):
        heard = self._with_silence(ops.convert_to_tensor(samples))[:, :self.context - 1 + self.stretch]
        told = self._told(heard, batch.get("label"))
        return told if isinstance(told, list) else [told]

    def surprise(self, real, labels=None):
        network, length, whole = self.sampler("network"), self.stretch, real.shape[1]
        padded = np.concatenate([np.zeros((len(real), self.context, 1), np.float32), real], axis=1)
        wanted = levels_of(real[..., 0])
        bits = np.empty(real.shape, np.float32)
        for row in range(0, len(real), AT_ONCE):
            rows = slice(row, row + AT_ONCE)
            for first in range(0, whole, length):
                start = min(first, whole - length)  # the last stretch begins within the one before
                heard = ops.convert_to_tensor(padded[rows, start:start + self.context - 1 + length])
                label = None if labels is None else labels[rows]
                log_p = ops.convert_to_numpy(ops.log_softmax(network(self._told(heard, label)), axis=-1))
                these = np.take_along_axis(log_p, wanted[rows, start:start + length, None], axis=-1)[..., 0]
                bits[rows, first:start + length, 0] = these[:, first - start:] / -math.log(2.0)
        return bits

    def sample(self, inputs, training=False):
        return self.sample_with_progress(inputs, lambda share: None)

    def sample_with_progress(self, inputs, progress):
        label = ops.convert_to_numpy(inputs["label"]) if self.classes else None
        return causal.draw(self.sampler("network"), ops.convert_to_numpy(inputs["uniform"]), label, progress)


def _taken(waves, first, length):
    """Of each of waves (N, T, 1) so many numbers from its own place (N, 1) on."""
    return ops.take_along_axis(waves, (first + ops.arange(length, dtype="int32")[None])[..., None], axis=1)
