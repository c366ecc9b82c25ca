"""Reading .npz files that may be damaged or someone else's: one error instead of NumPy's dozen."""

import ast
import contextlib
import lzma
import math
import os
import struct
import zipfile
import zlib

import numpy as np


class DamagedNpz(ValueError):
    """The file is not an .npz file, or not a whole one, or lacks an array; the message says which, without the path."""


class ObjectArray(DamagedNpz):
    """The array ``name`` holds Python objects, which NumPy makes of parts that differ in shape: only pickles keep them."""

    def __init__(self, name):
        super().__init__(f"its array `{name}` holds Python objects instead of numbers")
        self.name = name


LONGEST_HEADER = 10_000  # characters, as NumPy has it
LARGEST = 2**32  # bytes that the arrays of one file may take in memory: twice what a dataset may


class TooLarge(DamagedNpz):
    """What the headers promise does not fit into memory, whether the file has it or not."""


@contextlib.contextmanager
def _damage_named(what=".npz"):
    try:
        yield
    except KeyError as error:
        raise DamagedNpz("an array is missing") from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        TypeError,
        AttributeError,
        EOFError,
        RuntimeError,  # encrypted
        OverflowError,
        struct.error,
        lzma.LZMAError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DamagedNpz(f"it is not a readable {what} file") from error


def npz_headers(path, names) -> dict:
    """{name: (shape, dtype)} of the named arrays, without reading their data."""
    headers = {}
    with _damage_named(), zipfile.ZipFile(path) as archive:
        for name in names:
            with archive.open(f"{name}.npy") as member:
                headers[name] = _header(member)
    return headers


def npz_all_headers(path) -> dict:
    """The same of all arrays, in the order of the file; DamagedNpz when it is no .npz file."""
    with _damage_named(), zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    return npz_headers(path, names)


def npy_array(path, limit):
    """The array of an .npy file; pickles are refused, and arrays of more than ``limit`` bytes.

    Raises:
        DamagedNpz: when the file is damaged, or too large.
        ObjectArray: when it holds Python objects.
    """
    with _damage_named(".npy"):
        with open(path, "rb") as file:
            shape, dtype = _header(file)
            promised, there = file.tell() + math.prod(shape) * dtype.itemsize, os.fstat(file.fileno()).st_size
        large = math.prod(shape) * dtype.itemsize
        array = None if dtype.hasobject or large > limit else np.load(path, allow_pickle=False)
    if dtype.hasobject:
        raise ObjectArray("array")
    if there > promised:
        raise DamagedNpz(f"its header speaks of {promised:,} bytes and it has {there:,}")
    if array is None:
        raise DamagedNpz(f"it takes {large / 2**30:.1f} GiB of memory and the limit is {limit / 2**30:.0f} GiB")
    return array


def _header(file):
    """``(shape, dtype)`` of the array at the beginning of an open .npy file."""
    major, _ = np.lib.format.read_magic(file)
    if major == 3:  # as 2, but in UTF-8
        length, = struct.unpack("<I", file.read(4))
        told = ast.literal_eval(file.read(min(length, LONGEST_HEADER)).decode())
        return tuple(told["shape"]), np.lib.format.descr_to_dtype(told["descr"])
    read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}.get(major)
    if read is None:
        raise ValueError(f"version {major}")
    shape, _, dtype = read(file)
    return shape, dtype


def _of_objects(path, names):
    """Those of the arrays that hold Python objects; none when the file is no .npz file or lacks them."""
    for name in names:
        with contextlib.suppress(DamagedNpz):
            if npz_headers(path, [name])[name][1].hasobject:
                yield name


def _check_sizes(path, names):
    """Look at what the headers promise before anything is read: few bytes can promise, or unpack to, any number."""
    promised = 0
    for name in names:
        with contextlib.suppress(DamagedNpz):  # there is none of that name, or it is told later
            shape, dtype = npz_headers(path, [name])[name]
            promised += math.prod(shape) * max(dtype.itemsize, 1)
    if promised > LARGEST:
        raise TooLarge(f"its arrays would take {promised / 2**30:,.3g} GiB of memory, and {LARGEST / 2**30:g} GiB are the "
                       "most")


def npz_arrays(path, names, optional=()) -> dict:
    """{name: array} of the named arrays, and of the optional ones that are there; pickles are refused.

    Raises:
        DamagedNpz: when the file is damaged, or lacks an array.
        ObjectArray: when one of the arrays holds Python objects.
        TooLarge: when they would take more than :data:`LARGEST` bytes; nothing is read then.
    """
    for name in _of_objects(path, (*names, *optional)):
        raise ObjectArray(name)
    _check_sizes(path, (*names, *optional))
    with _damage_named(), np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in (*names, *(name for name in optional if name in archive.files))}
