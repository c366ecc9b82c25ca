"""AC-GAN: the discriminator also names the class (Odena 2017)."""

from dataclasses import dataclass

import keras
from keras import ops

from gan_core.config.knobs import knob
from gan_core.models.adversarial import ToldTheClass
from gan_core.models.losses import class_cross_entropy
from gan_core.models.networks import dcgan
from gan_core.models.shared_knobs import Classes, ConvDiscriminator, Game, Objective


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Classes, ConvDiscriminator, Game):
    class_weight: float = knob(1.0, low=0.0, high=100.0, group="Objective", label="Class weight",
                               help="How much naming the class counts beside real or not, for both players.")


class ACGAN(ToldTheClass):
    Config = Config
    title = "AC-GAN"
    paper = "Odena 2017, Conditional Image Synthesis with Auxiliary Classifier GANs"
    link = "https://arxiv.org/abs/1610.09585"
    builds_on = ("cgan",)
    summary = ("Tells the generator the class and asks the discriminator for it, so that what you ask for is what a "
               "classifier sees. Needs labels.")
    story = ("The generator is told which class to draw. The discriminator is not told: it says whether an image is "
             "real, and also which class it shows. Both players gain when the class is named correctly, so the "
             "generator draws what can be recognised.")
    formula = (r"L_S = \mathbb{E}\log P(S{=}real \mid x) + \mathbb{E}\log P(S{=}fake \mid G(z,c)), \quad "
               r"L_C = \mathbb{E}\log P(C{=}c \mid x) + \mathbb{E}\log P(C{=}c \mid G(z,c)); \quad "
               r"D: \max L_S + L_C, \quad G: \max L_C - L_S")
    strengths = ("Asked-for classes are clearly what was asked for", "The discriminator is a classifier, too")
    weaknesses = ("Draws easy examples: less variety within a class", "Needs labels")
    size_multiple = 4
    presets = {"Quick look": {"steps": 800, "filters": 32, "batch_size": 64, "generator_rate": 5e-4,
                              "discriminator_rate": 5e-4, "ema_decay": 0.95}, "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def discriminator_condition(self, batch):
        return []

    def networks(self):
        c, shape, classes = self.config, self.data.shape, self.data.n_classes
        sample = keras.Input(shape, name="sample")
        features = dcgan.downsample(sample, c.filters, **dcgan.asked(c))
        said = {"logits": dcgan.logit(features, c.spectral_norm),
                "classes": dcgan.dense(c.spectral_norm)(classes, dtype="float32", name="classes")(features)}
        return {"generator": dcgan.told_generator(c.latent, classes, c.embedding, shape, c.filters),
                "discriminator": keras.Model(sample, said, name="discriminator")}

    def more_for_discriminator(self, real, fake, batch):
        error, right = self._named(real, batch)
        return self.config.class_weight * (error + self._named(fake, batch)[0]), {"class_accuracy_real": right}

    def more_for_generator(self, samples, fake, batch):
        error, right = self._named(fake, batch)
        return self.config.class_weight * error, {"class_accuracy_fake": right}

    @staticmethod
    def _named(said, batch):
        """-log P(C = c), and the share named correctly: ``(scalar, scalar)``."""
        classes = ops.cast(ops.argmax(said["classes"], axis=-1), "int32")
        return (ops.mean(class_cross_entropy(batch["label"], said["classes"])),
                ops.mean(ops.cast(classes == ops.cast(batch["label"], "int32"), "float32")))
