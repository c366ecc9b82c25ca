"""Tar archives are read as zips are, with the same limits and checks."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from gan_core import data
from gan_core.data import sources, tars
from gan_core.errors import BadInput
from helpers_data import labelled_files, noise, write_zip
from helpers_runs import is_a_sentence

IMAGES = labelled_files()


def write(path, files, mode="w", form=tarfile.PAX_FORMAT):
    """A tar of ``{name: bytes, or the fields of a member that has none}``."""
    with tarfile.open(path, mode, format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            fields = content if isinstance(content, dict) else {"size": len(content)}
            for field, value in fields.items():
                setattr(member, field, value)
            archive.addfile(member, None if isinstance(content, dict) else io.BytesIO(content))
    return path


def header(**fields):
    member = tarfile.TarInfo("x.png")
    for field, value in fields.items():
        setattr(member, field, value)
    return member.tobuf(tarfile.GNU_FORMAT) + bytes(10_000)


@pytest.mark.parametrize("name, mode, form", [
    ("My Cats (2).tar", "w", tarfile.PAX_FORMAT), ("x.tar.gz", "w:gz", tarfile.GNU_FORMAT),
    ("x.tgz", "w:gz", tarfile.PAX_FORMAT), ("without", "w:gz", tarfile.PAX_FORMAT)])
def test_a_tar_is_what_a_zip_of_the_same_is(tmp_path, name, mode, form):
    files = {f"./{'собака' * 20}/1.png": noise(7), "@eaDir/1.png": noise(8), "dataset.csv": b"a"} | IMAGES
    taken = data.load(write(tmp_path / name, files, mode, form), workspace=tmp_path / "workspace")
    same = data.load(write_zip(tmp_path / "x.zip", files), workspace=tmp_path / "workspace")
    assert np.array_equal(taken.x, same.x) and taken.classes == ("a", "b", "собака" * 20) and taken.name == same.name
    assert "kept by systems" in taken.note and "1 no images (dataset.csv)" in taken.note


def test_a_file_of_two_names_is_two_files(tmp_path):
    """A hard link, as `ln` makes it."""
    again = {"a/again.png": {"type": tarfile.LNKTYPE, "linkname": next(iter(IMAGES))}}
    dataset = data.load(write(tmp_path / "x.tar", IMAGES | again))
    assert len(dataset) == len(IMAGES) + 1 and sum(np.array_equal(dataset.x[0], image) for image in dataset.x) == 2


def test_links_count_as_what_they_unpack_to(tmp_path):
    again = {f"a/{number}x.bin": {"type": tarfile.LNKTYPE, "linkname": "big.bin"} for number in range(200)}
    path = write(tmp_path / "x.tar", IMAGES | {"big.bin": np.random.default_rng(0).bytes(1_000_000)} | again)
    with pytest.raises(BadInput, match="unpacks to more"), tars.as_zip(path, 50_000_000):
        pass


def test_devices_are_no_files_and_pairs_are_pairs(tmp_path):
    beside = {"p.png": {"type": tarfile.FIFOTYPE}, "d.png": {"type": tarfile.CHRTYPE}}
    assert len(data.load(write(tmp_path / "x.tar", IMAGES | beside))) == 6
    pairs = {f"{side}/{number}.png": noise(number) for side in ("source", "target") for number in range(2)}
    assert data.load(write(tmp_path / "y.tar", pairs)).kind == "pairs"


@pytest.mark.parametrize("member, says", [
    ({"../x.png": noise()}, "points outside the archive"), ({"/etc/x.png": noise()}, "points outside the archive"),
    ({"x.png": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}}, "symbolic link"),
    ({"x.png": {"type": tarfile.LNKTYPE, "linkname": "a/nowhere.png"}}, "is a link to what is not in it"),
    ({"x.png": {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}}, "is a link to what is not in it"),
    ({"x.bin": bytes(30_000_000)}, "unpacks to more than")])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tars_that_mean_no_good_are_refused(tmp_path, monkeypatch, member, says, mode):
    monkeypatch.setattr(sources, "_TOTAL_LIMIT", 20_000_000)
    with pytest.raises(BadInput, match=f"The archive x.tar is refused because .*{says}") as refused:
        data.load(write(tmp_path / "x.tar", IMAGES | member, mode))
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("content, says", [
    (header(size=10**12), "unpacks to more than"), (header(type=tarfile.GNUTYPE_LONGNAME, size=10**9), "than is read"),
    (header(type=tarfile.XHDTYPE, size=10**9), "than is read"), (header(size=20_000), "damaged"),
    (gzip.compress(header(type=tarfile.GNUTYPE_SPARSE, size=10**12), mtime=0), "refused")])
def test_headers_that_lie_are_refused_before_they_are_believed(tmp_path, content, says):
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(BadInput, match=says) as refused:
        data.load(tmp_path / "x.tar")
    assert is_a_sentence(str(refused.value))


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "MOST_MEMBERS", 5)
    with pytest.raises(BadInput, match="or 5 files"):
        data.load(write(tmp_path / "x.tar", IMAGES))


@pytest.mark.parametrize("spoil", [lambda content: content[:len(content) // 2],
                                   lambda content: content[:600] + bytes([content[600] ^ 1]) + content[601:],
                                   lambda content: content[:10] + b"\xff" * 50, lambda content: content[:2]])
def test_a_damaged_tar_is_refused(tmp_path, spoil):
    content = write(tmp_path / "x.tgz", IMAGES, "w:gz").read_bytes()
    (tmp_path / "x.tgz").write_bytes(spoil(content))
    with pytest.raises(BadInput, match="The archive x.tgz is refused because it (is damaged|could not be unpacked)"):
        data.load(tmp_path / "x.tgz")


@pytest.mark.parametrize("name, content", [("x.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)), ("x.tar.xz", b"\xfd7zXZ\0"),
                                           ("x.tar.bz2", b"BZh9")])
def test_what_is_packed_otherwise_is_told_what_it_is(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match="is not a zip file but a .*; unpack it and give the folder"):
        data.load(tmp_path / name)
