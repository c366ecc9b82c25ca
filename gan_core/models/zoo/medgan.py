"""MedGAN: records of many yes and no, drawn in the code of an autoencoder (Choi 2017)."""

import dataclasses
from dataclasses import dataclass

from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import IMAGES, TABLE
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.base import Player
from gan_core.models.networks import records
from gan_core.models.shared_knobs import Latents, Objective, Sharing, Steadying, TwoPlayers, ZeroCentred


@dataclass(frozen=True, kw_only=True)
class Config(Latents, Objective, Sharing, ZeroCentred, Steadying, TwoPlayers):
    # Section 4.1 has Adam 1e-3 for all and two updates of the discriminator, which its weights, drawn to 0, hold back.  Here
    # its rate does, and a softer target: with theirs it was right in all of its verdicts within 200 steps on MNIST.
    augment, packing = "none", 1

    generator_rate: float = inherit(TwoPlayers, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(TwoPlayers, "discriminator_rate", default=1e-4)
    label_smoothing: float = inherit(Objective, "label_smoothing", default=0.1, tiny=0.2)
    latent: int = inherit(Latents, "latent", default=128, label="Code size",
                          help="Numbers in the autoencoder's code, and in the noise that a record is made from.")
    depth: int = knob(3, low=1, high=8, tiny=2, label="Depth", help="Layers of the generator, all of the code's size.")
    width: int = knob(256, low=8, high=2048, log=True, tiny=8, label="Width",
                      help="Units in the discriminator's first layer; the second has half as many.")
    coding_steps: int = knob(2000, low=0, high=1_000_000, tiny=2, group="Objective", label="Steps before the game",
                             help="So many steps the autoencoder learns to give records back, before the generator learns "
                                  "to draw codes of them.")
    averaging: bool = knob(True, group="Stability", label="Minibatch averaging",
                           help="Shows the discriminator the mean of its batch beside each record, so that a lack of "
                                "variety is seen.")


class MedGAN(AdversarialModel):
    Config = Config
    title = "MedGAN"
    paper = "Choi 2017, Generating Multi-label Discrete Patient Records using Generative Adversarial Networks"
    link = "https://arxiv.org/abs/1703.06490"
    builds_on = ("gan",)
    summary = "Records of many yes and no, or of counts: an autoencoder finds a code for them, a GAN draws such codes."
    story = ("An autoencoder learns to give records back from a short code: what is on or off has no gradient, and a code "
             "has one. Then a generator turns noise into codes, the decoder makes records of them, and both learn to fool a "
             "discriminator. Beside each record it sees the mean of its batch, which shows a lack of variety.")
    formula = (r"\min_{G, Dec} \max_D \; \mathbb{E}_x[\log D(x, \bar x)] + "
               r"\mathbb{E}_z[\log(1 - D(x_z, \bar x_z))], \quad x_z = Dec(G(z))")
    strengths = ("many columns of yes and no", "what is on or off is learned by a gradient", "small and quick")
    weaknesses = ("numbers are no more than shares of their range", "what excludes each other may occur together",
                  "its discriminator wins early: mind its rate")
    kinds = (IMAGES, TABLE)
    dense = (IMAGES, TABLE)
    judges_plainly = False
    averaged = ("generator", "decoder")
    wiring = (("latent", "generator"), ("data", "encoder"), ("encoder", "decoder"), ("generator", "decoder"),
              ("data", "discriminator"), ("decoder", "discriminator"))
    presets = {"Quick look": {"steps": 4000, "coding_steps": 1000}, "Full": {"steps": 40_000, "coding_steps": 5000}}
    playing = True

    def __init__(self, config, data, seed=0):
        super().__init__(config, data, seed)
        self.enter(0)

    def networks(self):
        c = self.config
        self.records = records.Records(self.data)
        seen = self.records.width
        return {"encoder": records.encoder(seen, c.latent), "decoder": records.decoder(c.latent, seen),
                "generator": records.generator(c.latent, c.depth),
                "discriminator": records.discriminator(seen, [c.width, max(c.width // 2, 1)])}

    # Its two stages

    def stages(self):
        return (self.config.coding_steps,) if self.config.coding_steps else ()

    def enter(self, stage):
        self.playing = stage == len(self.stages())

    # The game

    def players(self):
        discriminator, generator = super().players()
        # The encoder learns on in the game, though nobody needs it: it stays one of this decoder's codes.
        return Player("encoder", "e", ("encoder",), self.reconstruction_loss), discriminator, generator

    def generator_player(self, *networks):
        player = super().generator_player("decoder", *networks)
        return player if self.playing else dataclasses.replace(player, makes=None, shown_to="")

    def reconstruction_loss(self, batch):
        real = self.records.of(self.records.crisp(batch["real"]))
        lost = self.records.lost(real, self.decoder(self.encoder(real, training=True), training=True))
        return lost, {"reconstruction": lost}

    def given(self, name, samples, batch):
        if name != "encoder":
            return super().given(name, samples, batch)
        return [self.records.of(self.records.crisp(ops.convert_to_tensor(samples)))]

    def generate(self, batch):
        """Samples of which nothing is decided: each number is a chance, a share or a count."""
        said = self.decoder(self.generator(batch["latent"], training=True), training=True)
        return self.records.samples(self.records.said(said))

    def judge(self, samples, batch, training=True):
        """Of records, each beside the mean of all."""
        seen = self.records.of(samples)
        mean = ops.mean(seen, axis=0, keepdims=True) if self.config.averaging else ops.zeros((1, seen.shape[1]))
        return super().judge(ops.concatenate([seen, ops.broadcast_to(mean, seen.shape)], axis=1), batch, training)

    def discriminator_loss(self, batch):
        if not self.playing:
            return ops.zeros(()), {}  # it does not move yet
        return super().discriminator_loss(batch | {"real": self.records.crisp(batch["real"])})

    def generator_loss(self, batch):
        return super().generator_loss(batch) if self.playing else self.reconstruction_loss(batch)

    # Samples

    def sample(self, inputs, training=False):
        code = self.sampler("generator")(ops.convert_to_tensor(inputs["latent"]), training=training)
        return self.records.samples(self.records.said(self.sampler("decoder")(code, training=training)))
