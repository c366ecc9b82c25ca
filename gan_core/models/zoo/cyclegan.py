"""CycleGAN: one domain of images becomes another and comes back, learned without pairs (Zhu 2017)."""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import DOMAINS
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.base import Player
from gan_core.models.inputs import SourceImage
from gan_core.models.networks import translation
from gan_core.models.shared_knobs import Filters, Objective, Sharing, TwoPlayers


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Sharing, TwoPlayers):
    augment, packing, instance_noise, r1, r2, penalty_every = "none", 1, 0.0, 0.0, 0.0, 1

    batch_size: int = inherit(TwoPlayers, "batch_size", default=4, low=1,
                              help="Images of each domain per update. The paper takes one; few at a time, for long.")
    filters: int = inherit(Filters, "filters", default=24, only=DOMAINS,
                           help="Channels at full size; at half and a quarter there are twice and four times as many.")
    blocks: int = knob(4, low=1, high=12, tiny=1, label="Residual blocks",
                       help="At a quarter of the size: how far a translation may change shapes. The paper has 6 for 128 "
                            "pixels and 9 for 256.")
    patch: str = knob("34", choices=tuple(translation.PATCHES), tiny="16", label="Patch (pixels)",
                      help="Each verdict of a discriminator looks at a square of so many pixels a side.")
    loss: str = inherit(Objective, "loss", default="least-squares")
    cycle: float = knob(10.0, low=0.0, high=100.0, tiny=5.0, group="Objective", label="Weight of the way back",
                        help="How much it counts that an image comes back as it was. Without it nothing ties a translation "
                             "to what it was made of.")
    identity: float = knob(0.0, low=0.0, high=2.0, tiny=0.5, group="Objective", label="Weight of staying the same",
                           help="What is of the other domain already should stay as it is: times the weight of the way "
                                "back. Above 0 it keeps colours, and costs a third more time.")
    pool: int = knob(50, low=0, high=500, tiny=8, group="Stability", label="Earlier translations kept",
                     help="The discriminators see half new translations and half from so many earlier ones, so that the "
                          "game does not go in circles. 0: only new ones.")


class CycleGAN(AdversarialModel):
    Config = Config
    title = "CycleGAN-lite"
    paper = "Zhu 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks"
    link = "https://arxiv.org/abs/1703.10593"
    builds_on = ("pix2pix", "lsgan")
    summary = ("From two heaps of images, none of which belongs to another, it learns to make one kind of the other, both "
               "ways: horses and zebras, summer and winter.")
    story = ("Two generators translate to and fro, and two discriminators, one for each domain, judge patch by patch "
             "whether an image belongs there. What has been translated and back again must be as it was, so that a "
             "translation keeps what its source shows. Lite: fewer channels and blocks, and nearest neighbour with a "
             "convolution for the way up.")
    formula = (r"\min_{G, F} \max_{D_A, D_B} \mathcal{L}(G, D_B) + \mathcal{L}(F, D_A) + \lambda \left("
               r"\mathbb{E}_a \lVert F(G(a)) - a \rVert_1 + \mathbb{E}_b \lVert G(F(b)) - b \rVert_1\right)")
    strengths = ("Needs no pairs", "Both ways at once", "Changes colours and textures well")
    weaknesses = ("Shapes hardly change", "May hide what it needs for the way back in faint patterns",
                  "What belongs to what is its own guess")
    kinds = (DOMAINS,)
    size_multiple = 4
    largest = 256
    channels = (1, 3)
    judges_plainly = False
    averaged = ("generator", "generator_back")
    passes = {"generator_back": 0}  # samples are of the second domain
    translations = {"b": "from the first domain to the second", "a": "from the second domain to the first"}
    wiring = (("source", "generator"), ("data", "generator_back"), ("data", "discriminator"), ("generator", "discriminator"),
              ("source", "discriminator_back"), ("generator_back", "discriminator_back"))
    presets = {"Quick look": {"steps": 1200, "filters": 16},
               "Full": {"steps": 60_000, "filters": 48, "blocks": 6, "batch_size": 1, "patch": "70", "identity": 0.5,
                        "ema_decay": 0.999, "schedule": "late linear", "schedule_steps": 60_000}}

    def __init__(self, config, data, seed=0):
        super().__init__(config, data, seed)
        if config.pool:
            for side in ("b", "a"):
                images = ops.zeros((config.pool, *data.shape), "uint8")
                setattr(self, f"pool_{side}", self.state(f"pool_{side}", images, "uint8"))
                setattr(self, f"pooled_{side}", self.state(f"pooled_{side}", 0, "int32"))

    def networks(self):
        c, b = self.config, self.data.shape
        a = self.source_shape("b")
        return {"generator": translation.residual_translator(a, b, c.filters, c.blocks),
                "generator_back": translation.residual_translator(b, a, c.filters, c.blocks, name="generator_back"),
                "discriminator": translation.patches(b, c.filters, c.patch),
                "discriminator_back": translation.patches(a, c.filters, c.patch, name="discriminator_back")}

    def inputs(self):
        return (SourceImage(self.source_shape("b"), paired=False),)

    def players(self):
        config = self.config
        return (Player("discriminator", "d", ("discriminator", "discriminator_back"), self.discriminator_loss,
                       updates=config.discriminator_updates, side="discriminator"),
                self.generator_player("generator_back"))

    # The game

    def noise(self, n):
        return {}

    def generate(self, batch):
        """Translations of both, ``[of the second domain, of the first]``."""
        return [self.generator(batch["source"], training=True), self.generator_back(batch["real"], training=True)]

    def discriminate(self, samples, batch):
        """The mean over the patches of what the second domain's discriminator says, (N, 1)."""
        return _mean_of_patches(super().discriminate(samples, batch))

    def discriminator_loss(self, batch):
        batch, total, logs = self.with_made(batch), 0.0, []
        smoothing = (self.config.label_smoothing,) if self.objective.smoothing else ()
        for side, (network, real, made) in zip("ba", self._sides(batch)):
            on_real, on_fake = network(real, training=True), network(self._pooled(side, made), training=True)
            total += ops.mean(self.objective.discriminator(on_real, on_fake, *smoothing))
            logs.append(self.verdicts(_mean_of_patches(on_real), _mean_of_patches(on_fake)))
        return total, {name: (logs[0][name] + logs[1][name]) / 2.0 for name in logs[0]}

    def generator_loss(self, batch):
        batch, config = self.with_made(batch), self.config
        loss = sum(ops.mean(self.objective.generator(None, network(made, training=True)))
                   for network, _, made in self._sides(batch))
        as_b, as_a = batch["made"]
        logs = {}
        if config.cycle:
            back = (_difference(self.generator_back(as_b, training=True), batch["source"])
                    + _difference(self.generator(as_a, training=True), batch["real"]))
            loss, logs = loss + config.cycle * back, {"cycle": back / 2.0}
            if config.identity:
                same = (_difference(self.generator(batch["real"], training=True), batch["real"])
                        + _difference(self.generator_back(batch["source"], training=True), batch["source"]))
                loss, logs = loss + config.cycle * config.identity * same, logs | {"identity": same / 2.0}
        return loss, logs

    def _sides(self, batch):
        """``(discriminator, real, made)`` of the second domain, and of the first."""
        as_b, as_a = batch["made"]
        return ((self.discriminator, batch["real"], as_b), (self.discriminator_back, batch["source"], as_a))

    def _pooled(self, side, made):
        """Half of them new ones, half from earlier batches, whose place the new ones take (Shrivastava 2017, section 2.3);
        all new until the pool is full."""
        made = ops.cast(ops.stop_gradient(made), "float32")
        n, size = made.shape[0], self.config.pool
        if size < n:
            return made
        pool, count = getattr(self, f"pool_{side}"), getattr(self, f"pooled_{side}")
        filled = count >= size
        at_random = ops.cast(ops.argsort(keras.random.uniform((size,), seed=self.random))[:n], "int32")
        places = ops.where(filled, at_random, (count + ops.arange(n, dtype="int32")) % size)
        kept = ops.take(ops.convert_to_tensor(pool), places, axis=0)
        old = ops.logical_and(filled, keras.random.uniform((n,), seed=self.random) < 0.5)
        goes_in = ops.logical_or(ops.logical_not(filled), old)[:, None, None, None]
        new = ops.cast(ops.round((ops.clip(made, -1.0, 1.0) + 1.0) * 127.5), "uint8")
        pool.assign(ops.scatter_update(pool, places[:, None], ops.where(goes_in, new, kept)))
        count.assign(ops.minimum(count + n, size))
        return ops.where(old[:, None, None, None], ops.cast(kept, "float32") / 127.5 - 1.0, made)

    # What is made of it

    def source_shape(self, to):
        return dict(self.data.beside)["source"] if to == "b" else tuple(self.data.shape)

    def translate(self, pictures, to, seed=0):
        network = self.sampler("generator" if to == "b" else "generator_back")
        return ops.cast(network(ops.convert_to_tensor(pictures), training=False), "float32")

    def sample(self, inputs, training=False):
        network = self.sampler("generator")
        return ops.cast(network(ops.convert_to_tensor(inputs["source"]), training=training), "float32")

    def reconstruction(self, real):
        return self.translate(self.translate(real, "a"), "b")

    def views(self, inputs, real):
        source = ops.convert_to_tensor(inputs["source"])
        as_b, as_a = self.translate(source, "b"), self.translate(real, "a")
        return {"There and back": [("first domain", source), ("as the second", as_b), ("and back", self.translate(as_b,
                                                                                                                  "a"))],
                "Back and there": [("second domain", real), ("as the first", as_a), ("and back", self.translate(as_a, "b"))]}


def _difference(images, others):
    return ops.mean(ops.abs(ops.cast(images, "float32") - others))


def _mean_of_patches(logits):
    """(N, h, w, 1) -> (N, 1)."""
    return ops.mean(ops.reshape(logits, (logits.shape[0], -1)), axis=1, keepdims=True)
