"""Conditional GAN: both networks are told the class (Mirza 2014), here with convolutions."""

from dataclasses import dataclass

import keras
from keras import layers

from gan_core.adversarial import AdversarialModel
from gan_core.inputs import Label, Latent
from gan_core.knobs import knob
from gan_core.networks import dcgan
from gan_core.techniques import ConvDiscriminator, Objective, TwoPlayers


@dataclass(frozen=True, kw_only=True)
class Config(Objective, ConvDiscriminator, TwoPlayers):
    embedding: int = knob(32, low=2, high=256, tiny=4, label="Class embedding",
                          help="Numbers that stand for a class in the generator.")


class CGAN(AdversarialModel):
    Config = Config
    title = "Conditional GAN"
    paper = "Mirza 2014, Conditional Generative Adversarial Nets"
    link = "https://arxiv.org/abs/1411.1784"
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
    needs_labels = True
    size_multiple = 4
    presets = {"Quick look": {"steps": 400, "filters": 32}, "Full": {"steps": 10_000, "ema_decay": 0.999}}

    def inputs(self):
        return (Latent(self.config.latent), Label(self.data.classes))

    def condition(self, batch):
        return [batch["label"]]

    def networks(self):
        c, shape, classes = self.config, self.data.shape, self.data.n_classes

        z, label = keras.Input((c.latent,), name="latent"), keras.Input((), dtype="int32", name="label")
        told = layers.Concatenate()([z, layers.Embedding(classes, c.embedding)(label)])
        generator = keras.Model([z, label], dcgan.upsample(told, shape, c.filters), name="generator")

        sample, label = keras.Input(shape, name="sample"), keras.Input((), dtype="int32", name="label")
        # The class enters the discriminator as one more channel, a picture that it learns for each class.
        picture = layers.Reshape((*shape[:2], 1))(layers.Embedding(classes, shape[0] * shape[1])(label))
        features = dcgan.downsample(layers.Concatenate()([sample, picture]), c.filters, norm=c.discriminator_norm,
                                    dropout=c.dropout)
        logit = layers.Dense(1, dtype="float32", name="logit")(features)
        return {"generator": generator, "discriminator": keras.Model([sample, label], logit, name="discriminator")}
