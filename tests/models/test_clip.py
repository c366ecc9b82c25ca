"""CLIP: who belongs to whom, where captions repeat; random squares; what is found by words."""

import numpy as np
import pytest

from gan_core import data
from gan_core.data import words
from gan_core.models import inputs
from gan_core.models.networks import contrast
from gan_core.training import loop
from gan_core.training.recorder import MemoryRecorder
from helpers_engine import array
from helpers_zoo import built


def told(n=400, seed=0):
    """Grey images that are light or dark, above or below: four captions."""
    rng = np.random.default_rng(seed)
    light, above = rng.integers(0, 2, (2, n))
    x = np.full((n, 8, 8, 1), 128, np.uint8)
    for image, bright, up in zip(x, light, above):
        (image[:4] if up else image[4:])[:] = 230 if bright else 20
    x = np.clip(x + rng.normal(0, 10, x.shape), 0, 255).astype(np.uint8)
    texts = [f"{'light' if bright else 'dark'} {'above' if up else 'below'}" for bright, up in zip(light, above)]
    known = words.vocabulary(texts)
    return data.Dataset("told", data.CAPTIONS, x, None, more={"caption": words.tokens(texts, known)},
                        traits=(("words", known),))


@pytest.fixture
def model():
    return built("clip", told().spec)


def test_images_of_one_caption_are_equally_right(model):
    """With captions all the same everything is right, and the loss is the entropy of that: ln N."""
    batch = {"real": data.floats(told().x[:6]), "caption": np.ones((6, 2), np.float32)}
    model.scale.layers[-1].log_scale.assign(0.0)
    model.config = type(model.config)(**model.config.as_dict() | {"spoiled": False})
    loss, logs = model.contrastive_loss({name: values for name, values in batch.items()})
    assert float(loss) == pytest.approx(np.log(6), abs=0.2) and float(logs["found_in_batch"]) == 1.0


def test_the_loss_is_the_papers_where_all_captions_differ(model):
    dataset, n = told(), 4
    model.config = type(model.config)(**model.config.as_dict() | {"changed": False, "spoiled": False})
    captions = np.float32([[1, 2], [2, 1], [3, 4], [4, 3]])
    images = data.floats(dataset.x[:n])
    loss, _ = model.contrastive_loss({"real": images, "caption": captions})
    seen, read = array(model.image_encoder(images)), array(model.text_encoder(captions.astype(np.int32)))
    logits = read @ seen.T * np.exp(float(array(model.scale.layers[-1].log_scale)))
    both = [-np.log(np.exp(way) / np.exp(way).sum(1, keepdims=True))[np.arange(n), np.arange(n)].mean()
            for way in (logits, logits.T)]
    assert float(loss) == pytest.approx(np.mean(both), rel=1e-3)


def test_a_square_of_the_whole_side_is_the_image_and_a_smaller_one_is_enlarged():
    image = np.linspace(-1, 1, 64, dtype=np.float32).reshape(1, 8, 8, 1)
    one, nothing = np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)
    np.testing.assert_allclose(array(contrast.squares(image, one, nothing, nothing, 0.0)), image, atol=1e-5)
    half = array(contrast.squares(image, one / 2, nothing, one, 0.0))
    inner = image[0, :4, 4:, 0]
    assert half.shape == image.shape and half[0, 0, 7, 0] == pytest.approx(inner[0, 3], abs=0.05)
    np.testing.assert_allclose(half.mean(), inner.mean(), atol=0.02)


def test_both_ways_to_draw_squares_reach_as_far():
    drawn = contrast.squares_by(np.random.default_rng(0), (4000, 2, 2, 1))
    for values, (low, high) in zip(drawn, contrast.RANGES):
        assert low <= values.min() < low + 0.01 and high - 0.01 < values.max() <= high
    assert drawn[3].shape == (4000, 2, 2, 1)


def test_spoiled_images_are_patched_of_two_or_of_themselves_and_none_is_whole():
    import keras

    rng = np.random.default_rng(0)
    images = (np.arange(40)[:, None, None, None] + rng.uniform(0, 0.9, (40, 12, 12, 1))).astype(np.float32)
    mixed = array(contrast.spoiled(images, keras.random.SeedGenerator(0)))
    kept = (mixed == images).mean(axis=(1, 2, 3))
    assert (kept > 0.1).all() and (kept < 0.9).all()
    sources = [set(np.unique(np.floor(image)).astype(int)) for image in mixed]
    assert all(number in some and len(some) <= 2 for number, some in enumerate(sources))
    assert {len(some) for some in sources} == {1, 2}, "of itself, and of another"


def test_captions_are_told_from_spoiled_images_too(model):
    batch = {"real": data.floats(told().x[:6]), "caption": np.float32([[1, 2], [2, 1], [3, 4], [4, 3], [1, 1], [2, 2]])}
    losses = {}
    for spoiled in (True, False):
        model.config = type(model.config)(**model.config.as_dict() | {"changed": False, "spoiled": spoiled})
        losses[spoiled] = float(model.contrastive_loss(batch)[0])
    assert losses[True] > losses[False], "there is more to tell apart"


def test_retrieval_is_counted_in_groups_and_the_same_caption_is_as_good():
    captions = np.array([[1], [2], [3], [3], [5]])
    right = contrast.retrieval(lambda rows: np.eye(len(rows)), captions, among=2)
    assert right == {"retrieval": 1.0, "n_retrieval": 4}
    shifted = contrast.retrieval(lambda rows: np.roll(np.eye(len(rows)), 1, axis=1), captions, among=4)
    assert shifted == {"retrieval": 0.25, "n_retrieval": 4}, "of the two threes one finds the other"
    assert contrast.retrieval(lambda rows: np.eye(len(rows)), captions)["n_retrieval"] == 5


def test_captions_come_with_their_images_and_words_that_are_none_do_no_harm(model):
    dataset = told(30)
    drawn = inputs.draw(model.inputs(), 40, 0, dataset)
    beside = inputs.beside(model.inputs(), 40, 0, dataset)
    np.testing.assert_array_equal(drawn["caption"], beside["caption"])
    row = next(place for place, image in enumerate(data.floats(dataset.x)) if np.array_equal(image, beside["real"][0]))
    assert np.array_equal(dataset.more["caption"][row], drawn["caption"][0])
    assert np.isfinite(array(model.sample({"caption": np.float32([[0, 0], [99, -3]])}))).all()


def test_its_samples_are_real_images_and_no_score_of_pictures_is_told(model):
    dataset = told()
    model.prepare(dataset, 0)
    made = array(model.sample(inputs.draw(model.inputs(), 5, 0, dataset)))
    known = {image.tobytes() for image in data.floats(dataset.x)}
    assert all(image.tobytes() in known for image in made)
    assert model.chooses and set(model.measured(dataset)) == {"retrieval", "n_retrieval"}


def test_it_learns_which_words_belong_to_which_image(tiny_spec):
    dataset = told()
    spec = tiny_spec("clip", dataset, steps=200, batch_size=32, width=16, learning_rate=5e-3, ema_decay=0.9,
                     steps_per_call=20)
    model = loop.build(spec)
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    fresh = told(100, seed=1)
    assert model.measured(fresh)["retrieval"] > 0.9, "of four captions"
