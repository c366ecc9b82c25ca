"""Files of weights that PyTorch wrote: read without PyTorch, and nothing in them is executed."""

import collections
import io
import os
import pickle
import sys
import types
import zipfile

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.pretrained import torch_files
from helpers_runs import is_a_sentence

ARRAYS = {"conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4), "bias": np.array([1.5, -2.5], np.float64),
          "count": np.array(7, np.int64)}
KINDS = {np.dtype(np.float32): "FloatStorage", np.dtype(np.float64): "DoubleStorage", np.dtype(np.int64): "LongStorage"}


class Storage:
    def __init__(self, values):
        self.values = values


class Tensor:
    """What pickles as a tensor does; ``shape`` and ``strides`` are told, whatever the numbers are."""

    def __init__(self, values, shape=None, strides=None, offset=0):
        self.storage = Storage(values.ravel())
        self.shape = values.shape if shape is None else shape
        self.strides = tuple(step // values.itemsize for step in values.strides) if strides is None else strides
        self.offset = offset

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (
            self.storage, self.offset, self.shape, self.strides, False, collections.OrderedDict())


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    """Modules of these names, so that pickles can be made that name them."""
    for name, functions in (("torch", list(torch_files.TYPES)), ("torch._utils", ["_rebuild_tensor_v2"])):
        module = types.ModuleType(name)
        for function in functions:
            one = type(function, (), {"__module__": name})
            one.__qualname__ = function
            setattr(module, function, one)
        monkeypatch.setitem(sys.modules, name, module)


def pickled(told, storages, sizes=None):
    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            if not isinstance(thing, Storage):
                return None
            key = str(next((key for key, known in storages.items() if known is thing), len(storages)))
            storages[key] = thing
            kind = getattr(sys.modules["torch"], KINDS[thing.values.dtype])
            return ("storage", kind, key, "cpu", (sizes or {}).get(key, thing.values.size))

    file = io.BytesIO()
    Pickler(file, 2).dump(told)
    return file.getvalue()


def old(told):
    """As torch.save wrote before 2020."""
    storages = {}
    body = pickled(told, storages)
    head = [torch_files.MAGIC, torch_files.PROTOCOL, {"little_endian": True, "type_sizes": {}}]
    data = b"".join(pickle.dumps(part, 2) for part in head) + body + pickle.dumps(list(storages), 2)
    return data + b"".join(np.int64(one.values.size).tobytes() + one.values.tobytes() for one in storages.values())


def new(told, sizes=None):
    """As it writes since."""
    storages, file = {}, io.BytesIO()
    body = pickled(told, storages, sizes)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weights/data.pkl", body)
        archive.writestr("weights/byteorder", "little")
        for key, one in storages.items():
            archive.writestr(f"weights/data/{key}", one.values.tobytes())
    return file.getvalue()


def read(tmp_path, data):
    (tmp_path / "weights.pth").write_bytes(data)
    return torch_files.tensors(tmp_path / "weights.pth")


@pytest.mark.parametrize("form", [old, new])
def test_tensors_come_back_as_they_were(tmp_path, form):
    told = collections.OrderedDict((name, Tensor(values)) for name, values in ARRAYS.items())
    turned = ARRAYS["conv.weight"].transpose(2, 0, 1)  # a view: other strides, the same numbers
    told["turned"] = Tensor(ARRAYS["conv.weight"], turned.shape, tuple(step // 4 for step in turned.strides))
    found = read(tmp_path, form(told))
    assert list(found) == [*ARRAYS, "turned"]
    for name, values in (ARRAYS | {"turned": turned}).items():
        assert found[name].dtype == values.dtype and found[name].flags.writeable
        np.testing.assert_array_equal(found[name], values)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("/tmp/executed-by-a-file-of-weights",)


@pytest.mark.parametrize("form", [old, new])
@pytest.mark.parametrize("told", [
    {"a": Evil()}, Evil(), {"a": np.zeros(3)}, {"a": print}, {"a": 1}, [1], {1: Tensor(np.zeros(3, np.float32))},
    {"a": Tensor(np.zeros(3, np.float32), (4,), (1,))}, {"a": Tensor(np.zeros(3, np.float32), (3,), (-1,))},
    {"a": Tensor(np.zeros(3, np.float32), (3,), (1,), 1)}, {"a": Tensor(np.zeros(3, np.float32), (10**9, 10**9), (0, 0))},
    {"a": Tensor(np.zeros(3, np.float32), (-3,), (1,))}, {"a": Tensor(np.zeros(3, np.float32), (3,), ())}],
    ids=lambda told: str(told)[:20])
def test_what_is_more_than_tensors_is_refused_and_not_executed(tmp_path, form, told):
    with pytest.raises(BadInput) as refused:
        read(tmp_path, form(told))
    assert is_a_sentence(str(refused.value)) and not os.path.exists("/tmp/executed-by-a-file-of-weights")


def test_what_is_damaged_is_told(tmp_path):
    told = {name: Tensor(values) for name, values in ARRAYS.items()}
    whole = old(told)
    for data in (b"", b"GIF89a", whole[:40], whole[:-3], whole[:len(whole) // 2], new(told)[:-40], pickle.dumps({"a": 1}),
                 new(told, {"0": 10**12}), new(told, {"0": 3})):
        with pytest.raises(BadInput, match="no file of weights") as refused:
            read(tmp_path, data)
        assert is_a_sentence(str(refused.value))
    with pytest.raises(BadInput, match="cannot be read"):
        torch_files.tensors(tmp_path / "none.pth")
