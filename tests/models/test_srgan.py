"""SRGAN: first by the distance, then with the game; pictures of any size without seams."""

import numpy as np
import pytest
from keras import ops
from PIL import Image

from gan_core.data import PAIRS, DataSpec
from gan_core.errors import BadInput, Stopped
from gan_core.models.networks import translation
from gan_core.tasks import translating
from helpers_engine import array, moved, play, values, weights
from helpers_zoo import built


def spec(times=4, channels=3, side=32):
    return DataSpec(PAIRS, (side, side, channels), beside=(("source", (side // times, side // times, channels)),))


def batch(model, n=8):
    rng = np.random.default_rng(0)
    return {"source": rng.uniform(-1, 1, (n, *model.source_shape("large"))).astype(np.float32),
            "real": rng.uniform(-1, 1, (n, *model.data.shape)).astype(np.float32)}


def test_the_discriminator_stands_still_until_the_game_begins():
    model = built("srgan", spec(), distance_steps=3)
    model.compile()
    assert model.stages() == (3,) and not model.playing
    network = weights(model, "discriminator")
    before = values(network)
    logs = play(model, batch(model))
    assert moved(before,
                 network) == [] and "d_accuracy_real" not in logs and logs["g_loss"] == pytest.approx(logs["squares"])
    model.enter(1)
    logs = play(model, batch(model))
    assert moved(before, network) and {"d_accuracy_real", "look", "squares"} <= set(logs)


def test_it_looks_by_vgg19_where_there_is_a_file_of_it(tmp_path, monkeypatch):
    from gan_core.pretrained import vgg19
    from tests.pretrained import test_vgg19

    with pytest.raises(BadInput, match=vgg19.VARIABLE):
        built("srgan", spec(), looker="vgg19")
    monkeypatch.setattr(vgg19, "BLOCKS", test_vgg19.BLOCKS)
    monkeypatch.setenv(vgg19.VARIABLE, str(test_vgg19.keras_file(tmp_path / "vgg.h5")))
    looks = []
    for looker in ("lite0", "vgg19"):
        model = built("srgan", spec(), looker=looker, distance_steps=0)
        looks.append(float(model.generator_loss(batch(model))[1]["look"]))
    assert looks[0] != looks[1] and min(looks) > 0


def test_without_a_game_there_is_one_network():
    model = built("srgan", spec(), adversarial=0.0)
    assert model.network_names == ("generator",) and model.stages() == () and len(model.players()) == 1
    model.compile()
    assert play(model, batch(model))["g_loss"] > 0


def test_it_begins_as_the_picture_enlarged_by_itself():
    model = built("srgan", spec())
    source = batch(model)["source"]
    found = array(model.sample({"source": source}))
    plain = array(ops.image.resize(source, (32, 32), interpolation="bilinear", data_format="channels_last"))
    np.testing.assert_allclose(found, np.clip(plain, -1, 1), atol=1e-5)


@pytest.mark.parametrize("times, steps", [(1, []), (2, [2]), (3, [3]), (4, [2, 2]), (6, [2, 3])])
def test_it_enlarges_step_by_step(times, steps):
    assert translation.steps_up(times) == steps
    network = translation.enlarger((4, 4, 1), 1, times, 4, 1)
    assert network.output_shape == (None, 4 * times, 4 * times, 1)


def a_model(blocks=2):
    """One whose last layer says something."""
    model, rng = built("srgan", spec(), blocks=blocks, ema_decay=0.0), np.random.default_rng(0)
    for variable in model.generator.trainable_variables:
        variable.assign(variable + 0.05 * rng.standard_normal(variable.shape))
    return model


def test_tiles_leave_no_seam(monkeypatch):
    model, rng = a_model(), np.random.default_rng(1)
    picture = Image.fromarray(rng.integers(0, 256, (50, 70, 3), dtype=np.uint8))
    whole = translating.translated(model, [picture])[0].result
    monkeypatch.setattr(translating, "TILE", 16)
    tiled = translating.translated(model, [picture])[0].result
    assert whole.size == tiled.size == (280, 200)
    assert np.abs(np.asarray(whole, int) - np.asarray(tiled)).max() <= 1


def test_a_pixel_depends_on_its_surroundings_and_no_more():
    model = a_model()
    network, reach = model.any_size("large")
    pixels = np.zeros((1, 60, 60, 3), np.float32)
    before = array(network(pixels))
    pixels[0, 30, 30] = 1.0
    changed = np.abs(array(network(pixels)) - before).max((0, 3)) > 0
    rows, columns = np.nonzero(changed)
    assert rows.min() >= 4 * (30 - reach) and rows.max() < 4 * (31 + reach) and columns.max() < 4 * (31 + reach)


def test_what_stands_beside_is_plain_enlarging_and_large_ones_are_refused(monkeypatch):
    model = a_model(1)
    made, = translating.translated(model, [Image.new("RGB", (9, 5), (10, 200, 30))])
    assert made.plain.size == made.result.size == (36, 20) and made.again is None and made.source.size == (9, 5)
    assert np.asarray(made.plain)[10, 18].tolist() == [10, 200, 30]
    monkeypatch.setattr(translating, "MOST_PIXELS", 1000)
    with pytest.raises(BadInput, match="would become 400 x 400"):
        translating.translated(model, [Image.new("RGB", (100, 100))])
    with pytest.raises(Stopped):
        translating.translated(model, [Image.new("RGB", (4, 4))], should_stop=lambda: True)


def test_a_grey_run_makes_grey_pictures():
    model = built("srgan", spec(channels=1))
    made, = translating.translated(model, [Image.new("RGB", (6, 6), (255, 0, 0))])
    assert made.result.mode == "L" and made.result.size == (24, 24)
