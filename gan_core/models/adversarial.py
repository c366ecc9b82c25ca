"""The usual game: a generator against a discriminator or critic."""

import keras
from keras import ops

from gan_core.engine.autodiff import input_gradient
from gan_core.models.augment import adapted, augmented
from gan_core.models.base import GenerativeModel, Player
from gan_core.models.inputs import Label, Latent
from gan_core.models.losses import zero_centred_penalty


class AdversarialModel(GenerativeModel):
    """Two networks, ``generator`` and ``discriminator``, and one :class:`~gan_core.models.losses.AdversarialLoss`.

    An architecture adds its networks and, where it has them, a condition (labels, a code), a penalty, and what its
    discriminator is asked beside real or not.  What :class:`gan_core.models.shared_knobs.Game` can be told is played here.
    """

    judges_plainly = True  # whether samples of the data's size are judged as they are, and not at sizes of their own

    def __init__(self, config, data, seed=0):
        super().__init__(config, data, seed)
        if config.augment == "ada":
            self.augment_p = self.state("augment_p", 0.0)
        if config.penalty_every > 1:  # what was found last, for the chart
            self.r1_found, self.r2_found = self.state("r1_found", 0.0), self.state("r2_found", 0.0)

    def inputs(self):
        return (Latent(self.config.latent),)

    @property
    def objective(self):
        return self.config.objective

    def players(self):
        return (Player("discriminator", "d", ("discriminator",), self.discriminator_loss,
                       updates=self.config.discriminator_updates, side="discriminator"),
                self.generator_player())

    def generator_player(self, *networks):
        """The player who moves the generator, and ``networks`` with it."""
        shares = {"makes": self.make, "shown_to": "discriminator"} if self.config.shared_samples else {}
        return Player("generator", "g", (*networks, "generator"), self.generator_loss,
                      updates=self.config.generator_updates, **shares)

    # What an architecture may add

    def condition(self, batch):
        """What the generator sees beside the noise: a list of tensors of N rows."""
        return []

    def discriminator_condition(self, batch):
        """What the discriminator sees beside samples; usually the same."""
        return self.condition(batch)

    def noise(self, n):
        """Random inputs of ``n`` samples, by name, as training draws them."""
        return {"latent": keras.random.normal((n, self.config.latent), seed=self.random)}

    def penalty(self, real, fake, batch):
        """``(scalar, logs)`` to add to the discriminator's loss.

        ``real`` and ``fake`` are what the discriminator saw.
        """
        return 0.0, {}

    def more_for_discriminator(self, real, fake, batch):
        """``(scalar, logs)`` to add to the discriminator's loss: what else it is asked.

        ``real`` and ``fake`` are all its outputs, see :meth:`judge`.
        """
        return 0.0, {}

    def more_for_generator(self, samples, fake, batch):
        """``(scalar, logs)`` to add to the generator's loss; ``fake`` are the discriminator's outputs."""
        return 0.0, {}

    # The game

    def generate(self, batch):
        """Generated samples, one for each in the batch, under the same condition."""
        return self._call(self.generator, batch["latent"], self.condition(batch))

    def judge(self, samples, batch, training=True):
        """All that the discriminator says: ``{"logits": (N, 1), ...}``, or (N, K) where K of them judge."""
        said = self._call(self.discriminator, samples, self.discriminator_condition(batch), training)
        return said if isinstance(said, dict) else {"logits": said}

    def discriminate(self, samples, batch):
        """Logits, shape (N, 1)."""
        return self.judge(samples, batch)["logits"]

    def score(self, samples, batch):
        """Logits of samples of the data's size as they are: packed, but neither augmented nor noisy; one of each pack.

        They are real where the batch has them as "real" too.
        """
        return self.discriminate(packed(samples, self.config.packing), batch)

    def seen(self, samples):
        """Samples as the discriminator gets to see them: augmented, noisy, packed."""
        config = self.config
        if config.augment != "none":
            p = self.augment_p if config.augment == "ada" else 1.0
            samples = augmented(samples, p, self.random)
        if config.instance_noise:
            left = 1.0 - ops.cast(self.rounds, "float32") / config.instance_noise_steps
            noise = keras.random.normal(samples.shape, seed=self.random)
            samples = samples + config.instance_noise * ops.maximum(left, 0.0) * noise
        return packed(samples, config.packing)

    def seen_alike(self, *several):
        """:meth:`seen` of several batches of as many samples, each changed by the same draws."""
        state, batches = ops.copy(self.random.state), []  # a copy: the variable changes in place
        for samples in several:
            self.random.state.assign(state)
            batches.append(self.seen(samples))
        return batches

    def make(self, batch):
        """Generated samples for a batch, and the noise they were made from."""
        drawn = self.noise(_count(batch))
        return self.generate(batch | drawn), drawn

    def with_made(self, batch):
        """The batch with generated samples in it, ``"made"``, and their noise: those at hand, or fresh ones."""
        if "made" in batch:
            return batch
        made, drawn = self.make(batch)
        return batch | drawn | {"made": made}

    def discriminator_loss(self, batch):
        batch = self.with_made(batch)
        return self.discriminator_objective(self.seen(batch["real"]), self.seen(batch["made"]), batch)

    def discriminator_objective(self, real, fake, batch):
        """``(scalar, logs)`` that the discriminator minimises, given all that it sees."""
        # Two passes: in one pass of both, batch normalisation would mix their statistics.
        on_real, on_fake = self.judge(real, batch), self.judge(fake, batch)
        smoothing = (self.config.label_smoothing,) if self.objective.smoothing else ()
        loss = ops.mean(self.objective.discriminator(on_real["logits"], on_fake["logits"], *smoothing))
        logs = self.verdicts(on_real["logits"], on_fake["logits"])
        for more, told in (self.penalty(real, fake, batch), self.more_for_discriminator(on_real, on_fake, batch),
                           self._zero_centred(real, fake, batch), self._adapt(on_real["logits"])):
            loss, logs = loss + more, logs | told
        return loss, logs

    def generator_loss(self, batch):
        batch = self.with_made(batch)
        samples = batch["made"]
        on_fake = self.judge(self.seen(samples), batch)
        real = self.discriminate(self.seen(batch["real"]), batch) if self.objective.pairs else None
        loss = ops.mean(self.objective.generator(real, on_fake["logits"]))
        more, logs = self.more_for_generator(samples, on_fake, batch)
        return loss + more, logs

    def _zero_centred(self, real, fake, batch):
        """gamma / 2 times R1 and R2 (Mescheder 2018, equations 9 and 10), every so many rounds and then as much more."""
        config, every = self.config, self.config.penalty_every
        now, total, logs = self.rounds % every == 0, 0.0, {}
        for name, weight, samples in (("r1", config.r1, real), ("r2", config.r2, fake)):
            if not weight:
                continue

            def penalty(samples=samples):
                gradient = input_gradient(lambda x: self.discriminate(x, batch), samples)
                return ops.mean(zero_centred_penalty(gradient))

            value = figure = penalty() if every == 1 else ops.cond(now, penalty, lambda: ops.zeros(()))
            if every > 1:
                last = getattr(self, f"{name}_found")
                figure = ops.where(now, value, ops.convert_to_tensor(last))
                last.assign(figure)
            total, logs = total + 0.5 * weight * every * value, logs | {f"{name}_penalty": figure}
        return total, logs

    def _adapt(self, real_logits):
        """ADA's probability after this batch (Karras 2020b, section 3.1)."""
        if self.config.augment != "ada":
            return 0.0, {}
        sure = ops.mean(ops.sign(real_logits - self.objective.threshold))
        self.augment_p.assign(adapted(self.augment_p, sure, self.config.ada_target, self.config.batch_size))
        return 0.0, {"augment_p": ops.convert_to_tensor(self.augment_p), "sure_of_real": sure}

    def verdicts(self, real_logits, fake_logits):
        """Accuracy on real and on generated samples apart; a critic's estimate of the distance instead."""
        if not self.objective.accuracy:
            return {"critic_estimate": ops.mean(real_logits) - ops.mean(fake_logits)}
        threshold = self.objective.threshold
        return {"d_accuracy_real": ops.mean(ops.cast(real_logits > threshold, "float32")),
                "d_accuracy_fake": ops.mean(ops.cast(fake_logits <= threshold, "float32"))}

    def sample(self, inputs, training=False):
        inputs = {name: ops.convert_to_tensor(values) for name, values in inputs.items()}
        samples = self._call(self.sampler("generator"), inputs["latent"], self.condition(inputs), training)
        return ops.cast(samples, "float32")

    @staticmethod
    def _call(network, x, condition, training=True):
        return network([x, *condition] if condition else x, training=training)


class ToldWhereLabelled(AdversarialModel):
    """A game in which both networks are told the class where the data have labels, unless the knob ``class_conditional`` is
    off (:class:`gan_core.models.shared_knobs.ClassesWhereLabelled`)."""

    @property
    def classes(self):
        """How many the networks are told of; 0 where they are told none."""
        return self.data.n_classes if self.config.class_conditional else 0

    def inputs(self):
        return (Latent(self.config.latent), *([Label(self.data.classes)] if self.classes else []))

    def condition(self, batch):
        return [batch["label"]] if self.classes else []


class ToldTheClass(AdversarialModel):
    """A game in which the generator, and usually the discriminator, is told the class."""

    needs_labels = True

    def inputs(self):
        return (Latent(self.config.latent), Label(self.data.classes))

    def condition(self, batch):
        return [batch["label"]]


def packed(samples, count):
    """``count`` samples behind one another in the last axis: (N, ..., C) -> (N / count, ..., count C) (Lin 2018)."""
    if count == 1:
        return samples
    n, *shape, channels = samples.shape
    samples = samples[:n - n % count]
    together = ops.moveaxis(ops.reshape(samples, (n // count, count, *shape, channels)), 1, -2)
    return ops.reshape(together, (n // count, *shape, count * channels))


def _count(batch):
    return batch["real"].shape[0]
