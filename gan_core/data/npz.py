"""Reading .npz files that may be damaged or someone else's: one error instead of NumPy's dozen."""

import contextlib
import zipfile
import zlib

import numpy as np


class DamagedNpz(ValueError):
    """The file is not an .npz file, or not a whole one, or lacks an array; the message says which, without the path."""


@contextlib.contextmanager
def _damage_named():
    try:
        yield
    except KeyError as error:
        raise DamagedNpz("an array is missing") from error
    except (
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        NotImplementedError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DamagedNpz("it is not a readable .npz file") from error


def npz_headers(path, names) -> dict:
    """{name: (shape, dtype)} of the named arrays, without reading their data."""
    headers = {}
    with _damage_named(), zipfile.ZipFile(path) as archive:
        for name in names:
            with archive.open(f"{name}.npy") as member:
                major, _ = np.lib.format.read_magic(member)
                read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}[major]
                shape, _, dtype = read(member)
            headers[name] = shape, dtype
    return headers


def npz_arrays(path, names, optional=()) -> dict:
    """{name: array} of the named arrays, and of the optional ones that are there; pickles are refused."""
    with _damage_named(), np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in (*names, *(name for name in optional if name in archive.files))}
