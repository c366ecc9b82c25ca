"""BigGAN in small: the class in every normalisation, hinge, projection, truncation (Brock 2019)."""

from dataclasses import dataclass

import keras
from keras import layers, ops

from gan_core.config.knobs import inherit, knob
from gan_core.models.adversarial import ToldTheClass
from gan_core.models.inputs import Dial
from gan_core.models.losses import HINGE
from gan_core.models.networks import resnet
from gan_core.models.networks.dcgan import doublings, label_input
from gan_core.models.shared_knobs import Classes, Filters, Game, Latents


@dataclass(frozen=True, kw_only=True)
class Config(Latents, Classes, Filters, Game):
    # Section 3 and appendix C: Adam with beta 0 and 0.999, two discriminator updates, rates of 5e-5 and 2e-4; twice as
    # much here, for runs of some thousand steps.
    generator_rate: float = inherit(Game, "generator_rate", default=1e-4)
    discriminator_rate: float = inherit(Game, "discriminator_rate", default=4e-4)
    beta_1: float = inherit(Game, "beta_1", default=0.0)
    discriminator_updates: int = inherit(Game, "discriminator_updates", default=2, tiny=2)
    batch_size: int = inherit(Game, "batch_size", default=64)
    filters: int = inherit(Filters, "filters", default=32)
    latent: int = inherit(Latents, "latent", default=80, low=8, tiny=8,
                          help="Numbers in the noise vector z; each block of the generator sees a part of them.")
    attention: bool = knob(False, label="Self-attention",
                           help="A layer in each network in which every place looks at every other (SAGAN, Zhang "
                                "2019). The paper has it; on small images it adds little.")
    orthogonal: float = knob(1e-4, low=0.0, high=1.0, group="Objective", label="Orthogonal regularisation",
                             help="Draws the generator's kernels towards independent filters, so that truncated noise "
                                  "gives clean samples (equation 3). 0: off.")


class BigGAN(ToldTheClass):
    Config = Config
    title = "BigGAN-lite"
    paper = "Brock 2019, Large Scale GAN Training for High Fidelity Natural Image Synthesis"
    link = "https://arxiv.org/abs/1809.11096"
    builds_on = ("sngan", "cgan")
    summary = ("Tells the class and a part of the noise to every block of the generator, judges by projection, and "
               "trades variety for clearness by truncating the noise. Needs labels.")
    story = ("The generator hears the class in each of its normalisations, and each block gets its own share of the "
             "noise. The discriminator compares an image with a vector it has learned for the class. Lite: batches of 64 "
             "instead of 2,048, few channels, no spectral normalisation in the generator, and attention by a knob.")
    formula = (r"\min_D \mathbb{E} [1 - D(x,y)]_+ + \mathbb{E} [1 + D(G(z,y),y)]_+, \quad \min_G -\mathbb{E} D(G(z,y),y) "
               r"+ \beta \|W^\top W \odot (\mathbf{1} - I)\|_F^2")
    strengths = ("The class is clear in every sample", "Truncation chooses between variety and clearness")
    weaknesses = ("Wants large batches, which two cores do not have", "Can break down late in training")
    size_multiple = 4
    objective = HINGE
    presets = {"Quick look": {"steps": 800, "batch_size": 32, "generator_rate": 5e-4, "discriminator_rate": 1e-3,
                              "ema_decay": 0.95},
               "Full": {"steps": 20_000, "ema_decay": 0.999}}

    def inputs(self):
        return (*super().inputs(),
                Dial("truncation", 0.05, 4.0, 4.0, "The largest number in the noise: smaller ones give clearer, more "
                                                   "similar samples (section 3.1)."))

    def sample(self, inputs, training=False):
        """Samples from the normal distribution cut off at the truncation."""
        return super().sample({**inputs, "latent": truncated(inputs["latent"], inputs["truncation"])}, training)

    def networks(self):
        c, shape, classes = self.config, self.data.shape, self.data.n_classes
        n, _ = doublings(shape[0])
        z, label = keras.Input((c.latent,), name="latent"), label_input()
        share = c.latent // (n + 1)
        parts = [z[:, i * share:(i + 1) * share] for i in range(n + 1)]
        # Quieter than the noise: as loud as it, the class alone told the samples of a batch apart, and each class became
        # one picture (recall 0.00 after 800 steps on MNIST; 0.5 so).  Far quieter, the class is learned later.
        quiet = keras.initializers.RandomNormal(stddev=0.2)
        shared = layers.Embedding(classes, c.embedding, embeddings_initializer=quiet, name="class")(label)
        told = [layers.Concatenate()([part, shared]) for part in parts]

        def norm_of(block):
            return lambda x: resnet.ConditionalNorm()([x, told[block + 1]])

        image = resnet.upsample(told[0], shape, c.filters, attention=c.attention, inject=norm_of,
                                widths=[c.filters * 2 ** (n - 1 - i) for i in range(n)])
        sample, asked = keras.Input(shape, name="sample"), label_input()
        widths = [c.filters * min(2 ** i, 2 ** (n - 1)) for i in range(n + 1)]
        seen = resnet.features(sample, c.filters, attention=c.attention, widths=widths)
        return {"generator": keras.Model([z, label], image, name="generator"),
                "discriminator": keras.Model([sample, asked], resnet.projected(seen, asked, classes),
                                             name="discriminator")}

    def more_for_generator(self, samples, fake, batch):
        if not self.config.orthogonal:
            return 0.0, {}
        kernels = [v for v in self.generator.trainable_variables if v.path.endswith("kernel") and len(v.shape) > 1]
        return self.config.orthogonal * sum(overlap(kernel) for kernel in kernels), {}


def truncated(latent, bound):
    """Normal noise (N, d) -> noise of the normal distribution within plus or minus ``bound`` (N,).

    By quantiles: each number keeps its rank, so one seed gives alike samples at every bound.
    """
    latent, bound = ops.convert_to_tensor(latent), ops.reshape(ops.convert_to_tensor(bound), (-1, 1))
    quantile = ops.erf(latent / 2 ** 0.5) * ops.erf(bound / 2 ** 0.5)
    return 2 ** 0.5 * ops.erfinv(ops.clip(quantile, -1 + 1e-6, 1 - 1e-6))


def overlap(kernel):
    """||W^T W (1 - I)||_F^2 of a kernel (..., out), a scalar (equation 3)."""
    matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
    # W W^T has the same norm as W^T W and is the smaller of the two where a layer widens: the first dense layer's would
    # have ten million entries.
    smaller = (ops.matmul(matrix, ops.transpose(matrix)) if matrix.shape[0] < matrix.shape[1]
               else ops.matmul(ops.transpose(matrix), matrix))
    return ops.sum(ops.square(smaller)) - ops.sum(ops.square(ops.sum(ops.square(matrix), axis=0)))
