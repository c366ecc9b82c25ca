"""What the tests of data share: pictures, folders and zips of them, and a machine that has no data yet."""

import io
import itertools
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

KERAS_SETS = {"mnist": (28, 28, 1), "fashion_mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
POINT_SETS = ("ring", "grid", "swiss_roll", "two_moons", "checkerboard")
MADE_SETS = ("boxes", "captions")
TABLE_SETS = ("wine", "breast_cancer", "gapminder", "tips")
MUSIC_SETS = ("chorales",)
SOUND_SETS = ("tones",)
TEXT_SETS = ("tunes",)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with neither GAN_DATA nor anything in Keras's cache."""
    monkeypatch.delenv("GAN_DATA", raising=False)
    home = tmp_path / "keras-home"
    home.mkdir()
    monkeypatch.setenv("KERAS_HOME", str(home))
    return home


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "workspace"


def picture(colour=(200, 30, 90), size=(20, 16), mode="RGB", form="PNG", **options) -> bytes:
    return encoded(Image.new("RGB", size, colour).convert(mode), form, **options)


def encoded(image, form="PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def noise(seed=0, side=24) -> bytes:
    """A picture that does not compress: cut short, it lacks pixels."""
    return encoded(Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)))


def write_folder(top: Path, files: dict) -> Path:
    for name, content in files.items():
        file = top / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return top


def write_zip(path: Path, files: dict, method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def labelled_files(n=3):
    return {f"{name}/{k}.png": noise(seed) for seed, (name, k) in enumerate(itertools.product("ab", range(n)))}


@pytest.fixture(params=["folder", "zip", "stored zip"])
def make(request, tmp_path):
    """Writes {name: bytes} as a folder or as a zip, and gives its path."""

    def write(files, name="My Cats (2)"):
        if request.param == "folder":
            return write_folder(tmp_path / name, files)
        method = zipfile.ZIP_STORED if request.param == "stored zip" else zipfile.ZIP_DEFLATED
        return write_zip(tmp_path / f"{name}.zip", files, method)

    return write
