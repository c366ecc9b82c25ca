"""VGG-19 (Simonyan 2015), by which most of style transfer and enlarging was done.  Its weights, half a gigabyte, are each
person's own to get: a file that Keras keeps for ``keras.applications`` (.h5), or one of PyTorch's (.pth, .safetensors)."""

import os
import re
from pathlib import Path

import numpy as np

from gan_core.errors import BadInput
from gan_core.pretrained import torch_files

VARIABLE = "GAN_VGG19"
BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))  # channels, and how many convolutions
LAYERS = tuple(f"block{block}_conv{place}" for block, (_, count) in enumerate(BLOCKS, 1) for place in range(1, count + 1))
SUFFIXES = (".h5", ".pth", ".pt", ".safetensors")
# What is taken from pixels of 0 to 255, and by what they are divided: as Caffe did, blue first, or as PyTorch does.
CAFFE = (True, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0))
TORCH = (False, tuple(255 * mean for mean in (0.485, 0.456, 0.406)), tuple(255 * deviation
                                                                          for deviation in (0.229, 0.224, 0.225)))


def chosen():
    """The file that ``$GAN_VGG19`` names; BadInput where it names none."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        raise BadInput(f"The weights of VGG-19 do not come along; set {VARIABLE} to a file of them (.h5 of "
                       "keras.applications, or PyTorch's .pth or .safetensors), or choose another network.")
    return Path(os.path.expanduser(path))


def arrays(path):
    """``({layer: (kernel, bias)}, how pixels are prepared)`` of a file.

    Raises:
        BadInput: for what is no file of VGG-19's weights.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise BadInput(f"Weights of VGG-19 are read from {', '.join(SUFFIXES)}, not from {path.name}; give such a file.")
    if not path.is_file():
        raise BadInput(f"There is no file {path}; give one with weights of VGG-19.")
    found, prepared = (_of_keras(path), CAFFE) if path.suffix.lower() == ".h5" else (_of_torch(path), TORCH)
    shapes = _shapes()
    wrong = [name for name in LAYERS if name not in found
             or (found[name][0].shape, found[name][1].shape) != shapes[name]]
    if wrong:
        raise BadInput(f"{path.name} holds no weights of VGG-19: {', '.join(wrong[:3])} {'are' if wrong[1:] else 'is'} "
                       f"missing or of another shape; give a file of them.")
    return found, prepared


def _shapes():
    shapes, channels = {}, 3
    for block, (width, count) in enumerate(BLOCKS, 1):
        for place in range(1, count + 1):
            shapes[f"block{block}_conv{place}"] = (3, 3, channels, width), (width,)
            channels = width
    return shapes


def _of_keras(path):
    import h5py

    found = {}

    def look(name, node):
        match = re.search(r"block\d_conv\d", name)
        if match and isinstance(node, h5py.Dataset) and node.ndim in (1, 4):
            found.setdefault(match[0], {})[node.ndim] = np.asarray(node, np.float32)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(look)
    except OSError:
        raise BadInput(f"{path.name} is no HDF5 file, or a damaged one; give one with weights of VGG-19.") from None
    return {name: (parts[4], parts[1]) for name, parts in found.items() if {1, 4} <= parts.keys()}


def _of_torch(path):
    if path.suffix.lower() == ".safetensors":
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tensors = load_file(path)
        except (SafetensorError, OSError):
            raise BadInput(f"{path.name} is no safetensors file, or a damaged one; give one with weights of VGG-19."
                           ) from None
    else:
        tensors = torch_files.tensors(path, "give one with weights of VGG-19")
    # torchvision numbers all layers of "features"; convolutions are those that have weights.
    numbers = sorted(int(match[1]) for name in tensors if (match := re.fullmatch(r"features\.(\d+)\.weight", name)))
    kernels = [number for number in numbers if tensors[f"features.{number}.weight"].ndim == 4]
    return {name: (np.ascontiguousarray(tensors[f"features.{number}.weight"].transpose(2, 3, 1, 0), np.float32),
                   np.asarray(tensors.get(f"features.{number}.bias", ()), np.float32))
            for name, number in zip(LAYERS, kernels)}


def network(shape, weights, taps, pooling="max"):
    """A frozen Keras model from images in [-1, 1], (N, H, W, 3), to what comes out of some :data:`LAYERS`.

    Args:
        shape: (H, W, 3), or (None, None, 3).
        weights: of :func:`arrays`.
        pooling: "max" as it was trained, or "average", with which styles come out smoother (Gatys 2016, section 2).
    """
    import keras
    from keras import layers

    found, (blue_first, means, deviations) = weights
    image, known = keras.Input(shape, name="image"), {}
    scale = [127.5 / deviation for deviation in deviations]
    shift = [(127.5 - mean) / deviation for mean, deviation in zip(means, deviations)]
    if blue_first:  # the kernel's channels are turned instead of the image's
        scale, shift = scale[::-1], shift[::-1]
    x = layers.Rescaling(scale, shift)(image)
    for block, (width, count) in enumerate(BLOCKS, 1):
        for place in range(1, count + 1):
            name = f"block{block}_conv{place}"
            kernel, bias = found[name]
            layer = layers.Conv2D(width, 3, padding="same", activation="relu", name=name)
            x = known[name] = layer(x)
            layer.set_weights([kernel[:, :, ::-1] if blue_first and name == LAYERS[0] else kernel, bias])
            if not set(taps) - set(known):
                model = keras.Model(image, [known[tap] for tap in taps], name="vgg19")
                model.trainable = False
                return model
        x = (layers.MaxPooling2D if pooling == "max" else layers.AveragePooling2D)(2)(x)
    raise ValueError(f"VGG-19 has no layers {sorted(set(taps) - set(known))}")


class Perceptual:
    """The squared distance of what its last convolution makes of two images, (N,), scaled as the paper does (Ledig 2017,
    section 3.2): images (N, H, W, 1 or 3) in [-1, 1].  Gradients pass through to both.

    Raises:
        BadInput: where there is no file of its weights.
    """

    SCALE = 1 / 12.75

    def __init__(self, shape):
        self.network = network((*shape[:2], 3), arrays(chosen()), LAYERS[-1:])

    def __call__(self, images, others):
        from keras import ops

        one, other = (ops.repeat(each, 3, axis=-1) if each.shape[-1] == 1 else each for each in (images, others))
        seen, of_other = (ops.convert_to_tensor(_only(self.network(ops.cast(each, "float32"), training=False)))
                          for each in (one, other))
        return ops.mean(ops.square(self.SCALE * (seen - of_other)), axis=(1, 2, 3))


def _only(outputs):
    return outputs[0] if isinstance(outputs, (list, tuple)) else outputs
