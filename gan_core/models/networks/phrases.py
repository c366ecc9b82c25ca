"""Networks for phrases of music, (steps, pitches, voices), after Dong 2018 (MuseGAN) and its authors' code.

A bar is built up from its beats to its steps, and a column of pitches from octaves to half tones; one stream does the former
first, another the latter, and both are heard.  Kernels are as wide as their strides, so that no bar knows of its neighbours
but by the noise that it is made of.
"""

import keras
from keras import layers, ops

from gan_core.models.networks import dcgan

OCTAVE, BEAT = 12, 4  # half tones; steps


def octaves(pitches):
    return -(-pitches // OCTAVE)


def beats(bar):
    """``(beats a bar, steps a beat)``; of a bar that has no whole beats ``(its steps, 1)``."""
    return (bar // BEAT, BEAT) if bar % BEAT == 0 else (bar, 1)


def temporal(noise, count, size):
    """Noise (N, d) as a vector for each of ``count`` bars, (N, count, size): the temporal generator."""
    x = _activated(layers.Dense(count * size, use_bias=False, kernel_initializer=dcgan.initial())(noise))
    x = layers.Reshape((count, size))(x)
    return _activated(layers.Conv1D(size, 2, padding="same", use_bias=False, kernel_initializer=dcgan.initial())(x))


def part(noise, first, size):
    """The numbers of (N, d) from ``first`` on, (N, size)."""
    return noise[:, first:first + size]


def bars(x, pitches, voices, bar, filters):
    """A vector for each bar, (N, bars, d), as logits (N, steps, pitches, voices): the bar generator."""
    (beats_a_bar, steps), high = beats(bar), octaves(pitches)
    x = layers.Reshape((x.shape[1], 1, x.shape[2]))(x)
    x = _up(x, 8 * filters, 1, 1)
    x = _up(x, 4 * filters, beats_a_bar, 1)
    pitches_first = _up(_up(x, 2 * filters, 1, high), max(filters // 2, 1), 1, OCTAVE)
    times_first = _up(_up(x, 4 * filters, steps, 1), 2 * filters, 1, high)
    # Both end in logits, and are added: maps of features as large as a phrase would take most of the time.
    x = layers.Add(dtype="float32")([_to_logits(pitches_first, voices, steps, 1),
                                     _to_logits(times_first, voices, 1, OCTAVE)])
    return layers.Cropping2D(((0, 0), (0, x.shape[2] - pitches)), dtype="float32")(x) if x.shape[2] > pitches else x


def sounding(logits, single):
    """Logits (N, steps, pitches, voices) as samples in [-1, 1].

    Where each voice is a ``single`` one, the last of the pitches is silence, of which no more is told: the others have the
    rest of 1 (a softmax).  Else each pitch sounds or not.
    """
    if not single:
        return layers.Activation("tanh", dtype="float32")(logits)
    x = layers.Permute((1, 3, 2), dtype="float32")(logits)
    x = layers.Permute((1, 3, 2), dtype="float32")(layers.Activation("softmax", dtype="float32")(x))
    x = layers.Cropping2D(((0, 0), (0, 1)), dtype="float32")(x)
    return layers.Rescaling(2.0, -1.0, dtype="float32")(x)


def critic(shape, bar, filters, apart=False):
    """(N, steps, pitches, voices) -> logits (N, 1), or (N, voices) of a critic of each voice, ``apart``."""
    phrase = keras.Input(shape, name="phrase")
    if not apart:
        return keras.Model(phrase, dcgan.logit(_heard(phrase, bar, filters)), name="discriminator")
    logits = [layers.Dense(1, dtype="float32", name=f"logit_{voice}")(_heard(phrase[:, :, :, voice:voice + 1], bar, filters))
              for voice in range(shape[2])]
    return keras.Model(phrase, layers.Concatenate(dtype="float32")(logits) if len(logits) > 1 else logits[0],
                       name="discriminator")


def _heard(x, bar, filters):
    """A phrase as features (N, d)."""
    (beats_a_bar, steps), high = beats(bar), octaves(x.shape[2])
    if missing := high * OCTAVE - x.shape[2]:
        x = layers.ZeroPadding2D(((0, 0), (0, missing)))(x)
    pitches_first = _down(_down(_down(x, filters, 1, OCTAVE), 2 * filters, 1, high), 4 * filters, steps, 1)
    times_first = _down(_down(_down(x, filters, steps, 1), 2 * filters, 1, OCTAVE), 4 * filters, 1, high)
    x = layers.Concatenate()([pitches_first, times_first, _harmony(x, 4 * filters, steps, high)])
    x = _down(x, 8 * filters, beats_a_bar, 1)
    if x.shape[1] > 1:  # bars beside each other
        x = layers.LeakyReLU(0.2)(layers.Conv2D(8 * filters, (2, 1), kernel_initializer=_start())(x))
    return layers.Flatten()(x)


def _harmony(x, filters, steps, high):
    """What sounds together in each beat, in whatever key: (N, beats, 1, filters).

    Octaves are folded into one circle of pitch classes, on which kernels go all the way round; the mean over the circle
    is what all keys have in common.  The authors' critic has a stream of chroma, too, without the circle.
    """
    x = layers.AveragePooling2D((steps, 1))(x)
    x = layers.Reshape((x.shape[1], high, OCTAVE * x.shape[3]))(x)
    circle = layers.Reshape((x.shape[1], OCTAVE, x.shape[3] // OCTAVE))(ops.sum(x, axis=2))
    x = layers.Concatenate(axis=2)([circle, circle[:, :, :OCTAVE - 1]])
    x = _down(_down(x, filters, 1, OCTAVE, stride=1), filters, 1, 1)
    return ops.mean(x, axis=2, keepdims=True)


def _to_logits(x, voices, times, pitches):
    return layers.Conv2DTranspose(voices, (times, pitches), strides=(times, pitches), kernel_initializer=dcgan.initial(),
                                  dtype="float32")(x)


def _up(x, filters, times, pitches):
    x = layers.Conv2DTranspose(filters, (times, pitches), strides=(times, pitches), use_bias=False,
                               kernel_initializer=_start())(x)
    return _activated(x)


def _down(x, filters, times, pitches, stride=None):
    x = layers.Conv2D(filters, (times, pitches), strides=stride or (times, pitches), kernel_initializer=_start())(x)
    return layers.LeakyReLU(0.2)(x)


def _start():
    return keras.initializers.HeNormal()  # kernels of few inputs would give next to nothing at a deviation of 0.02


def _activated(x):
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
