"""f-AnoGAN: an encoder, trained on a finished model, that says at once which sample a picture is most like (Schlegl
2019)."""

import numpy as np

from gan_core.anomalies.base import BLOCK, Judged, Method
from gan_core.data import to_float
from gan_core.errors import Stopped

KAPPA = 1.0           # weight of what the discriminator sees (Schlegl 2019, equation 4)
BATCH, FILTERS, RATE = 64, 32, 5e-4
VERSION = 1           # of what is learned, and how


class FAnoGAN(Method):
    title = "f-AnoGAN (encoder)"
    words = ("An encoder learns, on the normal pictures, of which noise the model makes each; then a picture takes "
             "milliseconds. Minutes the first time.")
    order = 10
    needs_model = True
    steps = 1500

    def learned(self, subject, steps, seed, progress, should_stop):
        from keras import ops

        from gan_core.anomalies.through import Through

        through = Through(subject)
        encode = _own(subject.model, through) or self._trained(subject, through, steps, seed, progress, should_stop)

        def look(pictures):
            goals = to_float(pictures)
            seen, scores, made = through.features(goals), [], []
            for label in range(through.classes):
                labels = np.full(BLOCK, label, np.int32)
                like = through.samples(encode(goals, labels), labels)
                scores.append(np.asarray(_apart(like, goals, through.features(like), seen)))
                made.append(ops.convert_to_numpy(like))
            best, rows = np.stack(scores).argmin(0), np.arange(len(pictures))
            return Judged(np.stack(scores)[best, rows], np.stack(made)[best, rows])

        return look

    def _trained(self, subject, through, steps, seed, progress, should_stop):
        """``encode(images, labels)``: images in [-1, 1], and the classes as which they are to be made, to numbers of the
        moving inputs; kept in the workspace."""
        from gan_core.evaluation import kept_networks
        from gan_core.evaluation.extractors.base import digest

        shape, size = subject.normal.shape[1:], sum(through.sizes)
        weights = [np.asarray(values) for values in subject.model.sampler(subject.model.averaged[0]).get_weights()]
        key = digest(repr(("f-AnoGAN", VERSION, steps, seed)), subject.normal, *weights)[:32]

        def build():
            return _encoder(shape, size, through.classes)

        def train():
            return _learned(build(), through, subject.normal, steps, seed, progress, should_stop), 0.0

        network, _ = kept_networks.network(subject.workspace, key, build, train, should_stop, f"{subject.called} (f-AnoGAN)")
        return lambda images, labels: through.kept_in(network(_given(images, labels, through.classes), training=False))


def _own(model, through):
    """What a model with an encoder of its own knows already; None of one without."""
    if len(through.moving) != 1 or model.encoded(np.zeros((1, *model.data.shape), np.float32)) is None:
        return None
    name = through.moving[0].name

    def encode(images, labels):
        from keras import ops

        values = model.encoded(images)[name]
        return ops.reshape(ops.cast(values, "float32"), (len(images), -1))

    return encode


def _apart(like, goals, features, seen):
    """How far images are from their goals, (N,): squared differences of pixels and of what the discriminator sees."""
    from keras import ops

    return ops.mean(ops.square(like - goals), axis=(1, 2, 3)) + KAPPA * ops.mean(ops.square(features - seen), axis=1)


def _given(images, labels, classes):
    """What the encoder takes: images alone, or with the class, one-hot, as which they are to be made."""
    from keras import ops

    images = ops.convert_to_tensor(images)
    return images if classes == 1 else [images, ops.convert_to_tensor(np.eye(classes, dtype=np.float32)[labels])]


def _encoder(shape, size, classes):
    """Keras network: images (N, H, W, C) (and classes (N, K), one-hot, of several) -> (N, size), without statistics that
    would tie a picture to those beside it."""
    import keras
    from keras import layers

    image = x = keras.Input(shape, name="image")
    width = FILTERS
    while min(x.shape[1:3]) > 4:
        x = layers.LeakyReLU(negative_slope=0.2)(layers.Conv2D(width, 4, strides=2, padding="same",
                                                                kernel_initializer="zeros")(x))
        width = min(2 * width, 8 * FILTERS)
    x, told = layers.Flatten()(x), []
    if classes > 1:
        told = [keras.Input((classes,), name="class")]
        x = layers.Concatenate()([x, *told])
    x = layers.Dense(256, kernel_initializer="zeros")(x)
    x = layers.Dense(size, kernel_initializer="zeros", dtype="float32")(layers.LeakyReLU(negative_slope=0.2)(x))
    return keras.Model([image, *told] if told else image, x, name="encoder")


def _learned(encoder, through, normal, steps, seed, progress, should_stop):
    """The encoder, trained so that the model makes of what it says the picture again ("izi_f")."""
    import keras
    from keras import ops

    from gan_core.evaluation.extractors.base import compile_options, he_uniform

    he_uniform(encoder, seed)

    # As all classes in turn: which one a picture is shows in how near it comes.
    labels = np.arange(BATCH, dtype=np.int32) % through.classes

    def losses(images, values):
        like = through.samples(through.kept_in(values) + 0.1 * (values - through.kept_in(values)), labels)
        return _apart(like, images, through.features(like), through.features(images))

    class Learner(keras.Model):
        """Gives each image's loss; of the model it holds nothing, so that nothing of it moves."""

        def __init__(self):
            super().__init__()
            self.encoder = encoder

        def call(self, images, training=False):
            return losses(images, self.encoder(_given(images, labels, through.classes), training=training))

    learner = Learner()
    learner.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps)),
                    loss=lambda nothing, found: ops.mean(found), **compile_options())
    rng, nothing = np.random.RandomState(seed), np.zeros(BATCH, np.float32)
    for step in range(steps):
        if should_stop is not None and should_stop():
            raise Stopped
        learner.train_on_batch(to_float(normal[rng.randint(len(normal), size=BATCH)]), nothing)
        if progress is not None:
            progress((step + 1) / steps)
    return encoder
