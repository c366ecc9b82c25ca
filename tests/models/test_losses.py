"""Losses and penalties, each against a loop over samples in plain Python."""

import math

import keras
import numpy as np
import pytest
from keras import ops

from gan_core.engine.autodiff import input_gradient
from gan_core.errors import BadInput
from gan_core.models.losses import LOSSES, NON_SATURATING, class_cross_entropy, gradient_penalty, zero_centred_penalty
from gan_core.models.networks import dcgan
from gan_core.models.shared_knobs import Objective

LN2 = math.log(2.0)
REAL = np.array([-4.0, -0.3, 0.0, 0.8, 2.5], np.float32)
FAKE = np.array([1.5, -2.0, 0.0, 3.0, -0.7], np.float32)
SMOOTHED = sorted(name for name, loss in LOSSES.items() if loss.smoothing)


def log_sigmoid(a):
    return -math.log1p(math.exp(-a))


def cross_entropy(r, f, s=0.0):
    """-[t log D(x) + (1 - t) log(1 - D(x))] - log(1 - D(G(z))) with the target t = 1 - s."""
    return -(1 - s) * log_sigmoid(r) - s * log_sigmoid(-r) - log_sigmoid(-f)


# One sample's loss as the papers write it: (discriminator, generator).
PAPERS = {
    "non-saturating": (cross_entropy, lambda r, f: -log_sigmoid(f)),
    "minimax": (cross_entropy, lambda r, f: log_sigmoid(-f)),
    "least-squares": (lambda r, f, s=0.0: 0.5 * ((r - (1 - s)) ** 2 + f ** 2), lambda r, f: 0.5 * (f - 1) ** 2),
    "hinge": (lambda r, f: max(0.0, 1 - r) + max(0.0, 1 + f), lambda r, f: -f),
    "wasserstein": (lambda r, f: f - r, lambda r, f: -f),
    "relativistic": (lambda r, f: -log_sigmoid(r - f), lambda r, f: -log_sigmoid(f - r)),
}


def loss_on(side, real, fake, *more):
    return np.asarray(side(ops.convert_to_tensor(real), ops.convert_to_tensor(fake), *more))


def gradient(function, a):
    """d function / d a at the number ``a``."""
    return float(np.asarray(input_gradient(function, np.array([a], np.float32)))[0])


def test_every_loss_has_its_formula_here():
    assert set(PAPERS) == set(LOSSES), "add the new loss to PAPERS, as its paper writes it for one sample"


@pytest.mark.parametrize("shapes", [((-1, 1), (-1, 1)), ((-1,), (-1,)), ((-1, 1), (-1,)), ((-1,), (-1, 1))], ids=str)
@pytest.mark.parametrize("side", [0, 1], ids=["discriminator", "generator"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_equals_a_loop_over_samples(name, side, shapes):
    loss = LOSSES[name]
    function = (loss.discriminator, loss.generator)[side]
    found = loss_on(function, REAL.reshape(shapes[0]), FAKE.reshape(shapes[1]))
    expected = [PAPERS[name][side](float(r), float(f)) for r, f in zip(REAL, FAKE)]
    assert found.shape == (len(REAL),), "one value per sample: (N, 1) against (N,) would broadcast to N x N"
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
@pytest.mark.parametrize("name", SMOOTHED)
def test_a_smoothed_loss_equals_a_loop_over_samples(name, smoothing):
    found = loss_on(LOSSES[name].discriminator, REAL[:, None], FAKE[:, None], smoothing)
    expected = [PAPERS[name][0](float(r), float(f), smoothing) for r, f in zip(REAL, FAKE)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name, discriminator, generator", [
    ("non-saturating", 2 * LN2, LN2), ("minimax", 2 * LN2, -LN2), ("relativistic", LN2, LN2),
    ("least-squares", 0.5, 0.5), ("hinge", 2.0, 0.0), ("wasserstein", 0.0, 0.0),
])
def test_losses_of_undecided_logits(name, discriminator, generator):
    zero = np.zeros((3, 1), np.float32)
    np.testing.assert_allclose(loss_on(LOSSES[name].discriminator, zero, zero), discriminator, rtol=1e-6)
    np.testing.assert_allclose(loss_on(LOSSES[name].generator, zero, zero), generator, rtol=1e-6)


def test_the_generators_gradient_lives_where_the_sigmoid_saturates():
    """At logit -30 a sigmoid is 1e-13: through a probability nothing would come back."""
    assert gradient(lambda f: NON_SATURATING.generator(None, f), -30.0) == pytest.approx(-1.0)
    assert abs(gradient(lambda f: LOSSES["minimax"].generator(None, f), -30.0)) < 1e-12, "which is why minimax stalls"
    zero = np.zeros(1, np.float32)  # and the discriminator, where it is as wrong as can be
    assert gradient(lambda r: NON_SATURATING.discriminator(r, zero), -30.0) == pytest.approx(-1.0)
    assert gradient(lambda f: NON_SATURATING.discriminator(zero, f), 30.0) == pytest.approx(1.0)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_stay_finite_at_extreme_logits(name):
    extreme = np.array([-1e4, 1e4, -1e4, 1e4], np.float32)
    other = np.array([1e4, -1e4, -1e4, 1e4], np.float32)
    assert np.isfinite(loss_on(LOSSES[name].discriminator, extreme, other)).all()
    assert np.isfinite(loss_on(LOSSES[name].generator, extreme, other)).all()


@pytest.mark.parametrize("name", SMOOTHED)
def test_label_smoothing_is_one_sided(name):
    """The best logit for real samples moves inwards; that of generated ones stays where it was."""
    loss, s = LOSSES[name].discriminator, 0.2
    fixed = np.zeros(1, np.float32)
    for f in (-2.0, 0.3, 2.0):
        assert gradient(lambda a: loss(fixed, a, s), f) == pytest.approx(gradient(lambda a: loss(fixed, a, 0.0), f))
    best = math.log((1 - s) / s) if name != "least-squares" else 1 - s  # sigma(best) is the target
    assert gradient(lambda a: loss(a, fixed, s), best) == pytest.approx(0.0, abs=1e-6)
    assert gradient(lambda a: loss(a, fixed, 0.0), best) < -1e-3


def test_smoothed_targets_stay_within_0_and_1():
    knob = next(k for k in Objective.knobs() if k.name == "label_smoothing")
    assert 0.0 <= 1 - knob.high < 1 - knob.low <= 1.0
    for wrong in (-0.1, 1.5):
        with pytest.raises(BadInput):
            Objective.parse({"label_smoothing": wrong})


def log_softmax(row):
    return [float(a) - math.log(sum(math.exp(float(b)) for b in row)) for a in row]


def test_the_cross_entropy_of_classes_equals_a_loop_over_samples():
    logits = np.random.default_rng(0).normal(0, 3, (6, 4)).astype(np.float32)
    labels = np.array([0, 3, 1, 1, 2, 0], np.int32)
    found = np.asarray(class_cross_entropy(ops.convert_to_tensor(labels), ops.convert_to_tensor(logits)))
    assert found.shape == (6,)
    np.testing.assert_allclose(found, [-log_softmax(row)[label] for row, label in zip(logits, labels)], rtol=1e-5)
    extreme = np.array([[1e4, -1e4]], np.float32)
    assert float(class_cross_entropy(np.array([1], np.int32), extreme)[0]) == pytest.approx(2e4), "and never infinite"


def test_acgan_pays_for_the_class_on_real_and_on_generated_samples(noise_for, tiny_model):
    rng, weight = np.random.default_rng(1), 0.7
    model = tiny_model("acgan", noise_for("acgan", "images"), class_weight=weight)
    labels, classes = np.array([0, 2, 1, 1], np.int32), 3
    real, fake = ({"classes": ops.convert_to_tensor(rng.normal(size=(4, classes)).astype(np.float32))} for _ in range(2))
    batch = {"label": ops.convert_to_tensor(labels)}

    def lost(said):
        return sum(-log_softmax(row)[label] for row, label in zip(np.asarray(said["classes"]), labels)) / 4

    def right(said):
        return sum(int(row.argmax()) == label for row, label in zip(np.asarray(said["classes"]), labels)) / 4

    more, logs = model.more_for_discriminator(real, fake, batch)
    assert float(more) == pytest.approx(weight * (lost(real) + lost(fake)), rel=1e-5)
    assert float(logs["class_accuracy_real"]) == right(real)
    more, logs = model.more_for_generator(None, fake, batch)
    assert float(more) == pytest.approx(weight * lost(fake), rel=1e-5) and float(logs["class_accuracy_fake"]) == right(fake)


def test_infogan_pays_for_codes_that_cannot_be_read(noise_for, tiny_model):
    rng = np.random.default_rng(2)
    model = tiny_model("infogan", noise_for("infogan", "images"), information=0.5, continuous_weight=0.2,
                       consistency=0.0)
    code, uniform = np.array([2, 0, 1], np.int32), rng.uniform(-1, 1, (3, 2)).astype(np.float32)
    said = {"code": rng.normal(size=(3, 3)).astype(np.float32), "uniform": rng.normal(size=(3, 2)).astype(np.float32)}
    category = sum(-log_softmax(row)[each] for row, each in zip(said["code"], code)) / 3
    squares = sum((float(a) - float(b)) ** 2 for a, b in zip(said["uniform"].reshape(-1), uniform.reshape(-1))) / 6
    batch = {"code": ops.convert_to_tensor(code), "uniform": ops.convert_to_tensor(uniform)}
    told = {name: ops.convert_to_tensor(values) for name, values in said.items()}
    for loss, _ in (model.more_for_discriminator(None, told, batch), model.more_for_generator(None, told, batch)):
        assert float(loss) == pytest.approx(0.5 * (category + 0.2 * squares), rel=1e-5), "both players gain when it is read"


@pytest.mark.parametrize("spectral", [False, True])
def test_a_projection_logit_is_a_linear_one_plus_an_inner_product(spectral):
    """psi(phi(x)) + y^T V phi(x) (Miyato and Koyama 2018, equation 3)."""
    features, label = keras.Input((5,)), keras.Input((), dtype="int32")
    built = keras.Model([features, label], dcgan.likeness(features, label, 3, spectral))
    vectors = np.asarray(built.get_layer("class_vector").kernel)
    assert vectors.shape == (3, 5) and (not spectral or np.linalg.norm(vectors, 2) == pytest.approx(1.0, abs=1e-3))
    phi = np.random.default_rng(3).normal(size=(4, 5)).astype(np.float32)
    labels = np.array([2, 0, 2, 1], np.int32)
    expected = [[sum(float(v) * float(f) for v, f in zip(vectors[label], row))] for row, label in zip(phi, labels)]
    np.testing.assert_allclose(np.asarray(built([phi, labels])), expected, rtol=1e-4, atol=1e-6)


def test_half_precision_logits_are_compared_in_full_precision():
    logits = ops.cast(ops.convert_to_tensor(REAL), "bfloat16")
    assert keras.backend.standardize_dtype(NON_SATURATING.generator(None, logits).dtype) == "float32"


@pytest.mark.parametrize("length, expected", [(1.0, 0.0), (2.0, 1.0), (0.5, 0.25)])
@pytest.mark.parametrize("shape", [(5, 4, 4, 3), (5, 2)], ids=["images", "points"])
def test_gradient_penalty_of_a_linear_critic(shape, length, expected):
    """D(x) = a . x has the gradient a everywhere, so the penalty is (|a| - 1)^2."""
    rng = np.random.default_rng(0)
    a = rng.standard_normal(shape[1:]).astype(np.float32)
    a *= length / np.linalg.norm(a)
    x = rng.standard_normal(shape).astype(np.float32)
    slopes = input_gradient(lambda x: ops.reshape(ops.sum(x * a, axis=tuple(range(1, len(shape)))), (-1, 1)), x)
    np.testing.assert_allclose(np.asarray(slopes), np.broadcast_to(a, shape), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(gradient_penalty(slopes)), np.full(5, expected), atol=1e-5)
    np.testing.assert_allclose(np.asarray(zero_centred_penalty(slopes)), np.full(5, length ** 2), rtol=1e-5)


def test_the_penalty_can_be_differentiated_where_the_gradient_is_zero():
    slope = input_gradient(gradient_penalty, np.zeros((3, 4), np.float32))
    assert np.isfinite(np.asarray(slope)).all(), "epsilon belongs under the root"
    np.testing.assert_allclose(np.asarray(gradient_penalty(np.zeros((3, 4), np.float32))), 1.0, atol=1e-5)


def test_a_penalty_reaches_the_critics_weights():
    """Second order: d/dw of (|w| - 1)^2 through the input gradient is 2 (|w| - 1) w / |w|."""
    x = np.random.default_rng(1).standard_normal((4, 3)).astype(np.float32)

    def penalty(w):
        return ops.mean(gradient_penalty(input_gradient(lambda x: ops.matmul(x, ops.reshape(w, (3, 1))), x)))

    w = np.array([0.0, 3.0, 4.0], np.float32)
    np.testing.assert_allclose(np.asarray(input_gradient(penalty, w)), 2 * (5 - 1) * w / 5, rtol=1e-5)


def test_input_gradient_keeps_samples_apart():
    x = np.array([[1.0], [2.0], [3.0]], np.float32)
    np.testing.assert_allclose(np.asarray(input_gradient(lambda x: x ** 3, x)), 3 * x ** 2, rtol=1e-6)
