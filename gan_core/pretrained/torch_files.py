"""The tensors in a file that PyTorch's ``torch.save`` wrote, without PyTorch and without executing anything.

Such a file is a pickle, which may name any function to be called.  Here three names are known, and what they stand for is
ours; a file that names another is refused.  Both of its forms are read: that of before 2020, pickles one after another with
the numbers behind them, and the zip of since.
"""

import collections
import io
import math
import pickle
import zipfile

import numpy as np

from gan_core.errors import BadInput

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
TYPES = {"DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
         "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "<?"}
LARGEST = 2 * 10**9  # bytes of all tensors


def tensors(path, advice="install the package that it is of once more"):
    """``{name: array}`` of a state dict, in its order; ``advice`` is what to do where it cannot be read.

    Raises:
        BadInput: for what is no such file, one that is damaged, or one that holds more than tensors.
    """
    try:
        with open(path, "rb") as file:
            whole = zipfile.is_zipfile(file)
            file.seek(0)
            found = _from_zip(file) if whole else _from_pickles(file)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from None
    except (pickle.UnpicklingError, zipfile.BadZipFile, EOFError, ValueError, KeyError, TypeError, IndexError,
            AttributeError, OverflowError, MemoryError, RecursionError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is no file of weights that can be read here ({error or type(error).__name__}); "
                       f"{advice}.") from None
    return found


class _Storage:
    """Numbers that tensors are views of: ``kind`` is that of NumPy, and the numbers come later."""

    def __init__(self, kind, size):
        self.kind, self.size, self.values = np.dtype(kind), int(size), None


class _Later:
    """A tensor before its numbers are there."""

    def __init__(self, storage, offset, shape, strides, *_):
        self.storage, self.offset = storage, int(offset)
        self.shape, self.strides = (tuple(int(number) for number in numbers) for numbers in (shape, strides))

    def array(self):
        values, count = self.storage.values, math.prod(self.shape)
        last = self.offset + sum((side - 1) * stride for side, stride in zip(self.shape, self.strides, strict=True))
        if min((self.offset, *self.shape, *self.strides), default=0) < 0 or count and last >= len(values):
            raise ValueError("a tensor reaches beyond its numbers")
        if count > len(values) * 4:
            raise ValueError("a tensor repeats its numbers")
        strides = [stride * values.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(values[self.offset:], self.shape, strides, writeable=False).copy()


class _Unpickler(pickle.Unpickler):
    KNOWN = {("collections", "OrderedDict"): collections.OrderedDict, ("torch._utils", "_rebuild_tensor_v2"): _Later}

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if module == "torch" and name in TYPES:
            return name
        if (module, name) in self.KNOWN:
            return self.KNOWN[module, name]
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is no part of weights")

    def persistent_load(self, told):
        what, kind, key, _, size = told[:5]
        if what != "storage" or len(told) > 5 and told[5] is not None:
            raise pickle.UnpicklingError("it holds what is no storage of numbers")
        storage = self.storages.setdefault(str(key), _Storage(TYPES[kind], size))
        if storage.size < 0 or sum(one.size * one.kind.itemsize for one in self.storages.values()) > LARGEST:
            raise pickle.UnpicklingError(f"it holds more than {LARGEST / 10**9:g} GB")
        return storage


def _from_pickles(file):
    storages = {}
    if (magic := _Unpickler(file, storages).load()) != MAGIC:
        raise ValueError(f"it begins with {str(magic)[:20]!r}")
    version, system = _Unpickler(file, storages).load(), _Unpickler(file, storages).load()
    if version != PROTOCOL or not system["little_endian"]:
        raise ValueError("it is of another version, or of another kind of machine")
    told = _Unpickler(file, storages).load()
    for key in _Unpickler(file, storages).load():
        storage = storages[str(key)]
        size, = np.frombuffer(file.read(8), "<i8")
        if size != storage.size:
            raise ValueError("its numbers are not those that it speaks of")
        storage.values = _numbers(file.read(storage.size * storage.kind.itemsize), storage)
    return _arrays(told)


def _from_zip(file):
    with zipfile.ZipFile(file) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        top, storages = name.removesuffix("data.pkl"), {}
        if archive.getinfo(name).file_size > 10**8:
            raise ValueError("its list of tensors is longer than any is")
        if f"{top}byteorder" in archive.namelist() and archive.read(f"{top}byteorder") != b"little":
            raise ValueError("it is of another kind of machine")
        told = _Unpickler(io.BytesIO(archive.read(name)), storages).load()
        for key, storage in storages.items():
            info = archive.getinfo(f"{top}data/{key}")
            if info.file_size != storage.size * storage.kind.itemsize:
                raise ValueError("its numbers are not those that it speaks of")
            storage.values = _numbers(archive.read(info), storage)
    return _arrays(told)


def _numbers(data, storage):
    if len(data) != storage.size * storage.kind.itemsize:
        raise EOFError("it is cut off")
    return np.frombuffer(data, storage.kind)


def _arrays(told):
    if not isinstance(told, dict) or not all(isinstance(name, str) and isinstance(tensor, _Later)
                                             for name, tensor in told.items()):
        raise ValueError("it holds other things than tensors by name")
    return {name: tensor.array() for name, tensor in told.items()}
