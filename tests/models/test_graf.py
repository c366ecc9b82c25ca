"""Radiance fields: the camera, what rays see, patches; and what GRAF's codes, poses and schedules do."""

import numpy as np
import pytest
from keras import ops

from gan_core.data import IMAGES, DataSpec, solids
from gan_core.errors import BadInput
from gan_core.models import inputs
from gan_core.models.networks import radiance
from gan_core.models.registry import architecture
from gan_core.training.sheets import SIDES, Turned
from helpers_engine import array

RNG = np.random.default_rng


def built(size=8, seed=0, **knobs):
    cls = architecture("graf")
    return cls(cls.Config.tiny(precision="float32", **knobs), DataSpec(IMAGES, (size, size, 3)), seed=seed)


def livened(model, seed=1):
    """The model with weights large enough that codes and places show."""
    rng = RNG(seed)
    for variable in model.generator.trainable_variables:
        if "density" not in variable.path or "bias" not in variable.path:
            variable.assign(rng.normal(0, 0.5, variable.shape))
    for name, average in model.averages.items():
        average.set_weights(getattr(model, name).get_weights())
    return model


# Cameras and rays


@pytest.mark.parametrize("size", [5, 8])
def test_the_camera_is_that_of_the_renderer(size):
    turn, elevation = solids.poses(6, RNG(0))
    eye, directions = solids.rays(turn, elevation, size, 30.0)
    places = np.tile(array(radiance.grid(size)).reshape(1, -1, 2), (6, 1, 1))
    eyes, ours = (array(part) for part in radiance.rays(turn.astype(np.float32), elevation.astype(np.float32), places, 30.0))
    np.testing.assert_allclose(eyes[:, 0], eye, atol=1e-5)
    np.testing.assert_allclose(ours.reshape(directions.shape), directions, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=-1), 1.0, atol=1e-6)


def test_places_lie_in_the_ball_and_rays_that_miss_it_have_no_length():
    places = array(radiance.grid(9)).reshape(1, -1, 2)
    eyes, directions = radiance.rays(np.float32([30]), np.float32([20]), places, 30.0)
    points, nearness, step = (array(part) for part in radiance.through_the_ball(eyes, directions, 6))
    inside = np.linalg.norm(points, axis=-1)[step > 0]
    assert (step[0].reshape(9, 9)[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all(), "the corners see past the ball"
    assert inside.max() < 1 and step[0].reshape(9, 9)[4, 4] == pytest.approx(2 / 6, rel=1e-4)
    assert (np.diff(nearness[0, 40]) < 0).all() and abs(nearness[0, 40].mean()) < 1e-3 and np.abs(nearness).max() <= 1.01


def test_what_a_ray_sees_is_the_sum_of_the_paper():
    rng = RNG(0)
    density, colour = rng.normal(0, 2, (7, 5)).astype(np.float32), rng.uniform(-1, 1, (7, 5, 3)).astype(np.float32)
    step, nearness = rng.uniform(0, 0.3, 7).astype(np.float32), np.sort(rng.uniform(-1, 1, (7, 5)).astype(np.float32))
    picture, depth = (array(part) for part in radiance.seen(density, colour, nearness, step, 1.0))
    for ray in range(7):
        passed, seen, near = 1.0, np.zeros(3), 0.0
        for place in range(5):
            alpha = 1 - np.exp(-radiance.DENSITY * np.log1p(np.exp(density[ray, place])) * step[ray])
            seen, near, passed = seen + passed * alpha * colour[ray, place], near + passed * alpha * nearness[ray, place], \
                passed * (1 - alpha)
        np.testing.assert_allclose(picture[ray], seen + passed, atol=1e-5)
        np.testing.assert_allclose(depth[ray], near - passed, atol=1e-5)


def test_a_box_of_density_is_seen_as_the_renderer_sees_it():
    """The field's camera, its ball and its sums, against rays that meet a box: the same silhouette from several sides."""
    size, turn, elevation = 24, np.array([0.0, 30.0, 100.0, 250.0]), np.array([10.0, 25.0, 35.0, 40.0])
    low, high = np.float32([-0.5, -0.2, -0.3]), np.float32([0.4, 0.5, 0.3])
    corners = np.full((4, solids.BOXES, 3), np.nan, np.float32)
    box = solids.Solids(corners.copy(), corners.copy(), np.zeros((4, solids.BOXES, 3), np.float32))
    box.low[:, 0], box.high[:, 0] = low, high
    covered = solids.rendered(box, turn, elevation, size).mean(axis=-1) < 128
    places = np.tile(array(radiance.grid(size)).reshape(1, -1, 2), (4, 1, 1))
    eyes, directions = radiance.rays(turn.astype(np.float32), elevation.astype(np.float32), places, 30.0)
    points, nearness, step = (array(part) for part in radiance.through_the_ball(eyes, directions, 96))
    inside = ((points > low) & (points < high)).all(axis=-1)
    picture, depth = radiance.seen(np.where(inside, 20.0, -30.0).astype(np.float32), np.full((*inside.shape, 1), -1.0,
                                   np.float32), nearness, step, 1.0)
    ours = array(picture)[..., 0].reshape(4, size, size) < 0
    assert 0.05 < covered.mean() < 0.5 and (ours != covered).mean() < 0.02
    depth = array(depth).reshape(4, size, size)
    assert (depth[~ours] < depth[ours].min()).all(), "what is there is nearer than nothing"


def test_waves_double_and_become_lower():
    x = RNG(0).uniform(-1, 1, (4, 3)).astype(np.float32)
    waves = array(radiance.Waves(3)(x))
    wanted = [x]
    for octave in range(3):
        wanted += [radiance.FALL ** octave * wave(2 ** octave * np.pi * x) for wave in (np.sin, np.cos)]
    np.testing.assert_allclose(waves, np.concatenate(wanted, axis=1), atol=1e-5)
    assert radiance.Waves(3).compute_output_shape((None, 3)) == (None, 21)


# Patches


def test_real_patches_are_cut_where_rays_pass():
    images = RNG(0).normal(size=(3, 8, 8, 2)).astype(np.float32)
    whole, half = np.ones(3, np.float32), np.full(3, 0.5, np.float32)
    np.testing.assert_allclose(array(radiance.looked_up(images, whole, np.zeros((3, 2)), 8)), images, atol=1e-5)
    corner = np.float32([[-1, -1], [1, -1], [-1, 1]])  # right, down
    found = array(radiance.looked_up(images, half, corner, 4))
    for patch, cut in zip(found, (images[0, :4, :4], images[1, :4, 4:], images[2, 4:, :4])):
        np.testing.assert_allclose(patch, cut, atol=1e-5)
    coarse = images.reshape(3, 4, 2, 4, 2, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(array(radiance.looked_up(images, whole, np.zeros((3, 2)), 4)), coarse, atol=1e-5)
    ramp = np.broadcast_to(array(radiance.grid(8))[None], (3, 8, 8, 2)).astype(np.float32)  # each pixel says where it is
    scale, shift = np.float32([0.6, 0.7, 0.8]), np.float32([[0.3, -0.5], [0, 0], [-1, 1]])
    said, asked = array(radiance.looked_up(ramp, scale, shift, 4)), array(radiance.patches(4, scale, shift))
    np.testing.assert_allclose(said, asked, atol=1e-5)


def test_patches_are_coarse_at_first_and_as_fine_as_pixels_later():
    model = built(size=16, patch=4, coarse_steps=100)
    places = {}
    for rounds in (0, 50, 100, 5000):
        model.rounds.assign(rounds)
        scale, shift = model.patch_places(400)
        places[rounds] = array(scale)
        assert np.abs(array(shift)).max() <= 1 and model.noise(2)["roughness"].shape == (2, 16, model.config.samples)
    assert (places[0] == 1).all() and places[50].min() > 0.625 - 1e-6 and places[100].min() < 0.27
    assert places[5000].min() >= 0.25 and places[5000].max() <= 1
    assert not array(model.noise(2)["roughness"]).any(), "the noise has gone"


# Codes and poses


def test_shape_and_appearance_are_apart():
    model = livened(built())
    drawn = inputs.draw(model.inputs(), 2, 0)
    other = inputs.draw(model.inputs(), 2, 5)
    dressed, formed = ({**drawn, name: other[name]} for name in ("appearance", "shape"))
    assert np.array_equal(array(model.depth(drawn)), array(model.depth(dressed))), "colour is no shape"
    assert np.abs(array(model.sample(drawn)) - array(model.sample(dressed))).max() > 1e-3
    assert np.abs(array(model.depth(drawn)) - array(model.depth(formed))).max() > 1e-3


def test_a_whole_turn_leads_back_and_half_of_one_does_not():
    model = livened(built())
    drawn = inputs.draw(model.inputs(), 2, 0)
    views = [array(model.sample({**drawn, "turn": np.full(2, turn, np.float32)})) for turn in (0, 360, 180)]
    np.testing.assert_allclose(views[0], views[1], atol=1e-3)
    assert np.abs(views[0] - views[2]).max() > 1e-2


def test_the_first_samples_are_the_same_however_many_are_drawn():
    model = livened(built(size=64, samples=4))  # each picture has as many rays as are followed at once
    drawn = inputs.draw(model.inputs(), 3, 0)
    shares = []
    all_three = array(model.sample_with_progress(drawn, shares.append))
    np.testing.assert_allclose(all_three[:1], array(model.sample({name: values[:1] for name, values in drawn.items()})),
                               atol=1e-5)
    assert shares[-1] == 1.0 and len(shares) == 3 and all_three.shape == (3, 64, 64, 3)


@pytest.mark.parametrize("knobs, turn, round_", [({}, (0.0, 360.0), True), ({"turns": 90.0}, (-45.0, 45.0), False)])
def test_poses_are_of_the_range_that_was_told(knobs, turn, round_):
    model = built(lowest=-10.0, highest=20.0, **knobs)
    choice = inputs.turning(model.inputs())
    assert (choice.low, choice.high, choice.round) == (*turn, round_)
    drawn, told = model.noise(300), inputs.draw(model.inputs(), 300, 0)
    for poses in ({name: array(drawn[name]) for name in ("turn", "elevation")}, told):
        assert turn[0] <= poses["turn"].min() < turn[0] + 15 and turn[1] - 15 < poses["turn"].max() <= turn[1]
        assert -10 <= poses["elevation"].min() < -8 and 18 < poses["elevation"].max() <= 20


def test_a_lowest_elevation_above_the_highest_is_a_sentence():
    with pytest.raises(BadInput, match="50 degrees.*40.*exchange") as error:
        built(lowest=50.0)
    assert "lowest" in error.value.fields


def test_where_nothing_is_the_background_is_seen():
    for background, value in (("white", 1.0), ("grey", 0.0), ("black", -1.0)):
        model = built(background=background)
        for network in (model.generator, model.sampler("generator")):
            network.get_layer("density").bias.assign([-60.0])
        drawn = inputs.draw(model.inputs(), 2, 0)
        np.testing.assert_allclose(array(model.sample(drawn)), value, atol=1e-5)
        np.testing.assert_allclose(array(model.depth(drawn)), -1.0, atol=1e-5)


def test_the_discriminator_sees_patches_and_whole_pictures_by_the_patch_that_spans_them():
    model = built(size=8, patch=4)
    images = RNG(0).uniform(-1, 1, (4, 8, 8, 3)).astype(np.float32)
    coarse = images.reshape(4, 4, 2, 4, 2, 3).mean(axis=(2, 4))
    whole, patch = (array(model.judge(ops.convert_to_tensor(seen), {})["logits"]) for seen in (images, coarse))
    np.testing.assert_allclose(whole, patch, atol=1e-5)
    made, drawn = model.make({"real": images})
    assert made.shape == (4, 4, 4, 3) and drawn["jitter"].shape == (4, 16, model.config.samples)


# On sheets


def test_how_much_a_sample_changes_from_side_to_side_is_a_share_of_what_real_ones_differ():
    class Signs:
        def __init__(self, turns):
            self.turns = turns

        def sample(self, inputs):
            angle = np.radians(inputs["turn"]) if self.turns else 0 * inputs["turn"]
            return np.ones((1, 2, 2, 1)) * np.cos(angle)[:, None, None, None]

    choice = inputs.turning((inputs.Angle("turn", 0.0, 360.0, turns=True),))
    few = {"turn": np.zeros(3, np.float32), "latent": np.ones((3, 2), np.float32)}
    views, figures = Turned(choice, 0.5)(Signs(True), few)
    assert [words for words, _ in views["Turned"]] == ["0 degrees", "90 degrees", "180 degrees", "270 degrees"]
    assert all(samples.shape == (3, 2, 2, 1) for _, samples in views["Turned"]) and len(views["Turned"]) == SIDES
    assert figures["turn_change"] == pytest.approx(np.sqrt(0.5) / 0.5)
    assert Turned(choice, 0.5)(Signs(False), few)[1] == {"turn_change": 0.0}
    assert Turned(choice, 0.0)(Signs(True), few)[1] == {}
