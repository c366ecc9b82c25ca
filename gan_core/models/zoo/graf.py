"""GRAF: a scene in three dimensions, learned from pictures whose poses nobody knows (Schwarz 2020)."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from gan_core.config.knobs import inherit, knob
from gan_core.errors import BadInput
from gan_core.models.adversarial import AdversarialModel
from gan_core.models.inputs import Angle, Latent
from gan_core.models.inputs.base import CIRCLE
from gan_core.models.losses import NON_SATURATING
from gan_core.models.networks import radiance
from gan_core.models.shared_knobs import Filters, Game, Smoothing

RAYS = 4096  # followed at once: what their places take of memory stays in a processor's cache, nearly
SWAPPED = 4  # appearances that a view shows on the same shapes
BACKGROUNDS = {"white": 1.0, "grey": 0.0, "black": -1.0}


@dataclass(frozen=True, kw_only=True)
class Config(Smoothing, Filters, Game):
    # For 32 pixels on a processor: 4 layers of 64 where the paper has 8 of 256, 24 places a ray for 64, patches of 16
    # pixels for 32, and Adam, which gets on in a few thousand steps, for RMSprop 5e-4 and 1e-4.  With its R1 of 10 the
    # discriminator's loss stayed near ln 4 while samples were fog.
    batch_size: int = inherit(Game, "batch_size", default=8)
    generator_rate: float = inherit(Game, "generator_rate", default=1e-3)
    discriminator_rate: float = inherit(Game, "discriminator_rate", default=5e-4)
    beta_1: float = inherit(Game, "beta_1", default=0.0)
    beta_2: float = inherit(Game, "beta_2", default=0.99)
    ema_decay: float = inherit(Game, "ema_decay", default=0.999, tiny=0.99)
    # A place in half the bits is right to a two-hundredth: too rough for the edges of what has 32 pixels.
    precision: str = inherit(Game, "precision", default="float32")
    r1: float = inherit(Game, "r1", default=1.0)
    filters: int = inherit(Filters, "filters", default=48, help="Channels of the discriminator's first layer; each further "
                                                                "one has twice as many, up to eight times.")
    width: int = knob(64, low=8, high=512, log=True, tiny=8, help="Units in each layer of the radiance field.")
    depth: int = knob(4, low=1, high=8, tiny=2, help="Layers that say how dense a place is; one more says its colour.")
    samples: int = knob(24, low=4, high=128, tiny=5, label="Places on a ray",
                        help="How many places of a ray are looked at on its way through the ball. Each costs as much.")
    patch: int = knob(16, low=4, high=64, tiny=5, label="Patch side (rays)",
                      help="The discriminator sees patches of so many rays a side, near together or far apart, never more "
                           "than a picture has pixels.")
    coarse_steps: int = knob(2000, low=1, high=1_000_000, log=True, tiny=10, label="Coarse at first (steps)",
                             help="At first patches span the whole picture and densities are noisy. After so many steps "
                                  "patches may be as fine as pixels, and the noise has gone.")
    density_noise: float = knob(0.5, low=0.0, high=5.0, tiny=0.5, group="Stability", label="Density noise",
                                help="Deviation of the noise on densities at the start: what is half there becomes solid or "
                                     "goes.")
    shape: int = knob(64, low=2, high=256, tiny=4, label="Shape code", help="Numbers that say what is where.")
    appearance: int = knob(64, low=2, high=256, tiny=4, label="Appearance code",
                           help="Numbers that say of which colour it is; the shape does not know them.")
    octaves: int = knob(5, low=1, high=12, tiny=2, label="Octaves of places",
                        help="How fine the field can be: each octave halves the shortest wave. At 5 it is two pixels of 32; "
                             "finer ones are noise there. The paper has 10.")
    direction_octaves: int = knob(
        0, low=0, high=6, tiny=0, label="Octaves of directions",
        help="Above 0 the colour of a place may depend on from where it is seen, as of what shines; the paper has 4. At 0 "
             "it is the same from all sides, and no side can be painted on by itself.")
    turns: float = knob(CIRCLE, low=20.0, high=CIRCLE, tiny=CIRCLE, group="Camera", label="Turn (degrees)",
                        help="Over how much of the circle things are seen: it must be as in the data. 360 of what is seen "
                             "from all around; of faces that look at the camera about 90.")
    lowest: float = knob(10.0, low=-90.0, high=90.0, tiny=10.0, group="Camera", label="Lowest elevation (degrees)",
                         help="How far below (negative) or above the horizon the camera stands at least, as in the data.")
    highest: float = knob(40.0, low=-90.0, high=90.0, tiny=40.0, group="Camera", label="Highest elevation (degrees)",
                          help="How far above the horizon the camera stands at most, as in the data.")
    field_of_view: float = knob(30.0, low=5.0, high=120.0, tiny=30.0, group="Camera", label="Field of view (degrees)",
                                help="Of the picture's side; the camera stands where the ball that holds everything just "
                                     "fills it. The wider, the stronger the perspective.")
    background: str = knob("white", choices=tuple(BACKGROUNDS), group="Camera",
                           help="The colour where there is nothing, as in the data.")


class GRAF(AdversarialModel):
    Config = Config
    title = "GRAF-lite"
    paper = "Schwarz 2020, GRAF: Generative Radiance Fields for 3D-Aware Image Synthesis"
    link = "https://arxiv.org/abs/2007.02442"
    builds_on = ("sngan",)
    summary = ("Learns things in space from flat pictures of unknown pose, and draws each from any side. Lite: a small "
               "field, few places on a ray, for pictures of 32 pixels.")
    story = ("The generator says of each place in space how dense it is there and of which colour. A camera that stands "
             "somewhere at random follows rays through it and makes a patch of a picture. The discriminator compares it "
             "with patches of real pictures, coarse ones and fine ones; only what looks right from all sides convinces it.")
    formula = (r"\hat{C}(r) = \sum_{i=1}^{S} T_i \alpha_i c_i, \quad T_i = \prod_{j<i} (1 - \alpha_j), \quad "
               r"\alpha_i = 1 - e^{-\sigma_i \delta_i}, \quad (\sigma_i, c_i) = g_\theta(\gamma(x_i), \gamma(d), z_s, z_a)")
    strengths = ("Turns what it draws", "Shape and appearance apart", "No pose, no depth, no second view is needed")
    weaknesses = ("Each pixel asks the network many times: slow", "The range of poses must be known",
                  "What lies outside of the ball, as a background, cannot be drawn")
    largest, channels = 64, (1, 3)
    objective = NON_SATURATING
    judges_plainly = False
    wiring = (("shape", "generator"), ("appearance", "generator"), ("turn", "generator"), ("elevation", "generator"),
              ("data", "discriminator"), ("generator", "discriminator"))
    not_a_graph = ("GRAF asks its network many times for each pixel, which takes too long outside of the workbench; turn "
                   "samples on the Draw page, or have them written as a GIF.")
    presets = {"Quick look": {"steps": 1500, "coarse_steps": 500}, "Full": {"steps": 20_000, "width": 96}}

    def __init__(self, config, data, seed=0):
        if config.lowest > config.highest:
            sentence = (f"The lowest elevation ({config.lowest:g} degrees) is above the highest ({config.highest:g}); "
                        "exchange them.")
            raise BadInput(sentence, {"lowest": sentence})
        self.side = min(config.patch, data.shape[0])
        super().__init__(config, data, seed)

    def networks(self):
        c, channels = self.config, self.data.shape[-1]
        return {"generator": radiance.field(c.samples, c.shape, c.appearance, channels, width=c.width, depth=c.depth,
                                            octaves=c.octaves, direction_octaves=c.direction_octaves),
                "discriminator": radiance.patch_discriminator(self.side, channels, c.filters)}

    @property
    def passes(self):
        """The generator is asked for each pixel."""
        return {"generator": self.data.shape[0] * self.data.shape[1]}

    def flops_beside(self):
        """A patch has more rays than the one that is counted, in the two turns, there and back."""
        from gan_core.models.flops import flops

        return 6 * (self.side ** 2 - 1) * flops(self.generator)

    def inputs(self):
        c, whole = self.config, self.config.turns == CIRCLE
        first = 0.0 if whole else -c.turns / 2
        return (Latent(c.shape, "shape"), Latent(c.appearance, "appearance"),
                Angle("turn", first, first + c.turns, "From which side it is seen, in degrees.", turns=True),
                Angle("elevation", c.lowest, c.highest, "How far above the horizon the camera stands, in degrees."))

    # The game

    def noise(self, n):
        """Codes, poses and patches; and by chance where in each step a ray is looked at, and how dense it seems there."""
        c, rays = self.config, self.side ** 2
        first = 0.0 if c.turns == CIRCLE else -c.turns / 2
        scale, shift = self.patch_places(n)
        drawn = {"shape": keras.random.normal((n, c.shape), seed=self.random),
                 "appearance": keras.random.normal((n, c.appearance), seed=self.random),
                 "turn": keras.random.uniform((n,), first, first + c.turns, seed=self.random),
                 "elevation": c.lowest + (c.highest - c.lowest) * keras.random.uniform((n,), seed=self.random),
                 "scale": scale, "shift": shift,
                 "jitter": keras.random.uniform((n, rays, c.samples), seed=self.random)}
        if c.density_noise:
            drawn["roughness"] = (c.density_noise * self.coarseness
                                  * keras.random.normal((n, rays, c.samples), seed=self.random))
        return drawn

    @property
    def coarseness(self):
        """1 at the start, 0 after ``coarse_steps``."""
        return ops.maximum(1.0 - ops.cast(self.rounds, "float32") / self.config.coarse_steps, 0.0)

    def patch_places(self, n):
        """``(scale (n,), shift (n, 2))`` of patches as :func:`radiance.patches` takes them: of any size from the finest one
        so far to the whole picture (section 3.2)."""
        finest = self.side / self.data.shape[0]
        low = finest + (1.0 - finest) * self.coarseness
        scale = low + (1.0 - low) * keras.random.uniform((n,), seed=self.random)
        return scale, keras.random.uniform((n, 2), -1.0, 1.0, seed=self.random)

    def generate(self, batch):
        places = radiance.patches(self.side, batch["scale"], batch["shift"])
        count = places.shape[0]
        picture, _ = self._followed(self.generator, batch, ops.reshape(places, (count, -1, 2)), training=True,
                                    jitter=batch["jitter"], roughness=batch.get("roughness"))
        return ops.reshape(picture, (count, self.side, self.side, -1))

    def _followed(self, network, batch, places, training, jitter=None, roughness=None):
        """What rays at ``places`` (N, R, 2) of pictures see: ``(colour (N, R, C), nearness (N, R))``."""
        network_inputs, nearness, step = self._asked(batch, places, jitter)
        said = network(network_inputs, training=training)
        count, rays = places.shape[:2]
        density = ops.reshape(ops.cast(said["density"], "float32"), (count, rays, -1))
        colour = ops.reshape(ops.cast(said["colour"], "float32"), (count, rays, self.config.samples, -1))
        if roughness is not None:
            density = density + roughness
        return radiance.seen(density, colour, nearness, step, BACKGROUNDS[self.config.background])

    def _asked(self, batch, places, jitter=None):
        """What the network is called with for rays (N, R, 2), N R at once, and the nearness and steps of its places."""
        c, rays = self.config, places.shape[1]
        eyes, directions = radiance.rays(batch["turn"], batch["elevation"], places, c.field_of_view)
        points, nearness, step = radiance.through_the_ball(eyes, directions, c.samples, jitter)
        asked = [ops.reshape(ops.stop_gradient(points), (-1, c.samples, 3)),
                 *(ops.repeat(ops.convert_to_tensor(batch[name]), rays, axis=0) for name in ("shape", "appearance"))]
        if c.direction_octaves:
            asked.append(ops.reshape(directions, (-1, 3)))
        return asked, nearness, step

    def discriminator_loss(self, batch):
        batch = self.with_made(batch)
        real = radiance.looked_up(batch["real"], *self.patch_places(batch["real"].shape[0]), self.side)
        return self.discriminator_objective(self.seen(real), self.seen(batch["made"]), batch)

    def judge(self, samples, batch, training=True):
        """Patches are judged as they are, whole pictures by the patch that spans them."""
        if samples.shape[1] != self.side:
            count = samples.shape[0]
            samples = radiance.looked_up(samples, ops.ones((count,)), ops.zeros((count, 2)), self.side)
        return super().judge(samples, batch, training)

    def given(self, name, samples, batch):
        if name != "generator":
            return super().given(name, samples, batch)
        middle = ops.zeros((batch["turn"].shape[0], 1, 2))
        return self._asked({name: ops.convert_to_tensor(values) for name, values in batch.items()}, middle)[0]

    # Samples

    def sample(self, inputs, training=False):
        return self._pictures(inputs, training)[0]

    def sample_with_progress(self, inputs, progress):
        return self._pictures(inputs, progress=progress)[0]

    def depth(self, inputs):
        return self._pictures(inputs)[1]

    def _pictures(self, inputs, training=False, progress=lambda share: None):
        """``(samples, depth)``, (N, H, W, C) and (N, H, W, 1) in [-1, 1]."""
        height, width, _ = self.data.shape
        places = ops.reshape(radiance.grid(height), (1, -1, 2))
        count, at_once, parts = inputs["turn"].shape[0], max(1, RAYS // (height * width)), []
        for first in range(0, count, at_once):
            some = {name: ops.convert_to_tensor(values[first:first + at_once]) for name, values in inputs.items()}
            rays = ops.broadcast_to(places, (min(at_once, count - first), height * width, 2))
            parts.append(self._followed(self.sampler("generator"), some, rays, training))
            progress(min(first + at_once, count) / count)
        pictures, nearness = (ops.clip(ops.concatenate(part), -1.0, 1.0) for part in zip(*parts))
        return (ops.reshape(pictures, (count, height, width, -1)), ops.reshape(nearness, (count, height, width, 1)))

    def views(self, inputs, real):
        """How near what is seen is; and the same shapes, from the same side, in the appearances of some of them."""
        pictures, depth = self._pictures(inputs)
        from_one_side = inputs | {name: np.full_like(inputs[name], inputs[name][0]) for name in ("turn", "elevation")}
        dressed = [(f"appearance {row + 1}", self.sample(from_one_side | {
            "appearance": np.repeat(inputs["appearance"][row:row + 1], len(inputs["appearance"]), axis=0)}))
            for row in range(SWAPPED)]
        return {"Depth": [("picture", pictures), ("depth", ops.broadcast_to(depth, pictures.shape))],
                "Shape and appearance": dressed}
