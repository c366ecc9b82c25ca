"""A radiance field: which density and colour there is at each place, and what a camera sees of it.

The field lies within the ball of radius 1 around the origin, y up.  The camera looks at the origin from where the ball just
fills the picture; rays are followed through the ball alone.
"""

import math

import keras
from keras import layers, ops

from gan_core.models.networks import dcgan

# Before training a ray through the middle is held back by about two thirds: a grey fog, through which all of the ball is
# seen, and so all of it learns.
START = -4.0
DENSITY = 25.0  # of softplus 1: where the network says 2, hardly anything is seen through a tenth of the radius
FALL = 0.5 ** 0.5  # from octave to octave
FEWEST = 4      # pixels a side of the patches that a discriminator still halves


@keras.saving.register_keras_serializable("gan_core")
class Waves(layers.Layer):
    """(..., d) -> (..., d + 2 d octaves): numbers beside their sines and cosines at pi, 2 pi, 4 pi ... (Mildenhall 2020,
    equation 4).  Where theirs are all of one height, here each octave is lower by the root of 2, so that coarse forms come
    before stripes."""

    def __init__(self, octaves, **options):
        super().__init__(**options)
        self.octaves = octaves

    def call(self, x):
        sine, cosine = ops.sin(math.pi * x), ops.cos(math.pi * x)
        parts = [x, sine, cosine]
        for octave in range(1, self.octaves):  # of the doubled angle: sines take far longer than sums
            sine, cosine = 2.0 * sine * cosine, 1.0 - 2.0 * sine * sine
            parts += [FALL ** octave * sine, FALL ** octave * cosine]
        return ops.concatenate(parts, axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] * (1 + 2 * self.octaves))

    def get_config(self):
        return super().get_config() | {"octaves": self.octaves}


def field(samples, shape, appearance, channels, *, width, depth, octaves, direction_octaves):
    """The network of one ray: [places (N, S, 3), shape code, appearance code, and with ``direction_octaves`` the direction
    (N, 3)] -> ``{"density": (N, S), "colour": (N, S, C)}``, as logits and in [-1, 1] (Schwarz 2020, figure 3).

    Codes join by layers of their own whose outputs are added: the same as if they stood beside each place, at a fraction of
    the work.
    """
    places = keras.Input((samples, 3), name="places")
    shape_code, look = keras.Input((shape,), name="shape"), keras.Input((appearance,), name="appearance")
    given = [places, shape_code, look]

    def joined(x, code):
        told = layers.Reshape((1, width))(layers.Dense(width, use_bias=False)(code))
        return layers.ReLU()(layers.Add()([layers.Dense(width)(x), told]))

    x = Waves(octaves, dtype="float32")(places)  # in half the bits a place would be somewhere else
    for _ in range(depth):
        x = joined(x, shape_code)
    density = layers.Dense(1, dtype="float32", bias_initializer=keras.initializers.Constant(START), name="density")(x)
    density = layers.Reshape((samples,), dtype="float32")(density)
    if direction_octaves:
        direction = keras.Input((3,), name="direction")
        given.append(direction)
        look = layers.Concatenate()([look, Waves(direction_octaves, dtype="float32")(direction)])
    colour = layers.Dense(channels, activation="tanh", dtype="float32", name="colour")(joined(x, look))
    return keras.Model(given, {"density": density, "colour": colour}, name="generator")


def patch_discriminator(side, channels, filters):
    """(N, side, side, C) -> logits (N, 1): strided 4 x 4 convolutions as :func:`gan_core.models.networks.dcgan.downsample`,
    down to :data:`FEWEST` pixels."""
    patch = x = keras.Input((side, side, channels), name="patch")
    width = filters
    while x.shape[1] > FEWEST or x is patch:
        x = layers.Conv2D(width, 4, strides=2, padding="same")(x)
        x, width = layers.LeakyReLU(negative_slope=0.2)(x), min(2 * width, 8 * filters)
    x = layers.LeakyReLU(negative_slope=0.2)(layers.Conv2D(width, 3, padding="same")(x))
    return keras.Model(patch, dcgan.logit(layers.Flatten()(x)), name="discriminator")


# Cameras


def grid(side):
    """Middles of ``side`` x ``side`` pixels, (side, side, 2): to the right and down, the picture from -1 to 1."""
    middles = (2.0 * ops.arange(side, dtype="float32") + 1.0) / side - 1.0
    right, down = ops.meshgrid(middles, middles)
    return ops.stack([right, down], axis=-1)


def rays(turn, elevation, places, field_of_view):
    """``(eyes, directions)`` of rays, each (N, R, 3), directions of length 1.

    Args:
        turn, elevation: degrees (N,); at 0 and 0 the camera stands on the z axis.
        places: (N, R, 2), where they pass through the picture, as :func:`grid` counts.
        field_of_view: degrees of the picture's side.
    """
    turn, elevation = (ops.cast(angle, "float32") * (math.pi / 180.0) for angle in (turn, elevation))
    sine, cosine, up, level = ops.sin(turn), ops.cos(turn), ops.sin(elevation), ops.cos(elevation)
    away = ops.stack([level * sine, up, level * cosine], axis=-1)[:, None]
    right = ops.stack([cosine, ops.zeros_like(sine), -sine], axis=-1)[:, None]
    upward = ops.stack([-up * sine, level, -up * cosine], axis=-1)[:, None]
    half = math.radians(field_of_view) / 2
    place = math.tan(half) * places
    directions = place[..., :1] * right - place[..., 1:] * upward - away
    directions = directions / ops.sqrt(ops.sum(ops.square(directions), axis=-1, keepdims=True))
    return ops.broadcast_to(away / math.sin(half), ops.shape(directions)), directions


def through_the_ball(eyes, directions, samples, jitter=None):
    """Where rays (..., 3) are looked at on their way through the ball: ``(places (..., S, 3), nearness (..., S), step
    (...,))``.  The nearness of a place is 1 in front and -1 at the back, the step the length between two places, 0 of a ray
    that misses the ball.

    Args:
        jitter: (..., S) in [0, 1), where within its step each place lies; None takes the middles.
    """
    nearest = -ops.sum(eyes * directions, axis=-1)
    squared = 1.0 - (ops.sum(eyes * eyes, axis=-1) - nearest * nearest)
    half = ops.sqrt(ops.maximum(squared, 0.0))
    step = 2.0 * half / samples
    part = ops.arange(samples, dtype="float32") + (0.5 if jitter is None else jitter)
    along = (nearest - half)[..., None] + step[..., None] * part
    places = eyes[..., None, :] + along[..., None] * directions[..., None, :]
    return places, ops.sqrt(ops.sum(eyes * eyes, axis=-1))[..., None] - along, step


def seen(density, colour, nearness, step, background):
    """What rays see: ``(colour (..., C), nearness (...,))`` in [-1, 1] (Mildenhall 2020, equation 3); the nearness is -1 of
    what meets nothing.

    Args:
        density: (..., S) logits.
        colour: (..., S, C).
        nearness, step: as :func:`through_the_ball` gives them.
        background: a number, the colour behind all.
    """
    thickness = DENSITY * ops.softplus(density) * step[..., None]
    before = ops.cumsum(thickness[..., :-1], axis=-1)
    passed = ops.exp(-ops.concatenate([ops.zeros_like(thickness[..., :1]), before], axis=-1))
    share = passed * (1.0 - ops.exp(-thickness))
    through = 1.0 - ops.sum(share, axis=-1)
    picture = ops.sum(share[..., None] * colour, axis=-2) + background * through[..., None]
    return picture, ops.sum(share * nearness, axis=-1) - through


# Patches


def patches(side, scale, shift):
    """Where patches of ``side`` x ``side`` rays pass through pictures: (N, side, side, 2), see :func:`grid`.

    Args:
        scale: (N,), how much of the picture's side a patch covers.
        shift: (N, 2) in [-1, 1], where it lies: at -1 at the left, or at the top.
    """
    return (scale[:, None, None, None] * grid(side)[None]
            + ((1.0 - scale)[:, None] * shift)[:, None, None, :])


def looked_up(images, scale, shift, side):
    """Real patches (N, side, side, C) at the places of :func:`patches`, between the middles of pixels by straight lines."""
    def lines(count, along):
        """(N, side, count): how much of each line of pixels is in each line of the patch."""
        place = scale[:, None] * grid(side)[None, 0, :, 0] + ((1.0 - scale) * shift[:, along])[:, None]
        place = ops.clip((place + 1.0) * (count / 2) - 0.5, 0.0, count - 1.0)
        return ops.maximum(0.0, 1.0 - ops.abs(place[..., None] - ops.arange(count, dtype="float32")))

    images = ops.cast(images, "float32")
    return ops.einsum("nah,nbw,nhwc->nabc", lines(images.shape[1], 1), lines(images.shape[2], 0), images)
