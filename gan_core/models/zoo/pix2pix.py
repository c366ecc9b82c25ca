"""Pix2Pix: a picture becomes another, learned from pairs of them (Isola 2017)."""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import ABOVE_0, inherit, knob
from gan_core.data import PAIRS
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.base import Player
from gan_core.models.inputs import SourceImage, Uniform, draw
from gan_core.models.networks import translation
from gan_core.models.shared_knobs import Filters, Objective, Sharing, TwoPlayers


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Sharing, TwoPlayers):
    # Both images of a pair would have to be changed alike: the run's settings shift and mirror them.
    augment, packing, instance_noise, r1, r2, penalty_every = "none", 1, 0.0, 0.0, 0.0, 1

    batch_size: int = inherit(TwoPlayers, "batch_size", default=8)
    filters: int = inherit(Filters, "filters", default=32, only=PAIRS,
                           help="Channels of the first layers; deeper ones have up to eight times as many.")
    patch: str = knob("34", choices=tuple(translation.PATCHES), tiny="16", label="Patch (pixels)",
                      when={"adversarial": ABOVE_0},
                      help="Each verdict of the discriminator looks at a square of so many pixels a side. Small ones make "
                           "crisp texture, large ones also a right whole.")
    l1: float = knob(100.0, low=0.0, high=1000.0, tiny=10.0, group="Objective", label="Weight of the distance (L1)",
                     help="How much the mean difference from the true picture counts. Alone it gives blur.")
    adversarial: float = knob(1.0, low=0.0, high=100.0, tiny=1.0, group="Objective", label="Weight of the game",
                              help="How much it counts to fool the discriminator. 0: no game, the distance alone.")
    loss: str = inherit(Objective, "loss", when={"adversarial": ABOVE_0})
    label_smoothing: float = inherit(Objective, "label_smoothing", when={"adversarial": ABOVE_0})
    shared_samples: bool = inherit(Sharing, "shared_samples", when={"adversarial": ABOVE_0})
    dropout: float = knob(0.5, low=0.0, high=0.8, tiny=0.5, label="Dropout",
                          help="Share of the generator's inner channels hidden at random in training: the noise of this "
                               "game, for it has no other.")
    dropout_at_test: bool = knob(False, label="Dropout in samples", when={"dropout": ABOVE_0},
                                 help="Channels are hidden when pictures are translated, too: one source has several "
                                      "translations, which differ little.")


class Pix2Pix(AdversarialModel):
    Config = Config
    title = "Pix2Pix-lite"
    paper = "Isola 2017, Image-to-Image Translation with Conditional Adversarial Networks"
    link = "https://arxiv.org/abs/1611.07004"
    builds_on = ("cgan",)
    summary = ("From pairs of pictures it learns to make one of the other: a photograph of a label map, colours of grey, a "
               "picture of lines.")
    story = ("The generator is a U-Net, which squeezes the source together, opens it up again and looks at the maps of the "
             "way down. It is to come near the true picture, pixel by pixel, and to fool a discriminator that sees source "
             "and picture side by side and judges it patch by patch. Lite: fewer channels, nearest neighbour and a "
             "convolution in place of transposed ones, and whole channels hidden in place of single numbers.")
    formula = (r"\min_G \max_D \mathbb{E}_{x,y} \log D(x, y) + \mathbb{E}_x \log(1 - D(x, G(x))) "
               r"+ \lambda\, \mathbb{E}_{x,y} \lVert y - G(x) \rVert_1")
    strengths = ("Any task of which pairs can be had or made", "Hundreds of pairs are enough", "Crisp, where a distance "
                 "alone gives blur")
    weaknesses = ("Needs pairs that fit", "One answer for a source: its noise changes next to nothing",
                  "What it has never seen comes out as texture")
    kinds = (PAIRS,)
    size_multiple = 4
    largest = 256
    channels = (1, 3)
    judges_plainly = False
    discriminator = None  # where there is no game
    translations = {"target": "the picture that belongs to it"}
    wiring = (("source", "generator"), ("source", "discriminator"), ("data", "discriminator"),
              ("generator", "discriminator"))
    presets = {"Quick look": {"steps": 1500, "filters": 24},
               "Full": {"steps": 40_000, "filters": 64, "patch": "70", "schedule": "linear", "schedule_steps": 40_000}}
    defaults_for = {PAIRS: {"jitter": 0.1}}

    @property
    def hidden(self):
        """How many channels are hidden at random."""
        return sum(translation.hidden_widths(self.data.shape[0], self.config.filters)) if self.config.dropout else 0

    def networks(self):
        c, shape, source = self.config, self.data.shape, dict(self.data.beside)["source"]
        networks = {"generator": translation.unet(source, shape, c.filters, kept=bool(self.hidden))}
        if c.adversarial:
            networks["discriminator"] = translation.patches(shape, c.filters, c.patch, source=source)
        return networks

    def inputs(self):
        chance = (Uniform((self.hidden,), low=0.0, name="chance"),) if self.hidden and self.config.dropout_at_test else ()
        return (SourceImage(dict(self.data.beside)["source"]), *chance)

    def players(self):
        if self.config.adversarial:
            return super().players()
        return (Player("generator", "g", ("generator",), self.generator_loss, updates=self.config.generator_updates),)

    def noise(self, n):
        return {"chance": keras.random.uniform((n, self.hidden), seed=self.random)} if self.hidden else {}

    def _made(self, network, source, chance, training):
        if not self.hidden:
            return network(source, training=training)
        if chance is None:
            # Of each source, so that in a file of any number of samples there are as many of them.
            kept = 0.0 * ops.cast(source[:, 0, 0, :1], "float32") + ops.ones((1, self.hidden))
        else:
            kept = ops.cast(chance >= self.config.dropout, "float32") / (1.0 - self.config.dropout)
        return network([source, kept], training=training)

    def generate(self, batch):
        return self._made(self.generator, batch["source"], batch.get("chance"), True)

    def discriminator_condition(self, batch):
        return [batch["source"]]

    def discriminate(self, samples, batch):
        """The mean over the patches, (N, 1)."""
        return ops.mean(ops.reshape(super().discriminate(samples, batch), (samples.shape[0], -1)), axis=1, keepdims=True)

    def generator_loss(self, batch):
        batch = self.with_made(batch)
        distance = ops.mean(ops.abs(ops.cast(batch["made"], "float32") - batch["real"]))
        loss, logs = self.config.l1 * distance, {"l1": distance}
        if self.config.adversarial:
            fooled, told = super().generator_loss(batch)
            loss, logs = loss + self.config.adversarial * fooled, logs | told
        return loss, logs

    def source_shape(self, to):
        return dict(self.data.beside)["source"]

    def translate(self, pictures, to, seed=0):
        chance = [known for known in self.inputs() if not known.from_data]
        return self.sample({"source": pictures} | draw(chance, pictures.shape[0], seed))

    def sample(self, inputs, training=False):
        inputs = {name: ops.convert_to_tensor(values) for name, values in inputs.items()}
        samples = self._made(self.sampler("generator"), inputs["source"], inputs.get("chance"), training)
        return ops.cast(samples, "float32")
