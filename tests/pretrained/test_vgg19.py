"""VGG-19's weights, read from the files that Keras and PyTorch keep of them: here small ones of the same layout."""

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.pretrained import perceptual, vgg19
from helpers_runs import is_a_sentence

BLOCKS = ((4, 2), (4, 2), (6, 4), (8, 4), (8, 4))


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(vgg19, "BLOCKS", BLOCKS)


def kernels(seed=0):
    rng, found, channels = np.random.default_rng(seed), {}, 3
    for block, (width, count) in enumerate(BLOCKS, 1):
        for place in range(1, count + 1):
            found[f"block{block}_conv{place}"] = (rng.standard_normal((3, 3, channels, width)).astype(np.float32) / 4,
                                                  rng.standard_normal(width).astype(np.float32) / 9)
            channels = width
    return found


def keras_file(path, nested=False):
    import h5py

    with h5py.File(path, "w") as file:
        for name, (kernel, bias) in kernels().items():
            group = file.create_group(f"{name}/{name}" if nested else name)
            for part, values in (("kernel:0" if nested else f"{name}_W_1:0", kernel),
                                 ("bias:0" if nested else f"{name}_b_1:0", bias)):
                group.create_dataset(part, data=values)
    return path


def tensors():
    found, number = {}, 0
    for of, (_, count) in enumerate(BLOCKS):
        for place in range(count):
            kernel, bias = kernels()[f"block{of + 1}_conv{place + 1}"]
            found |= {f"features.{number}.weight": kernel.transpose(3, 2, 0, 1), f"features.{number}.bias": bias}
            number += 2
        number += 1
    return found


def torch_file(path):
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(values) for name, values in tensors().items()}, path)
    return path


@pytest.mark.parametrize("form", ["old", "new", "safetensors"])
def test_each_file_gives_the_same_kernels(tmp_path, form):
    path = torch_file(tmp_path / "vgg.safetensors") if form == "safetensors" else keras_file(tmp_path / "vgg.h5",
                                                                                             form == "new")
    found, prepared = vgg19.arrays(path)
    for name, (kernel, bias) in kernels().items():
        np.testing.assert_array_equal(found[name][0], kernel)
        np.testing.assert_array_equal(found[name][1], bias)
    assert prepared == (vgg19.TORCH if form == "safetensors" else vgg19.CAFFE)


def by_hand(images, prepared):
    """The first layer, computed without Keras."""
    blue_first, means, deviations = prepared
    pixels = (images + 1) * 127.5
    pixels = pixels[..., ::-1] if blue_first else pixels
    pixels = (pixels - means) / deviations
    kernel, bias = kernels()["block1_conv1"]
    padded = np.pad(pixels, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return np.maximum(np.einsum("nhwcij,ijco->nhwo", windows, kernel) + bias, 0)


@pytest.mark.parametrize("form", ["h5", "safetensors"])
def test_pixels_are_prepared_as_each_library_does(tmp_path, form):
    path = keras_file(tmp_path / "vgg.h5") if form == "h5" else torch_file(tmp_path / "vgg.safetensors")
    weights = vgg19.arrays(path)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)
    found = np.asarray(vgg19.network((8, 8, 3), weights, ("block1_conv1",))(images))
    np.testing.assert_allclose(found, by_hand(images, weights[1]), rtol=1e-3, atol=1e-2)


def test_its_layers_halve_four_times(tmp_path):
    weights = vgg19.arrays(keras_file(tmp_path / "vgg.h5"))
    for pooling in ("max", "average"):
        network = vgg19.network((32, 32, 3), weights, vgg19.LAYERS, pooling=pooling)
        assert [output.shape[1] for output in network.outputs][::4] == [32, 8, 8, 4] or len(network.outputs) == 16
        assert network.outputs[-1].shape[1:] == (2, 2, 8) and not network.trainable_variables


def test_it_can_look_for_srgan(tmp_path, monkeypatch):
    monkeypatch.setenv(vgg19.VARIABLE, str(keras_file(tmp_path / "vgg.h5")))
    looker = perceptual.looker("vgg19", (32, 32, 1))
    images = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 1)).astype(np.float32)
    assert np.asarray(looker(images, images)).tolist() == [0, 0] and (np.asarray(looker(images, -images)) > 0).all()


@pytest.mark.parametrize("name, content, says", [
    ("vgg.txt", b"", "are read from"), ("gone.h5", None, "There is no file"), ("bad.h5", b"no hdf5", "no HDF5"),
    ("bad.safetensors", b"nothing", "safetensors"), ("bad.pth", b"nothing", "no file of weights")])
def test_what_is_no_such_file_is_a_sentence(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=says) as refused:
        vgg19.arrays(tmp_path / name)
    assert is_a_sentence(str(refused.value))


def test_a_file_that_lacks_layers_is_told(tmp_path):
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(values) for name, values in list(tensors().items())[:8]},
              tmp_path / "few.safetensors")
    with pytest.raises(BadInput, match="holds no weights of VGG-19") as refused:
        vgg19.arrays(tmp_path / "few.safetensors")
    assert is_a_sentence(str(refused.value))


def test_without_a_file_it_says_how_one_is_named(monkeypatch):
    monkeypatch.delenv(vgg19.VARIABLE, raising=False)
    with pytest.raises(BadInput, match=vgg19.VARIABLE) as refused:
        vgg19.chosen()
    assert is_a_sentence(str(refused.value))
