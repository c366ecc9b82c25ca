"""The space that samples are made from: points, directions, arithmetic, and the way back from a picture."""

import io

import numpy as np
import pytest
from PIL import Image

from gan_core.data import IMAGES, POINTS, DataSpec
from gan_core.errors import BadInput, Stopped
from gan_core.exploring import directions, own, pictures, projection, strips
from gan_core.exploring import space as spaces
from gan_core.models.registry import architecture
from helpers_runs import is_a_sentence
from helpers_zoo import GAMES, built, trained, zoo_wide

WALKED = [(name, kind) for name, kind in GAMES if not architecture(name).not_a_graph and not architecture(name).translations
          and not architecture(name).gives]


@zoo_wide
@pytest.mark.parametrize("name, kind", WALKED)
def test_every_architecture_has_directions_of_every_way(noise_for, name, kind):
    model = trained(name, kind, noise_for)
    space, n = spaces.of(model), 3
    for method in directions.methods():
        try:
            found = directions.found(method, model, space, n)
        except BadInput as closed:
            assert method == "sefa" and "choose pca" in str(closed) and is_a_sentence(str(closed)), method
            continue
        assert found.vectors.shape == (n, space.size) and found.strength.shape == (n,)
        np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-4)
        assert (np.diff(found.strength) <= 1e-5).all(), "the strongest first"
    point = spaces.drawn(model, 1, 0)
    row = strips.strip(model, space, point, found.vectors[0])
    assert row.shape == (7, *model.data.shape) and np.isfinite(row).all()
    np.testing.assert_allclose(row[3], spaces.samples(model, point)[0], atol=1e-5)


def test_an_architecture_without_a_space_says_so(noise_for):
    with pytest.raises(BadInput, match="no latent space to walk in") as refused:
        spaces.of(built("pixelcnn", noise_for("pixelcnn", IMAGES).spec))
    assert is_a_sentence(str(refused.value))


def test_what_there_is_not_is_refused(noise_for):
    model = built("gan", noise_for("gan", POINTS).spec)
    space = spaces.of(model)
    with pytest.raises(BadInput, match="choose from pca, random, sefa"):
        directions.found("umap", model, space, 2)
    for n in (0, space.size + 1):
        with pytest.raises(BadInput, match=f"From 1 to {space.size}"):
            directions.found("pca", model, space, n)


def linear(noise_for, monkeypatch, matrix):
    """A model whose samples are ``latent @ matrix``, points in the plane."""
    model = built("gan", noise_for("gan", POINTS).spec, latent=len(matrix))
    monkeypatch.setattr(type(model), "sample", lambda self, given, training=False: given["latent"] @ matrix)
    return model


def test_directions_of_a_linear_map_are_its_singular_vectors(noise_for, monkeypatch):
    matrix = np.zeros((5, 2), np.float32)
    matrix[1, 0], matrix[3, 1] = 3.0, 1.0
    model = linear(noise_for, monkeypatch, matrix)
    space = spaces.of(model)
    found = directions.found("pca", model, space, 4)
    np.testing.assert_allclose(np.abs(found.vectors[:2]), np.eye(5)[[1, 3]], atol=0.1)
    np.testing.assert_allclose(found.strength[:2], [3, 1], rtol=0.1)
    np.testing.assert_allclose(found.strength[2:], 0, atol=1e-6)


def test_the_closed_form_is_that_of_the_first_layers_weights(noise_for):
    model = trained("gan", IMAGES, noise_for)
    space = spaces.of(model)
    weights = next(np.asarray(variable) for variable in model.sampler("generator").variables
                   if variable.path.endswith("kernel"))
    weights = weights / np.linalg.norm(weights, axis=0, keepdims=True)
    expected = np.linalg.svd(weights)[0][:, 0]
    found = directions.found("sefa", model, space, 1).vectors[0]
    assert abs(found @ expected) > 0.999


def test_a_direction_of_ones_own_is_the_one_that_was_marked(noise_for, monkeypatch):
    matrix = np.zeros((12, 2), np.float32)
    matrix[2, 0], matrix[7, 1] = 1.0, 1.0
    model = linear(noise_for, monkeypatch, matrix)
    space = spaces.of(model)
    point = spaces.drawn(model, 200, 1)
    order = np.argsort(spaces.samples(model, point)[:, 1])
    having, lacking = ({"latent": point["latent"][rows]} for rows in (order[-10:], order[:10]))
    found = own.found(model, space, having, lacking)
    assert found.vectors[0] @ np.eye(12)[7] > 0.9
    for one in (having, lacking):
        with pytest.raises(BadInput, match="Mark at least one"):
            own.found(model, space, one, {})
    with pytest.raises(BadInput, match="differ in nothing"):
        same = {"latent": having["latent"][:1]}
        own.found(linear(noise_for, monkeypatch, matrix * 0), space, same, same)


def test_marks_teach_a_direction_among_styles(noise_for):
    """Bright samples against dark ones: along it samples get brighter, in the space that the shift is added to."""
    model = trained("stylegan", IMAGES, noise_for)
    space = spaces.of(model)
    marked = spaces.drawn(model, 60, 5)
    order = np.argsort(spaces.samples(model, marked).reshape(60, -1).mean(1))
    bright, dark = ({name: values[rows] for name, values in marked.items()} for rows in (order[-10:], order[:10]))
    assert not space.is_latent
    vector = own.found(model, space, bright, dark).vectors[0]
    step = strips.deviations(model, space, vector[None])[0]
    assert 0 < step < 100
    told = strips.effects(model, space, vector * step, seed=9)
    light = [told[place]["light"] for place in ("-1", "-0.5", "0", "0.5", "1")]
    assert (np.diff(light) > 0).all(), light


def test_what_is_moved_stays_on_the_shell_and_a_shift_does_not(noise_for):
    shell = spaces.Space("latent", 8, True)
    point = {"latent": np.random.default_rng(0).standard_normal((4, 8)).astype(np.float32), "label": np.arange(4)}
    there = shell.moved(point, np.ones(8))
    np.testing.assert_allclose(np.linalg.norm(there["latent"], axis=1), np.linalg.norm(point["latent"], axis=1), rtol=1e-5)
    assert there["label"] is point["label"] and not np.allclose(there["latent"], point["latent"])
    free = spaces.Space("latent", 8, False).moved(point, np.ones(8))
    np.testing.assert_allclose(free["latent"], point["latent"] + 1)


def test_arithmetic_is_of_means_and_lands_where_noise_lies():
    space, rng = spaces.Space("latent", 100, True), np.random.default_rng(0)
    plus, minus, more = ({"latent": rng.standard_normal((3, 100)).astype(np.float32), "label": np.array([number] * 3)}
                         for number in range(3))
    result = spaces.arithmetic(space, plus, minus, more)
    mean = plus["latent"].mean(0) - minus["latent"].mean(0) + more["latent"].mean(0)
    np.testing.assert_allclose(result["latent"][0], mean / np.linalg.norm(mean) * 10, rtol=1e-4)
    assert result["label"].tolist() == [2]
    around = spaces.neighbours(space, result, 8, seed=0)
    assert around["latent"].shape == (8, 100) and around["label"].tolist() == [2] * 8
    cosines = around["latent"] @ result["latent"][0] / 100
    assert (cosines > 0.9).all() and (cosines < 1).all()


@pytest.mark.parametrize("name", ["dcgan", "cgan", "infogan", "stylegan", "vae", "lapgan", "biggan"])
def test_a_models_own_samples_are_found_again(noise_for, name):
    model = trained(name, IMAGES, noise_for)
    point = spaces.drawn(model, 3, 5)
    goal = spaces.samples(model, point)
    begun = projection.projected(model, goal, steps=1, starts=2)
    found = projection.projected(model, goal, steps=80, starts=2)
    assert found.samples.shape == goal.shape and np.isfinite(found.psnr).all()
    np.testing.assert_allclose(found.psnr, projection.psnr(found.samples, goal), atol=1e-3)
    assert np.median(found.psnr - np.minimum(begun.psnr, 58)) > 2, "of each against itself: pictures differ by more"
    assert {key: values.shape for key, values in found.point.items()} == {key: values.shape for key, values in point.items()}


def test_an_encoders_guess_is_the_first_start(noise_for):
    model = trained("vae", IMAGES, noise_for)
    real = spaces.samples(model, spaces.drawn(model, 2, 1))
    starts = projection._starts(model, real, 3, 0, None, None)
    np.testing.assert_allclose(starts["latent"][::3], np.asarray(model.encoded(real)["latent"]), atol=1e-6)


def test_projection_tells_how_far_it_is_and_stops_when_asked(noise_for):
    model, shares = trained("dcgan", IMAGES, noise_for), []
    goal = spaces.samples(model, spaces.drawn(model, 1, 1))
    projection.projected(model, goal, steps=4, starts=1, progress=shares.append)
    assert shares == [0.25, 0.5, 0.75, 1.0]
    with pytest.raises(Stopped):
        projection.projected(model, goal, steps=4, starts=1, should_stop=lambda: True)
    for wrong in ({"steps": 0}, {"starts": 0}):
        with pytest.raises(BadInput, match="At least one"):
            projection.projected(model, goal, **wrong)
    with pytest.raises(BadInput, match="draws pictures of"):
        projection.projected(model, goal[:, :4])


def test_a_seed_finds_the_same_point(noise_for):
    model = trained("dcgan", IMAGES, noise_for)
    goal = spaces.samples(model, spaces.drawn(model, 1, 1))
    one, again = (projection.projected(model, goal, steps=5, starts=2, seed=3) for _ in range(2))
    np.testing.assert_allclose(one.samples, again.samples, atol=1e-5)


def as_file(pixels, mode=None, form="PNG"):
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, form)
    return file.getvalue()


def test_a_picture_of_ones_own_becomes_one_of_the_models():
    rng = np.random.default_rng(0)
    colour, grey = rng.integers(0, 256, (40, 60, 3), np.uint8), rng.integers(0, 256, (16, 16), np.uint8)
    for channels in (1, 2, 3, 4):
        spec = DataSpec(IMAGES, (16, 16, channels))
        for content in (as_file(colour), as_file(grey), as_file(rng.integers(0, 2**16, (20, 20), np.uint16))):
            picture = pictures.like(spec, content)
            assert picture.shape == (16, 16, channels) and -1 <= picture.min() <= picture.max() <= 1
    same = pictures.like(DataSpec(IMAGES, (16, 16, 1)), as_file(grey))[..., 0]
    np.testing.assert_allclose(same, grey / 127.5 - 1, atol=1e-6)
    for content in (b"", b"no picture", b"<svg></svg>"):
        with pytest.raises(BadInput, match="no picture that can be read") as refused:
            pictures.like(DataSpec(IMAGES, (16, 16, 1)), content)
        assert is_a_sentence(str(refused.value))
    with pytest.raises(BadInput, match="model of images alone"):
        pictures.like(DataSpec(POINTS, (2,)), as_file(grey))


def test_a_direction_of_ones_own_leaves_the_classes_alone(noise_for, monkeypatch):
    """Of samples that are two numbers, the first says the class and both of them the thing that was marked."""
    matrix = np.zeros((6, 2), np.float32)
    matrix[0, 0], matrix[1, 1] = 1.0, 1.0
    model = linear(noise_for, monkeypatch, matrix)
    space = spaces.of(model)
    point = spaces.drawn(model, 200, 1)
    order = np.argsort(spaces.samples(model, point).sum(1))
    having, lacking = ({"latent": point["latent"][rows]} for rows in (order[-20:], order[:20]))

    class Classifier:
        def probabilities(self, samples):
            first = 1 / (1 + np.exp(-4 * samples[:, 0]))
            return np.stack([first, 1 - first], axis=1)

    plain, alone = (own.found(model, space, having, lacking, extractor).vectors[0] for extractor in (None, Classifier()))
    assert abs(plain[0]) > 0.5 and abs(alone[0]) < 0.1 and alone[1] > 0.9


def test_a_slider_reaches_as_far_as_most_samples_keep_their_class():
    def told(**kept):
        return {f"{place:g}": {"kept": kept.get(f"at{abs(place):g}".replace(".", "_"), 1.0)} for place in strips.LOOKED_AT}

    assert strips.reach(told()) == 3 and strips.reach(told(at3=0.79)) == 2 and strips.reach(told(at1=0.5)) == 0.5
    assert strips.reach(told(at0_25=0.1)) == 0.25 and strips.reach({key: {} for key in told()}) == 3
