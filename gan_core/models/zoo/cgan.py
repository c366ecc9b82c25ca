"""Conditional GAN: both networks are told the class (Mirza 2014), here with convolutions."""

from dataclasses import dataclass

import keras
from keras import layers

from gan_core.config.knobs import knob
from gan_core.models.adversarial import ToldTheClass
from gan_core.models.networks import dcgan
from gan_core.models.shared_knobs import Classes, ConvDiscriminator, Game, Objective


@dataclass(frozen=True, kw_only=True)
class Config(Objective, Classes, ConvDiscriminator, Game):
    conditioning: str = knob(
        "picture", choices=("picture", "projection"), label="Class in the discriminator",
        help="picture: one more channel, learned for each class, as in the paper. projection: the inner product of the "
             "features with a vector learned for each class (Miyato and Koyama 2018); samples then keep to their class far "
             "better, so choose it unless you want the original.")


class CGAN(ToldTheClass):
    Config = Config
    title = "Conditional GAN"
    paper = "Mirza 2014, Conditional Generative Adversarial Nets"
    link = "https://arxiv.org/abs/1411.1784"
    builds_on = ("gan",)
    summary = "Tells both networks the class, so that you can ask for a seven and get a seven. Needs labels."
    story = ("The generator is given a class with its noise, and the discriminator sees the class with each sample. A "
             "good drawing of the wrong class is told as easily as a bad one, so the generator has to draw what was asked "
             "for. Afterwards you choose the class and the noise chooses the rest.")
    formula = r"""\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_\text{data}}[\log D(x \mid y)]
        + \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z \mid y) \mid y))]"""
    strengths = ("you choose what it draws", "every class is drawn, even where a plain GAN would drop some",
                 "learns faster: the class explains much of what differs between samples")
    weaknesses = ("needs a label for every sample, and wrong labels are learned too",
                  "may collapse within a class", "few samples of a class make a poor one")
    size_multiple = 4
    # With the generator's rate at 1e-3 samples of a class were all alike.
    presets = {"Quick look": {"steps": 800, "filters": 32, "batch_size": 64, "generator_rate": 5e-4,
                              "discriminator_rate": 5e-4, "ema_decay": 0.95, "conditioning": "projection"},
               "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def networks(self):
        c, shape, classes = self.config, self.data.shape, self.data.n_classes
        sample, label = keras.Input(shape, name="sample"), dcgan.label_input()
        if c.conditioning == "picture":
            picture = layers.Reshape((*shape[:2], 1))(layers.Embedding(classes, shape[0] * shape[1])(label))
            features = dcgan.downsample(layers.Concatenate()([sample, picture]), c.filters, **dcgan.asked(c))
            logits = dcgan.logit(features, c.spectral_norm)
        else:
            features = dcgan.downsample(sample, c.filters, **dcgan.asked(c))
            logits = layers.Add(dtype="float32")([dcgan.logit(features, c.spectral_norm),
                                                  dcgan.likeness(features, label, classes, c.spectral_norm)])
        return {"generator": dcgan.told_generator(c.latent, classes, c.embedding, shape, c.filters),
                "discriminator": keras.Model([sample, label], logits, name="discriminator")}
