"""Files that visitors send: kept whole or not at all, and those that nothing was made of go by themselves."""

import io
import os
import time

import pytest

from gan_core.data import uploads
from gan_core.errors import StoreError
from helpers_runs import is_a_sentence


def send(workspace, name="My Cats (2).zip", content=b"x" * 3_000_000):
    return uploads.keep(name, io.BytesIO(content), len(content), workspace)


@pytest.mark.parametrize("name, as_", [
    ("pets.zip", "pets.zip"), ("My Cats (2).ZIP", "My Cats _2_.zip"), ("../../etc/x.csv", "______etc_x.csv"),
    ("noending", "images.noending"), (".zip", "images.zip"), ("a" * 300 + ".csv", "a" * 60 + ".csv"), ("x.z/i", "x.zi"),
    ("cats.tar.GZ", "cats.tgz")])
def test_it_is_called_as_the_person_calls_it(tmp_path, name, as_):
    path = send(tmp_path, name, b"content")
    assert path.name == as_ and path.read_bytes() == b"content" and path.parent.parent == tmp_path / "uploads"
    assert send(tmp_path, name, b"content") == path != send(tmp_path, name, b"other content")


def test_the_same_content_under_another_name_is_a_file_of_its_own(tmp_path):
    used, other = send(tmp_path, "pets.zip", b"content"), send(tmp_path, "pets.csv", b"content")
    uploads.prove(used)
    uploads.refuse(other)
    assert uploads.kept(tmp_path) == [used], "refused as a table, and wanted as images"


def test_one_file_may_be_sent_twice_at_the_same_time(tmp_path):
    class Slow(io.BytesIO):
        second = None

        def read(self, size):
            if not self.second:  # the other arrives whole while this one is half there
                Slow.second = send(tmp_path, "pets.zip", b"x" * 3_000_000)
            return super().read(size)

    first = uploads.keep("pets.zip", Slow(b"x" * 3_000_000), 3_000_000, tmp_path)
    assert first == Slow.second and uploads.kept(tmp_path) == [first] and len(first.read_bytes()) == 3_000_000
    assert os.listdir(tmp_path / "uploads") == [first.parent.name]


def test_it_is_copied_piece_by_piece(tmp_path):
    class Stream(io.BytesIO):
        def read(self, size):
            assert size <= 2**20
            return super().read(size)

    assert uploads.keep("a.zip", Stream(bytes(5_000_000)), 5_000_000, tmp_path).stat().st_size == 5_000_000


def test_what_does_not_fit_is_told_before_it_is_written(tmp_path, monkeypatch):
    with pytest.raises(StoreError, match="MB for it") as refused:
        uploads.keep("a.zip", None, 10**15, tmp_path)
    assert is_a_sentence(str(refused.value)) and os.listdir(tmp_path / "uploads") == []


def test_what_nothing_was_made_of_goes_when_it_is_old(tmp_path):
    left, used, refused = (send(tmp_path, f"{name}.zip", name.encode()) for name in ("left", "used", "refused"))
    uploads.prove(used)
    uploads.refuse(used), uploads.refuse(refused)
    half = tmp_path / "uploads" / ".partial-7"
    half.write_bytes(b"half")
    older = left.parent / "left.partial"
    older.write_bytes(b"half, of an older version")
    assert uploads.kept(tmp_path)[-1] == used and not refused.parent.exists()
    uploads.sweep(tmp_path)
    assert left.exists() and half.exists(), "somebody may be at it"
    uploads.sweep(tmp_path, time.time() + 2 * uploads.LEFT_BEHIND)
    assert uploads.kept(tmp_path) == [used] and os.listdir(tmp_path / "uploads") == [used.parent.name]


def test_of_two_in_one_folder_as_older_versions_put_them_one_is_removed(tmp_path):
    paths = [tmp_path / "uploads" / "0123abcd" / name for name in ("pets.zip", "pets.csv")]
    paths[0].parent.mkdir(parents=True)
    for path in paths:
        path.write_bytes(b"x")
    uploads.remove(paths[1])
    assert uploads.kept(tmp_path) == paths[:1]


def test_those_of_older_versions_stay_until_somebody_deletes_them(tmp_path):
    path = tmp_path / "uploads" / "0123abcd" / "pets.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    uploads.sweep(tmp_path, time.time() + 2 * uploads.LEFT_BEHIND)
    assert uploads.kept(tmp_path) == [path]
