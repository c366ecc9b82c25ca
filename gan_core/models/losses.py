"""Adversarial losses and penalties, from logits, one value per sample.

Symbols follow the papers: ``real`` is D(x), ``fake`` is D(G(z)), both logits of shape (N,) or (N, 1) — never
probabilities.  ``softplus(-a)`` is ``-log sigmoid(a)`` without its overflow, so the gradient does not die where
the sigmoid saturates.
"""

from collections.abc import Callable
from typing import NamedTuple

from keras import ops


class AdversarialLoss(NamedTuple):
    """The two sides of a game: ``(real_logits, fake_logits) -> loss per sample, shape (N,)``.

    Both sides see both kinds of logits, so that relativistic losses fit.  ``accuracy`` says whether
    a logit above ``threshold`` is a verdict "real"; a critic only ranks, and its estimate is charted instead.
    ``smoothing`` says whether one-sided label smoothing means something: the loss has a target for real samples.
    ``pairs`` says that the generator's side looks at real logits too.
    """

    title: str
    paper: str
    discriminator: Callable
    generator: Callable
    accuracy: bool = True
    threshold: float = 0.0
    smoothing: bool = False
    pairs: bool = False


def flat(logits):
    """(N, 1) or (N,) -> float32 (N,).  Logits of shape (N, 1) against a vector would broadcast to N x N."""
    return ops.cast(ops.reshape(logits, (-1,)), "float32")


def _cross_entropy_discriminator(real, fake, smoothing=0.0):
    real, fake = flat(real), flat(fake)
    # One-sided smoothing (Salimans 2016, section 3.4): the target of real samples is 1 - smoothing, that of
    # generated ones stays 0.  Smoothing both would reward samples near the generator's mistakes.
    real_target = 1.0 - smoothing
    return real_target * ops.softplus(-real) + (1.0 - real_target) * ops.softplus(real) + ops.softplus(fake)


def _least_squares_discriminator(real, fake, smoothing=0.0):
    return 0.5 * (ops.square(flat(real) - (1.0 - smoothing)) + ops.square(flat(fake)))


NON_SATURATING = AdversarialLoss(
    "Non-saturating", "Goodfellow 2014, section 3",
    discriminator=_cross_entropy_discriminator,
    generator=lambda real, fake: ops.softplus(-flat(fake)),
    smoothing=True,
)

MINIMAX = AdversarialLoss(
    "Minimax", "Goodfellow 2014, equation 1",
    discriminator=_cross_entropy_discriminator,
    generator=lambda real, fake: -ops.softplus(flat(fake)),
    smoothing=True,
)

LEAST_SQUARES = AdversarialLoss(
    "Least squares", "Mao 2017, equation 9 (a=0, b=c=1)",
    discriminator=_least_squares_discriminator,
    generator=lambda real, fake: 0.5 * ops.square(flat(fake) - 1.0),
    threshold=0.5,  # its logit is drawn to 0 for generated samples and to 1 for real ones
    smoothing=True,
)

HINGE = AdversarialLoss(
    "Hinge", "Lim and Ye 2017; Miyato 2018, equations 16 and 17",
    discriminator=lambda real, fake: ops.relu(1.0 - flat(real)) + ops.relu(1.0 + flat(fake)),
    generator=lambda real, fake: -flat(fake),
)

WASSERSTEIN = AdversarialLoss(
    "Wasserstein", "Arjovsky 2017, equation 2",
    discriminator=lambda real, fake: flat(fake) - flat(real),
    generator=lambda real, fake: -flat(fake),
    accuracy=False,
)

RELATIVISTIC = AdversarialLoss(
    "Relativistic pairing", "Jolicoeur-Martineau 2019; Huang 2024, equation 2",
    discriminator=lambda real, fake: ops.softplus(-(flat(real) - flat(fake))),
    generator=lambda real, fake: ops.softplus(-(flat(fake) - flat(real))),
    accuracy=False,
    pairs=True,
)

LOSSES = {
    "non-saturating": NON_SATURATING,
    "minimax": MINIMAX,
    "least-squares": LEAST_SQUARES,
    "hinge": HINGE,
    "wasserstein": WASSERSTEIN,
    "relativistic": RELATIVISTIC,
}


def class_cross_entropy(labels, logits):
    """-log p(label) per sample, shape (N,): labels (N,) int, logits (N, K)."""
    return -ops.take_along_axis(ops.log_softmax(ops.cast(logits, "float32"), axis=-1), labels[:, None], axis=-1)[:, 0]


def mutual_information(logits, others, epsilon=1e-8):
    """Between two readings of the same N samples, in nats, a scalar from 0 to ln K: logits (N, K), both (Ji 2019, eq. 3).

    It is high when both agree, each is sure, and all K values occur.
    """
    first, second = (ops.softmax(ops.cast(reading, "float32"), axis=-1) for reading in (logits, others))
    joint = ops.matmul(ops.transpose(first), second) / first.shape[0]
    joint = ops.maximum((joint + ops.transpose(joint)) / 2.0, epsilon)  # the order of the two has no meaning
    alone = ops.sum(joint, axis=1, keepdims=True)
    return ops.sum(joint * (ops.log(joint) - ops.log(alone) - ops.log(ops.transpose(alone))))


def gradient_penalty(gradient, target=1.0, epsilon=1e-12):
    """(||grad D(x)||_2 - target)^2 per sample, shape (N,) (Gulrajani 2017, equation 3).

    ``gradient`` has the shape of the samples.  Epsilon stands under the root, where the norm has no gradient at 0.
    """
    squares = ops.sum(ops.square(ops.reshape(gradient, (ops.shape(gradient)[0], -1))), axis=1)
    return ops.square(ops.sqrt(squares + epsilon) - target)


def zero_centred_penalty(gradient):
    """||grad D(x)||^2 per sample, shape (N,): R1 on real samples, R2 on generated ones (Mescheder 2018, eq. 9)."""
    return ops.sum(ops.square(ops.reshape(gradient, (ops.shape(gradient)[0], -1))), axis=1)
