"""VAE/GAN: an autoencoder that is judged by what a discriminator sees (Larsen 2016)."""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.base import Player
from gan_core.models.likelihoods import kl_to_normal
from gan_core.models.losses import NON_SATURATING, flat
from gan_core.models.networks import dcgan, variational
from gan_core.models.shared_knobs import Adaptive, Convolutions, Latents, Rivals, Smoothing


@dataclass(frozen=True, kw_only=True)
class Config(Smoothing, Convolutions, Adaptive, Rivals):
    """No shared samples: what the three see is drawn in each turn.

    Adam 2e-4 and batches of 128 as in all of the zoo that is built on DCGAN; the paper has RMSprop 3e-4 and 64.
    """

    discriminator_norm = True  # the features that images are compared by must keep their scale

    gamma: float = knob(
        1e-2, low=0.0, high=100.0, group="Objective", label="Likeness weight (gamma)",
        help="How much the generator is to reconstruct, beside fooling the discriminator. Higher: truer copies; lower: "
             "samples that look more real.")
    latent: int = inherit(Latents, "latent", default=32)


class VAEGAN(AdversarialModel):
    Config = Config
    title = "VAE/GAN"
    paper = "Larsen 2016, Autoencoding beyond Pixels Using a Learned Similarity Metric"
    link = "https://arxiv.org/abs/1512.09300"
    builds_on = ("vae", "gan")
    summary = ("A VAE whose decoder is a GAN's generator: images count as alike when the discriminator sees them "
               "alike. Encodes real images, and is sharper than a VAE.")
    story = ("An encoder finds a latent for an image, and the generator draws the image again from it. How well that "
             "went is measured not by pixels but by the features of a discriminator, which meanwhile learns to tell "
             "real images from drawn ones. So a stroke that is moved a little costs little, and a blur costs much.")
    formula = (r"\mathcal{L}_{prior} = D_{KL}(q(z \mid x) \,\|\, p(z)), \quad "
               r"\mathcal{L}_{llike}^{Dis_l} = -\mathbb{E}_{q(z \mid x)}[\log p(Dis_l(x) \mid z)]; \quad "
               r"Enc: \min \mathcal{L}_{prior} + \mathcal{L}_{llike}^{Dis_l}, \quad "
               r"Dec: \min \gamma \mathcal{L}_{llike}^{Dis_l} - \mathcal{L}_{GAN}, \quad Dis: \max \mathcal{L}_{GAN}")
    strengths = ("Encodes real images", "Sharper than a VAE", "Likeness is learned, not measured by pixels")
    weaknesses = ("Three players to balance", "Reconstructions keep the style rather than every pixel")
    size_multiple = 4
    objective = NON_SATURATING
    averaged, passes = ("encoder", "generator"), {"encoder": 0}  # a sample needs no encoder; a reconstruction does
    presets = {"Quick look": {"steps": 500, "filters": 32, "batch_size": 64, "ema_decay": 0.95},
               "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape = self.config, self.data.shape
        image, sample = keras.Input(shape, name="image"), keras.Input(shape, name="sample")
        features = dcgan.downsample(sample, c.filters, **dcgan.asked(c))
        said = {"logits": dcgan.logit(features, c.spectral_norm), "features": features}
        posterior = variational.posterior(dcgan.downsample(image, c.filters, norm=True), c.latent)
        return {"encoder": keras.Model(image, posterior, name="encoder"),
                "generator": dcgan.generator(c.latent, shape, c.filters),
                "discriminator": keras.Model(sample, said, name="discriminator")}

    def players(self):
        c = self.config
        return (Player("encoder", "e", ("encoder",), self.encoder_loss, updates=c.generator_updates),
                Player("generator", "g", ("generator",), self.generator_loss, updates=c.generator_updates),
                Player("discriminator", "d", ("discriminator",), self.discriminator_loss,
                       updates=c.discriminator_updates, side="discriminator"))

    def redrawn(self, real):
        """Images drawn again from a latent of q(z|x), and q itself."""
        q = self.encoder(real, training=True)
        noise = keras.random.normal(q["mean"].shape, seed=self.random)
        return self.generator(q["mean"] + ops.exp(0.5 * q["log_variance"]) * noise, training=True), q

    def unlike(self, real, again, batch):
        """-log N(Dis_l(x); Dis_l(x~), 1) but for its constant, per image (equation 7), and all that Dis says of x~."""
        # Under the same augmentation and noise: what differs then is the images.
        on_real, on_again = (self.judge(seen, batch) for seen in self.seen_alike(real, again))
        apart = ops.cast(on_real["features"], "float32") - ops.cast(on_again["features"], "float32")
        return 0.5 * ops.sum(ops.square(apart), axis=1), on_again

    def encoder_loss(self, batch):
        """L_prior + L_llike."""
        again, q = self.redrawn(batch["real"])
        prior, unlike = ops.mean(kl_to_normal(**q)), ops.mean(self.unlike(batch["real"], again, batch)[0])
        return prior + unlike, {"kl": prior, "feature_distance": unlike}

    def more_for_generator(self, samples, fake, batch):
        """gamma L_llike, and the reconstructions' part of -L_GAN (algorithm 1)."""
        again, _ = self.redrawn(batch["real"])
        unlike, on_again = self.unlike(batch["real"], again, batch)
        fooled = self.objective.generator(None, on_again["logits"])
        return ops.mean(fooled) + self.config.gamma * ops.mean(unlike), {}

    def more_for_discriminator(self, real, fake, batch):
        """Reconstructions are not real either (algorithm 1)."""
        on_again = self.judge(self.seen(self.redrawn(batch["real"])[0]), batch)
        return ops.mean(ops.softplus(flat(on_again["logits"]))), {}

    def encoded(self, real):
        return {"latent": self.sampler("encoder")(real, training=False)["mean"]}
