"""InfoGAN: codes that the generator must make visible, and so give a meaning (Chen 2016)."""

from dataclasses import dataclass

import keras
from keras import layers, ops

from gan_core.adversarial import AdversarialModel
from gan_core.inputs import Code, Latent, Uniform
from gan_core.knobs import ABOVE_0, inherit, knob
from gan_core.losses import class_cross_entropy
from gan_core.networks import dcgan
from gan_core.networks.statistics import OneHot
from gan_core.techniques import ConvDiscriminator, Game, Latents, Objective


@dataclass(frozen=True, kw_only=True)
class Config(Objective, ConvDiscriminator, Game):
    # Appendix C.1: Adam with beta 0.5, discriminator 2e-4, generator 1e-3, 62 numbers of noise.
    generator_rate: float = inherit(Game, "generator_rate", default=1e-3)
    latent: int = inherit(Latents, "latent", default=62)
    categories: int = knob(10, low=2, high=100, tiny=3, label="Categories",
                           help="Values of the category code: as many as there are kinds of thing to find.")
    continuous: int = knob(2, low=1, high=8, tiny=2, label="Continuous codes",
                           help="Numbers from -1 to 1 that may become slant, width or the like.")
    information: float = knob(1.0, low=0.0, high=10.0, group="Objective", label="Information weight (lambda)",
                              help="How much being able to read the codes off a sample counts.")
    continuous_weight: float = knob(0.1, low=0.0, high=10.0, group="Objective", label="Continuous code weight",
                                    when={"information": ABOVE_0},
                                    help="The same for the continuous codes, beside the category.")


class InfoGAN(AdversarialModel):
    Config = Config
    title = "InfoGAN"
    paper = "Chen 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing GANs"
    link = "https://arxiv.org/abs/1606.03657"
    summary = ("Finds categories and continuous features without labels: the generator is given codes, and must draw "
               "so that they can be read off the sample.")
    story = ("Beside noise, the generator gets a category and a few numbers. The discriminator has a second head that "
             "reads them off the sample, and both networks gain when it succeeds. So the codes come to stand for what "
             "is easiest to see: which digit, how slanted, how wide.")
    formula = (r"\min_{G,Q} \max_D \; V(D,G) - \lambda L_I(G,Q), \qquad "
               r"L_I = \mathbb{E}_{c, x \sim G(z,c)} [\log Q(c \mid x)] + H(c)")
    strengths = ("Finds classes without labels", "Codes turn one feature at a time")
    weaknesses = ("What a code comes to mean is left to chance", "Two classes that look alike may share a code")
    size_multiple = 4
    presets = {"Quick look": {"steps": 600, "filters": 32}, "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def inputs(self):
        c = self.config
        return (Latent(c.latent), Code(c.categories), Uniform((c.continuous,)))

    def noise(self, n):
        c = self.config
        return super().noise(n) | {
            "code": keras.random.randint((n,), 0, c.categories, seed=self.random),
            "uniform": keras.random.uniform((n, c.continuous), -1.0, 1.0, seed=self.random)}

    def condition(self, batch):
        return [batch["code"], batch["uniform"]]

    def discriminator_condition(self, batch):
        return []

    def networks(self):
        c, shape = self.config, self.data.shape
        z, uniform = keras.Input((c.latent,), name="latent"), keras.Input((c.continuous,), name="uniform")
        code = keras.Input((), dtype="int32", name="code")
        told = layers.Concatenate()([z, OneHot(c.categories)(code), uniform])
        sample = keras.Input(shape, name="sample")
        features = dcgan.downsample(sample, c.filters, **dcgan.asked(c))
        dense = dcgan.dense(c.spectral_norm)
        read = dense(128, name="reader")(features)
        read = layers.LeakyReLU(negative_slope=0.1)(layers.BatchNormalization()(read))
        said = {"logits": dcgan.logit(features, c.spectral_norm),
                "code": dense(c.categories, dtype="float32", name="code_logits")(read),
                "uniform": dense(c.continuous, dtype="float32", name="uniform_mean")(read)}
        return {"generator": keras.Model([z, code, uniform], dcgan.upsample(told, shape, c.filters), name="generator"),
                "discriminator": keras.Model(sample, said, name="discriminator")}

    def more_for_discriminator(self, real, fake, batch):
        return self._unread(fake, batch)[0], {}

    def more_for_generator(self, samples, fake, batch):
        return self._unread(fake, batch)

    def _unread(self, said, batch):
        """-lambda L_I up to a constant: -log Q of the category, and squares for a Gaussian Q of fixed width."""
        category = ops.mean(class_cross_entropy(batch["code"], said["code"]))
        continuous = ops.mean(ops.square(said["uniform"] - batch["uniform"]))
        loss = self.config.information * (category + self.config.continuous_weight * continuous)
        found = ops.cast(ops.argmax(said["code"], axis=-1), "int32")
        right = ops.mean(ops.cast(found == ops.cast(batch["code"], "int32"), "float32"))
        return loss, {"code_accuracy": right}

    def read(self, samples):
        """The codes as the discriminator's second head reads them: (N,) int."""
        return ops.argmax(self.discriminator(samples, training=False)["code"], axis=-1)
