"""VQGAN: an image as a map of a few hundred codes, and back (Esser 2021)."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import ABOVE_0, inherit, knob
from gan_core.data import CAPTIONS, IMAGES, floats
from gan_core.engine.autodiff import valued_gradient
from gan_core.models import flops
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import DataImage
from gan_core.models.losses import HINGE
from gan_core.models.networks import quantised, translation
from gan_core.models.shared_knobs import Filters, TwoPlayers
from gan_core.pretrained import lite, perceptual

FOLLOWING = 0.97  # of a code's use, from one round to the next
DEAD = 0.02  # of the use that all codes had if they were alike often: below, a code begins anew
MOST = 1e4  # of the weight that the game gets (Esser 2021, section 3.1)
MEASURED = 1000  # held-out images


@dataclass(frozen=True, kw_only=True)
class Config(Filters, TwoPlayers):
    batch_size: int = inherit(TwoPlayers, "batch_size", default=32)
    filters: int = inherit(Filters, "filters", default=24, only=None,
                           help="Channels at full size; at a quarter of it there are four times as many.")
    blocks: int = knob(1, low=0, high=4, label="Residual blocks", help="At each size, on the way there and back.")
    codes: int = knob(256, low=8, high=4096, log=True, tiny=16, help="How many squares there are to make images of.")
    code_width: int = knob(32, low=2, high=256, tiny=6, label="Numbers of a code", help="Of each vector in the codebook.")
    commitment: float = knob(0.25, low=0.0, high=10.0, group="Objective", label="Commitment (beta)",
                             help="How much the encoder is to stay near the codes that it chooses.")
    restart: bool = knob(True, group="Stability", label="Restart dead codes",
                         help="A code that is hardly ever chosen becomes a vector of the encoder's that was seen just now.")
    look: float = knob(0.5, low=0.0, high=10.0, tiny=0.1, group="Objective", label="Weight of the look",
                       help="How much it counts that a network that knows photographs (EfficientNet-lite0) sees the same in "
                            "both. Where that is not installed, pixels alone count.")
    adversarial: float = knob(0.5, low=0.0, high=10.0, tiny=0.5, group="Objective", label="Weight of the game",
                              help="How much it counts to fool the discriminator, as a share of the gradient of all else. "
                                   "0: no game.")
    adversarial_steps: int = knob(1500, low=0, high=1_000_000, tiny=2, group="Objective", label="Steps before the game",
                                  when={"adversarial": ABOVE_0},
                                  help="So many steps the images are to come back alike, before a discriminator joins. A "
                                       "game from the start spoils them.")
    patch: str = knob("16", choices=tuple(name for name in translation.PATCHES if name != "1"), tiny="16",
                      label="Patch (pixels)", when={"adversarial": ABOVE_0},
                      help="Each verdict of the discriminator looks at a square of so many pixels a side.")
    generator_rate: float = inherit(TwoPlayers, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(TwoPlayers, "discriminator_rate", default=5e-4, when={"adversarial": ABOVE_0})


class VQGAN(GenerativeModel):
    Config = Config
    title = "VQGAN-lite"
    paper = "Esser 2021, Taming Transformers for High-Resolution Image Synthesis"
    link = "https://arxiv.org/abs/2012.09841"
    builds_on = ("vae", "pix2pix")
    summary = ("Takes images apart into a map of codes, a few hundred different ones, and puts them together again. "
               "Pictures can then be looked for code by code, such as those that fit some words. Lite: without the "
               "transformer that draws maps of codes.")
    story = ("An encoder makes a vector of each square of four pixels a side, each vector becomes the nearest of those in a "
             "codebook, and a decoder makes the image again of these. It has to look the same to a network that knows "
             "photographs, and, after a while, real to a discriminator that sees patches. Codes that nobody chooses begin "
             "anew, and its samples are held-out images as they come back.")
    formula = (r"\min_{E, G, Z} \max_D \; \lVert x - \hat{x} \rVert_1 + \mathcal{L}_{look}(x, \hat{x}) "
               r"+ \lVert \mathrm{sg}[E(x)] - z_q \rVert^2 + \beta \lVert E(x) - \mathrm{sg}[z_q] \rVert^2 "
               r"+ \lambda \left( \log D(x) + \log(1 - D(\hat{x})) \right), \quad "
               r"\lambda = \frac{\nabla_{G_L} \mathcal{L}_{rec}}{\nabla_{G_L} \mathcal{L}_{GAN} + \delta}")
    strengths = ("Crisp images of a few codes", "A picture can be looked for by words, with a run of CLIP",
                 "The game gets as much weight as all else, by itself")
    weaknesses = ("Draws nothing by itself: which codes go together it does not know", "Codes may die",
                  "Small things come back as others of their kind")
    kinds = (IMAGES, CAPTIONS)
    size_multiple = 4
    channels = (1, 3)
    looks_through = perceptual.NETWORK
    averaged = ("encoder", "codebook", "decoder")
    discriminator = None  # where there is no game
    objective = HINGE
    wiring = (("image", "encoder"), ("data", "encoder"), ("encoder", "codebook"), ("codebook", "decoder"),
              ("data", "discriminator"), ("decoder", "discriminator"))
    not_a_graph = "It makes images of images, which a demo does not have; ask it for a picture in words on the Prompt page."
    presets = {"Quick look": {"steps": 1500, "adversarial_steps": 1000},
               "Full": {"steps": 20_000, "filters": 32, "blocks": 2, "adversarial_steps": 5000, "schedule": "late linear",
                        "schedule_steps": 20_000}}
    playing = False

    def __init__(self, config, data, seed=0):
        super().__init__(config, data, seed)
        self.code_use = self.state("code_use", np.zeros(config.codes))
        self.spare = self.state("spare", np.zeros((config.codes, config.code_width)))
        self.enter(0)

    def networks(self):
        c, shape = self.config, self.data.shape
        self._looks = None
        if c.look and not lite.missing(perceptual.NETWORK):
            self._looks = perceptual.Perceptual(shape, side=max(shape[0], 64))
        made = {"encoder": quantised.encoder(shape, c.filters, c.code_width, c.blocks),
                "codebook": quantised.codebook((*self.map_shape, c.code_width), c.codes),
                "decoder": quantised.decoder(shape, c.filters, c.code_width, c.blocks)}
        if c.adversarial:
            made["discriminator"] = translation.patches(shape, c.filters, c.patch)
        return made

    @property
    def map_shape(self):
        """(h, w) of a map of codes."""
        return tuple(side // quantised.TIMES for side in self.data.shape[:2])

    @classmethod
    def requirements(cls):
        return super().requirements() | {"prompted": True, "looks_through": ""}  # where it is missing, pixels alone count

    def inputs(self):
        return (DataImage(self.data.shape, name="image"),)

    def prepare(self, dataset, seed):
        why = lite.missing(perceptual.NETWORK) if self.config.look else ""
        return f"Images are compared by their pixels alone. {why}" if why else ""

    # Its two stages

    def stages(self):
        return (self.config.adversarial_steps,) if self.config.adversarial and self.config.adversarial_steps else ()

    def enter(self, stage):
        self.playing = bool(self.config.adversarial) and stage == len(self.stages())

    # The game

    def players(self):
        shares = {"makes": self.make, "shown_to": "discriminator"} if self.config.adversarial else {}
        maker = Player("autoencoder", "g", ("encoder", "codebook", "decoder"), self.autoencoder_loss,
                       self.config.generator_updates, **shares)
        if not self.config.adversarial:
            return (maker,)
        return (Player("discriminator", "d", ("discriminator",), self.discriminator_loss, self.config.discriminator_updates,
                       side="discriminator"), maker)

    def flops_beside(self):
        """Of what looks at both images, and the way back."""
        return 4 * flops.flops(self._looks.network) if self._looks else 0

    def make(self, batch):
        """``([images as they come back, what their last layer was given, vectors, their nearest codes], {"codes":
        numbers})``."""
        vectors = self.encoder(batch["real"], training=True)
        found = self.codebook(vectors, training=True)
        passed = vectors + ops.stop_gradient(found["nearest"] - vectors)  # the gradient goes straight through
        made = self.decoder(passed, training=True)
        return [made["image"], made["features"], vectors, found["nearest"]], {"codes": found["codes"]}

    def discriminator_loss(self, batch):
        if not self.playing:
            return ops.zeros(()), {}  # it does not move yet
        made = ops.stop_gradient(self._with_made(batch)["made"][0])
        on_real, on_fake = self._judged(batch["real"]), self._judged(made)
        return (ops.mean(self.objective.discriminator(on_real, on_fake)),
                {"d_accuracy_real": ops.mean(ops.cast(on_real > 0, "float32")),
                 "d_accuracy_fake": ops.mean(ops.cast(on_fake <= 0, "float32"))})

    def _with_made(self, batch):
        """The batch with its images as they come back: those at hand, or fresh ones."""
        if "made" in batch:
            return batch
        made, drawn = self.make(batch)
        return batch | drawn | {"made": made}

    def _judged(self, images):
        """One logit for each patch, (N, patches)."""
        logits = ops.cast(self.discriminator(images, training=True), "float32")
        return ops.reshape(logits, (logits.shape[0], -1))

    def autoencoder_loss(self, batch):
        batch = self._with_made(batch)
        config, real = self.config, ops.cast(batch["real"], "float32")
        image, features, vectors, nearest = batch["made"]
        code = ops.mean(ops.square(ops.stop_gradient(vectors) - nearest))
        code = code + config.commitment * ops.mean(ops.square(vectors - ops.stop_gradient(nearest)))
        logs = {"code_distance": code} | self._counted(batch["codes"], vectors)
        if not self.playing:
            unlike = ops.mean(self._unlike(image, real))
            return unlike + code, {"unlike": unlike} | logs
        # Both gradients at the image, where they are weighed; from there they go back as one.
        unlike, at_unlike = valued_gradient(lambda x: self._unlike(x, real) / x.shape[0], image)
        fooled, at_fooled = valued_gradient(lambda x: -ops.mean(self._judged(x), axis=1) / x.shape[0], image)
        weight = _last_layers(features, at_unlike) / (_last_layers(features, at_fooled) + 1e-4)
        weight = config.adversarial * ops.clip(weight, 0.0, MOST)
        both = ops.sum((at_unlike + weight * at_fooled) * image)
        value = ops.sum(unlike) + weight * ops.sum(fooled)
        return value + code + both - ops.stop_gradient(both), {"unlike": ops.sum(unlike), "game_weight": weight} | logs

    def _unlike(self, images, real):
        """How unlike images are, (N,): the mean difference of pixels and, where a network looks, that of what it sees."""
        apart = ops.mean(ops.abs(images - real), axis=(1, 2, 3))
        return apart if self._looks is None else apart + self.config.look * self._looks(images, real)

    def _counted(self, codes, vectors):
        """Keep in mind which codes are in use, and vectors for those that are not; figures for the chart."""
        count, flat = self.config.codes, ops.reshape(ops.stop_gradient(vectors), (-1, self.config.code_width))
        share = ops.mean(ops.one_hot(ops.reshape(codes, (-1,)), count, dtype="float32"), axis=0)
        self.code_use.assign(FOLLOWING * self.code_use + (1.0 - FOLLOWING) * count * share)
        rows = keras.random.randint((count,), 0, flat.shape[0], seed=self.random)
        self.spare.assign(ops.take(flat, rows, axis=0))
        entropy = -ops.sum(share * ops.log(share + 1e-10))
        dead = ops.mean(ops.cast(ops.convert_to_tensor(self.code_use) < DEAD, "float32"))
        return {"code_perplexity": ops.exp(entropy)} | ({"restarted": dead} if self.config.restart else {})

    def end_round(self):
        """Dead codes begin anew, as vectors of this round."""
        if self.config.restart:
            use, vectors = ops.convert_to_tensor(self.code_use), self.codebook.layers[-1].vectors
            dead = use < DEAD
            vectors.assign(ops.where(dead[:, None], ops.convert_to_tensor(self.spare), ops.convert_to_tensor(vectors)))
            self.code_use.assign(ops.where(dead, ops.ones_like(use), use))
        super().end_round()

    # What is made of it

    def codes_of(self, images):
        """The numbers of the codes of images (N, H, W, C) in [-1, 1]: int32 (N, h, w)."""
        return self.sampler("codebook")(self.sampler("encoder")(images, training=False), training=False)["codes"]

    @property
    def vectors(self):
        """The codebook that samples are made with, (codes, code_width)."""
        return self.sampler("codebook").layers[-1].vectors

    def decoded(self, vectors):
        """Images (N, H, W, C), which may reach beyond [-1, 1], of vectors (N, h, w, code_width)."""
        return self.sampler("decoder")(vectors, training=False)["image"]

    def sample(self, inputs, training=False):
        vectors = self.sampler("encoder")(ops.convert_to_tensor(inputs["image"]), training=training)
        nearest = self.sampler("codebook")(vectors, training=training)["nearest"]
        made = self.sampler("decoder")(nearest, training=training)["image"]
        return ops.clip(ops.cast(made, "float32"), -1.0, 1.0)

    def reconstruction(self, real):
        return self.sample({"image": real})

    def measured(self, dataset):
        """"code_perplexity" of held-out images."""
        images = (dataset.x if dataset.x_test is None else dataset.x_test)[:MEASURED]
        codes = [np.asarray(self.codes_of(floats(images[first:first + 100]))) for first in range(0, len(images), 100)]
        return {"code_perplexity": quantised.perplexity(np.concatenate(codes), self.config.codes)}


def _last_layers(features, gradient):
    """The length of the gradient at the kernel of the decoder's last layer, which is 1 x 1: of what it was given, (N, H, W,
    c), and the gradient at its images (N, H, W, C)."""
    return ops.sqrt(ops.sum(ops.square(ops.einsum("nhwc,nhwd->cd", ops.stop_gradient(features), gradient))) + 1e-20)
