"""The usual game: a generator against a discriminator or critic."""

import keras
from keras import ops

from gan_core.inputs import Latent
from gan_core.model import GenerativeModel, Player


class AdversarialModel(GenerativeModel):
    """Two networks, ``generator`` and ``discriminator``, and one :class:`~gan_core.losses.AdversarialLoss`.

    An architecture adds its networks and, where it has them, a condition (labels, a code) and a penalty.
    """

    def inputs(self):
        return (Latent(self.config.latent),)

    @property
    def objective(self):
        return self.config.objective

    def players(self):
        return (Player("discriminator", "d", ("discriminator",), self.discriminator_loss,
                       updates=self.config.discriminator_updates),
                Player("generator", "g", ("generator",), self.generator_loss))

    def condition(self, batch):
        """What both networks see beside their own input: a list of tensors of N rows."""
        return []

    def penalty(self, real, fake, batch):
        """``(scalar, logs)`` to add to the discriminator's loss."""
        return 0.0, {}

    def generate(self, batch):
        """Generated samples, one for each in the batch, under the same condition."""
        n = batch["real"].shape[0]
        latent = keras.random.normal((n, self.config.latent), seed=self.random)
        return self._call(self.generator, latent, self.condition(batch))

    def discriminate(self, samples, batch):
        """Logits, shape (N, 1)."""
        return self._call(self.discriminator, samples, self.condition(batch))

    def discriminator_loss(self, batch):
        real, fake = batch["real"], self.generate(batch)
        # Two passes: in one pass of both, batch normalisation would mix their statistics.
        real_logits, fake_logits = self.discriminate(real, batch), self.discriminate(fake, batch)
        smoothing = (self.config.label_smoothing,) if self.objective.smoothing else ()
        loss = ops.mean(self.objective.discriminator(real_logits, fake_logits, *smoothing))
        penalty, logs = self.penalty(real, fake, batch)
        return loss + penalty, logs | self.verdicts(real_logits, fake_logits)

    def generator_loss(self, batch):
        fake_logits = self.discriminate(self.generate(batch), batch)
        return ops.mean(self.objective.generator(self._real_logits(batch), fake_logits)), {}

    def _real_logits(self, batch):
        return None  # only relativistic losses look at them in the generator's turn

    def verdicts(self, real_logits, fake_logits):
        """Accuracy on real and on generated samples apart; a critic's estimate of the distance instead."""
        if not self.objective.accuracy:
            return {"critic_estimate": ops.mean(real_logits) - ops.mean(fake_logits)}
        threshold = self.objective.threshold
        return {"d_accuracy_real": ops.mean(ops.cast(real_logits > threshold, "float32")),
                "d_accuracy_fake": ops.mean(ops.cast(fake_logits <= threshold, "float32"))}

    def sample(self, inputs, training=False):
        condition = [inputs[each.name] for each in self.inputs()[1:]]
        samples = self._call(self.sampler("generator"), inputs["latent"], condition, training)
        return ops.cast(samples, "float32")

    @staticmethod
    def _call(network, x, condition, training=True):
        return network([x, *condition] if condition else x, training=training)
