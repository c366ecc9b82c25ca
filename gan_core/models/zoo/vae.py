"""VAE: an encoder and a decoder that bound the likelihood from below (Kingma 2014)."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.data import IMAGES
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Latent
from gan_core.models.likelihoods import bernoulli, gaussian, held_out_levels, images_of, kl_to_normal, levels_of
from gan_core.models.networks import variational
from gan_core.models.shared_knobs import Latents, OnePlayer


@dataclass(frozen=True, kw_only=True)
class Config(Latents, OnePlayer):
    """ReLU, Adam and two hidden layers, where the paper has tanh, Adagrad and one of 500."""

    likelihood: str = knob(
        "auto", choices=("auto", "bernoulli", "gaussian"), group="Objective",
        help="What a pixel is thought to be thrown by. bernoulli: on or off, the grey value being the chance, thrown "
             "anew each time an image is seen; gaussian: a mean and one learned variance. auto: bernoulli for grey "
             "images, gaussian for colour.")
    width: int = knob(500, low=8, high=2048, log=True, tiny=8,
                      help="Units in each of the two hidden layers of both networks.")
    latent: int = inherit(Latents, "latent", default=20)
    beta_1: float = inherit(OnePlayer, "beta_1", default=0.9)


class VAE(GenerativeModel):
    Config = Config
    title = "VAE"
    paper = "Kingma 2014, Auto-Encoding Variational Bayes"
    link = "https://arxiv.org/abs/1312.6114"
    summary = ("An encoder finds the latent that an image may come from, a decoder draws images from latents. No "
               "opponent: steady and quick, with soft images.")
    story = ("The encoder says of each image which latents it may come from: a small cloud rather than a point. The "
             "decoder draws the image again from a latent of that cloud, and both learn to lose little on the way. The "
             "clouds are held near the standard normal distribution, so latents drawn from it decode to new images.")
    formula = (r"\mathcal{L}(\theta, \phi; x) = -D_{KL}\big(q_\phi(z \mid x) \,\|\, p(z)\big) + "
               r"\mathbb{E}_{q_\phi(z \mid x)}\big[\log p_\theta(x \mid z)\big], \quad \max_{\theta, \phi} \mathcal{L}")
    strengths = ("Steady: one loss, no opponent", "Encodes real images, so they can be compared and mixed",
                 "A bound on the likelihood, so models can be compared")
    weaknesses = ("Soft images: what it is not sure of it averages", "Latents that it does not need stay unused")
    dense = (IMAGES,)
    averaged, passes = ("encoder", "decoder"), {"encoder": 0}  # a sample needs no encoder; a reconstruction does
    presets = {"Quick look": {"steps": 1000}, "Full": {"steps": 40_000, "ema_decay": 0.999}}

    @property
    def bits(self):
        """Whether pixels are bits."""
        asked, grey = self.config.likelihood, self.data.shape[-1] == 1
        return asked == "bernoulli" or asked == "auto" and grey

    def networks(self):
        c, shape, widths = self.config, self.data.shape, [self.config.width] * 2
        return {"encoder": variational.encoder(shape, widths, c.latent),
                "decoder": variational.decoder(c.latent, shape, widths, bits=self.bits)}

    def inputs(self):
        return (Latent(self.config.latent),)

    def players(self):
        return (Player("autoencoder", "g", ("encoder", "decoder"), self.negative_elbo),)

    def negative_elbo(self, batch):
        """-L in nats per image (equation 3, one latent for each image)."""
        images = batch["real"]
        if self.bits:
            images = images_of(levels_of(images, 2, keras.random.uniform(images.shape, seed=self.random)), 2)
        noise = keras.random.normal((images.shape[0], self.config.latent), seed=self.random)
        reconstruction, kl = (ops.mean(term) for term in self.terms(self.encoder, self.decoder, images, noise))
        return reconstruction + kl, {"elbo": -(reconstruction + kl), "reconstruction": reconstruction, "kl": kl}

    def terms(self, encoder, decoder, images, noise, training=True):
        """-log p(x|z) and D_KL(q(z|x) || p(z)), (N,) each, at z = mean + deviation * noise (section 2.4)."""
        q = encoder(images, training=training)
        z = q["mean"] + ops.exp(0.5 * q["log_variance"]) * noise
        p = decoder(z, training=training)
        lost = bernoulli((images + 1.0) / 2.0, p["logits"]) if self.bits else gaussian(images, **p)
        return lost, kl_to_normal(**q)

    def elbo(self, images, seed=0, batch=1000):
        """Mean ELBO in nats of held-out images (N, H, W, C) in [-1, 1]; bits and latents are drawn by this seed."""
        if self.bits:
            images = ops.convert_to_numpy(images_of(held_out_levels(images, 2, seed), 2))
        noise = np.random.default_rng([seed, 1]).standard_normal((len(images), self.config.latent), np.float32)
        networks = self.sampler("encoder"), self.sampler("decoder")
        parts = [sum(self.terms(*networks, images[i:i + batch], noise[i:i + batch], training=False))
                 for i in range(0, len(images), batch)]
        return -float(np.concatenate([ops.convert_to_numpy(part) for part in parts]).mean())

    def sample(self, inputs, training=False):
        """Mean images."""
        return self._mean(self.sampler("decoder")(inputs["latent"], training=training))

    def encoded(self, real):
        return {"latent": self.sampler("encoder")(real, training=False)["mean"]}

    @staticmethod
    def _mean(p):
        return 2.0 * ops.sigmoid(p["logits"]) - 1.0 if "logits" in p else p["mean"]
