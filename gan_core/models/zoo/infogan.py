"""InfoGAN: codes that the generator must make visible, and so give a meaning (Chen 2016)."""

from dataclasses import dataclass

import keras
from keras import layers, ops

from gan_core.config.knobs import ABOVE_0, inherit, knob
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.augment import warped
from gan_core.models.inputs import Code, Codes, Latent
from gan_core.models.losses import class_cross_entropy, mutual_information
from gan_core.models.networks import dcgan
from gan_core.models.networks.statistics import OneHot
from gan_core.models.shared_knobs import ConvDiscriminator, Game, Latents, Objective, Training


@dataclass(frozen=True, kw_only=True)
class Config(Objective, ConvDiscriminator, Game):
    # Appendix C.1 and table 1: Adam with beta 0.5, discriminator 2e-4, generator 1e-3, 62 numbers of noise, no dropout.
    generator_rate: float = inherit(Game, "generator_rate", default=1e-3)
    latent: int = inherit(Latents, "latent", default=62)
    dropout: float = inherit(ConvDiscriminator, "dropout", default=0.0)
    # At this rate the generator's weights turn quickly: their mean over 100 steps does not fit the mean of its moving
    # statistics, and for the first 700 steps samples were grey.
    ema_decay: float = inherit(Training, "ema_decay", default=0.9)
    hidden: int = knob(1024, low=16, high=4096, log=True, tiny=16, label="Hidden units",
                       help="The dense layer of each network, where its features are few enough to carry a meaning. Without "
                            "it, codes came to stand for digits much more slowly.")
    categories: int = knob(10, low=2, high=100, tiny=3, label="Categories",
                           help="Values of the category code: as many as there are kinds of thing to find.")
    continuous: int = knob(2, low=1, high=8, tiny=2, label="Continuous codes",
                           help="Numbers from -1 to 1 that may become slant, width or the like.")
    information: float = knob(1.0, low=0.0, high=10.0, group="Objective", label="Information weight (lambda)",
                              help="How much being able to read the codes off a sample counts.")
    consistency: float = knob(
        0.0, low=0.0, high=10.0, tiny=1.0, group="Objective", label="Consistency weight",
        help="How much the category read off a real image and off the same image a little turned, slanted, stretched and "
             "moved must agree: then it comes to stand for what the thing is, not for how it is drawn. The paper has none.")
    continuous_weight: float = knob(0.1, low=0.0, high=10.0, group="Objective", label="Continuous code weight",
                                    when={"information": ABOVE_0},
                                    help="The same for the continuous codes, beside the category.")


class InfoGAN(AdversarialModel):
    Config = Config
    title = "InfoGAN"
    paper = "Chen 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing GANs"
    link = "https://arxiv.org/abs/1606.03657"
    builds_on = ("gan",)
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
    # With the paper's objective alone, what codes stand for is decided by chance, and differs from seed to seed:
    # docs/claims.md.
    presets = {"Quick look": {"steps": 1200, "filters": 32, "consistency": 1.0},
               "Full": {"steps": 10_000, "ema_decay": 0.99, "consistency": 1.0}}

    def inputs(self):
        c = self.config
        return (Latent(c.latent), Code(c.categories), Codes((c.continuous,)))

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
        told = layers.ReLU()(_normalised(dcgan.dense(False), c.hidden)(told))
        image = dcgan.upsample(told, shape, c.filters, least=2)
        sample = keras.Input(shape, name="sample")
        dense = dcgan.dense(c.spectral_norm)
        features = _leaky(_normalised(dense, c.hidden)(dcgan.downsample(sample, c.filters, **dcgan.asked(c))))
        read = _leaky(_normalised(dense, 128, name="reader")(features))
        said = {"logits": dcgan.logit(features, c.spectral_norm),
                "code": dense(c.categories, dtype="float32", name="code_logits")(read),
                "uniform": dense(c.continuous, dtype="float32", name="uniform_mean")(read)}
        return {"generator": keras.Model([z, code, uniform], image, name="generator"),
                "discriminator": keras.Model(sample, said, name="discriminator")}

    def more_for_discriminator(self, real, fake, batch):
        unread, weight = self._unread(fake, batch)[0], self.config.consistency
        if not weight:
            return unread, {}
        # Images and their changed selves must agree, as in Ojha 2020 (Elastic-InfoGAN, section 3.2), by the measure of
        # Ji 2019 (IIC), which needs neither a temperature nor many pairs.
        again = self.judge(warped(batch["real"], self.random), batch)
        agreement = mutual_information(real["code"], again["code"])
        return unread - weight * agreement, {"code_agreement": agreement}

    def more_for_generator(self, samples, fake, batch):
        return self._unread(fake, batch)

    def _unread(self, said, batch):
        """-lambda L_I up to a constant: -log Q of the category, and squares for a Gaussian Q of fixed width."""
        category = ops.mean(class_cross_entropy(batch["code"], said["code"]))
        continuous = ops.mean(ops.square(said["uniform"] - batch["uniform"]))
        loss = self.config.information * (category + self.config.continuous_weight * continuous)
        codes = ops.cast(ops.argmax(said["code"], axis=-1), "int32")
        right = ops.mean(ops.cast(codes == ops.cast(batch["code"], "int32"), "float32"))
        return loss, {"code_accuracy": right}

    def read(self, samples):
        """The codes as the discriminator's second head reads them: (N,) int."""
        return ops.argmax(self.discriminator(samples, training=False)["code"], axis=-1)


def _normalised(dense, units, name=None):
    """A dense layer with batch normalisation."""
    def apply(x):
        x = dense(units, use_bias=False, kernel_initializer=dcgan.initial(), name=name)(x)
        return layers.BatchNormalization(momentum=0.9)(x)
    return apply


def _leaky(x):
    return layers.LeakyReLU(negative_slope=0.1)(x)
