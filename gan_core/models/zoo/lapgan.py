"""LAPGAN: a small image first, then the detail that it lacks (Denton 2015)."""

from dataclasses import dataclass, replace

import keras
from keras import ops

from gan_core.models.adversarial import AdversarialModel
from gan_core.models.inputs import Latent, Uniform
from gan_core.models.networks import dcgan
from gan_core.models.networks.pyramid import detailer, doubled, halved
from gan_core.models.shared_knobs import ConvDiscriminator, Objective, PlainGame


@dataclass(frozen=True, kw_only=True)
class Config(Objective, ConvDiscriminator, PlainGame):
    """No ADA: it follows one discriminator, and here are two.

    The paper trains with SGD from a rate of 0.02 that falls, for days; Adam as in DCGAN gets there in minutes.
    """


class LAPGAN(AdversarialModel):
    """The levels are two games of the same rules on images of two sizes, by which they are told apart."""

    Config = Config
    title = "LAPGAN"
    paper = "Denton 2015, Deep Generative Image Models using a Laplacian Pyramid of Adversarial Networks"
    link = "https://arxiv.org/abs/1506.05751"
    builds_on = ("cgan",)
    summary = ("Draws an image of half the size first and then adds the detail, each with a generator and a "
               "discriminator of its own.")
    story = ("A blurred small image is easier to draw than a sharp large one. So one generator draws the small image, and "
             "a second one is shown its enlargement and draws only what is missing. Each has a discriminator of its own "
             "and learns from real images alone, so the levels never wait for each other.")
    formula = (r"l = u(d(I)), \quad h = I - l; \quad "
               r"\min_{G_k} \max_{D_k} \; \mathbb{E} \log D_k(h, l) + \mathbb{E} \log\big(1 - D_k(G_k(z, l), l)\big); "
               r"\quad \tilde I = u(\tilde I_{coarse}) + G_k\big(z, u(\tilde I_{coarse})\big)")
    strengths = ("Each level has an easy task", "Shows what is structure and what is detail")
    weaknesses = ("Four networks to keep in balance", "Detail cannot put right a wrong coarse image")
    judges_plainly = False
    size_multiple = 4
    averaged = ("generator", "coarse_generator")
    # Samples pass from the coarse generator to the fine one; in training that adds its detail to blurred real images.
    wiring = (("latent", "coarse_generator"), ("data", "coarse_discriminator"), ("data", "generator"),
              ("coarse_generator", "coarse_discriminator"), ("coarse_generator", "generator"), ("detail", "generator"),
              ("data", "discriminator"), ("generator", "discriminator"))
    presets = {"Quick look": {"steps": 600, "filters": 32, "batch_size": 64, "generator_rate": 1e-3,
                              "discriminator_rate": 5e-4, "ema_decay": 0.95},
               "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def inputs(self):
        return (Latent(self.config.latent), Uniform((*self.data.shape[:-1], 1), name="detail"))

    def noise(self, n):
        return super().noise(n) | {"detail": keras.random.uniform((n, *self.data.shape[:-1], 1), -1.0, 1.0,
                                                                  seed=self.random)}

    def networks(self):
        c, shape = self.config, self.data.shape
        small = (shape[0] // 2, shape[1] // 2, shape[2])
        return {"generator": detailer(shape, c.filters),
                "discriminator": dcgan.discriminator(shape, c.filters, **dcgan.asked(c)),
                "coarse_generator": dcgan.generator(c.latent, small, c.filters),
                "coarse_discriminator": dcgan.discriminator(small, c.filters, **dcgan.asked(c))}

    def players(self):
        discriminator, generator = super().players()
        return (discriminator, generator, self._coarse(discriminator), self._coarse(generator))

    def _coarse(self, player):
        """The same player on images of half the size."""
        def halving(function):
            return lambda batch: function(batch | {"real": halved(batch["real"])})

        def loss(batch):
            value, logs = halving(player.loss)(batch)
            return value, {f"coarse_{name}": log for name, log in logs.items()}

        return replace(player, name=f"coarse_{player.name}", key=f"coarse_{player.key}", loss=loss,
                       networks=tuple(f"coarse_{name}" for name in player.networks),
                       makes=player.makes and halving(player.makes),
                       shown_to=player.shown_to and f"coarse_{player.shown_to}")

    def generate(self, batch):
        """Coarse images for a coarse batch; else real ones, blurred, with generated detail (section 3.2)."""
        if not self._is_full_size(batch["real"]):
            return self.coarse_generator(batch["latent"], training=True)
        blurred = doubled(halved(batch["real"]))
        return blurred + self.generator([blurred, batch["detail"]], training=True)

    def judge(self, samples, batch):
        # The detail is added to the blurred image before the first layer (section 4): D_k(h, l) sees l + h.
        network = self.discriminator if self._is_full_size(samples) else self.coarse_discriminator
        return {"logits": network(samples, training=True)}

    def _is_full_size(self, images):
        return images.shape[1] == self.data.shape[0]

    def sample(self, inputs, training=False):
        return self._levels(inputs, training)[-1]

    def views(self, inputs, real):
        return {"Levels": list(zip(("coarse", "detail", "sum"), self._levels(inputs)))}

    def _levels(self, inputs, training=False):
        """The coarse image enlarged, the detail and their sum (equation 5), all (N, H, W, C)."""
        coarse = doubled(ops.cast(self.sampler("coarse_generator")(inputs["latent"], training=training), "float32"))
        detail = self.sampler("generator")([coarse, ops.convert_to_tensor(inputs["detail"])], training=training)
        return coarse, detail, ops.clip(coarse + detail, -1.0, 1.0)
