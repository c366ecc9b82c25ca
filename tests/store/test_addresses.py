"""Addresses of catalogues and artifacts: what is one, what people see of it, and places; a cache of bounded size."""

import os

import pytest

from gan_core.errors import BadInput, StoreError, UserError
from gan_core.store import DiskStore, addresses, open_store
from gan_core.store.addresses import Place, shown
from gan_core.store.file_cache import FileCache
from helpers_runs import cli, is_a_sentence, make_run


@pytest.mark.parametrize("address, told", [
    ("postgresql://gan:secret@host:5432/db", "postgresql://gan:***@host:5432/db"),
    ("postgresql+psycopg://gan:se:c/r@e@t@host/db", "postgresql+psycopg://gan:***@host/db"),
    ("postgresql://gan@host/db?password=secret&sslmode=require", "postgresql://gan@host/db?password=***&sslmode=require"),
    ("s3://key:secret@bucket/prefix", "s3://key:***@bucket/prefix"),
    ("postgresql://gan@host:5432/db", "postgresql://gan@host:5432/db"), ("s3://bucket/a:b", "s3://bucket/a:b")])
def test_an_address_is_shown_without_its_password(address, told):
    assert shown(address) == told


def test_a_place_is_a_folder_or_a_pair(tmp_path, monkeypatch):
    pytest.importorskip("psycopg")
    monkeypatch.chdir(tmp_path)
    assert Place.of("here").identity == (f"{tmp_path}/here",) * 2 and Place.of("here").words == f"{tmp_path}/here"
    far = Place.of("postgresql://gan:secret@one,two/db,s3://bucket/prefix")
    assert (far.artifacts, far.catalogue.database) == ("s3://bucket/prefix", "db") and "secret" not in far.words
    half = Place.of("here,s3://bucket/prefix")
    assert half.catalogue_folder == tmp_path / "here" and half.artifacts == "s3://bucket/prefix"
    (tmp_path / "a,b").mkdir()
    assert Place.of("a,b").artifacts_folder == tmp_path / "a,b"
    for wrong in ("", "s3://bucket/x", "postgresql://gan@host/db", ",s3://bucket/x", "nosuch://x,here", "here,memory://"):
        with pytest.raises(UserError) as refused:
            Place.of(wrong)
        assert is_a_sentence(str(refused.value))


def test_artifacts_may_lie_in_another_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GAN_ARTIFACTS", f"file://{tmp_path}/elsewhere")
    store = open_store(tmp_path / "workspace")
    run = make_run(store)
    assert (tmp_path / "elsewhere" / run.id / "config.json").is_file() and store.settle(0)
    with store.open_log(run.id) as log:
        log.write(b"said")
    assert store.artifacts(run.id).read("log.txt") == b"said"
    store.close()
    for wrong in ("file://relative", "nowhere"):
        monkeypatch.setenv("GAN_ARTIFACTS", wrong)
        with pytest.raises(StoreError) as refused:
            open_store(tmp_path / "workspace")
        assert is_a_sentence(str(refused.value))


def test_the_doctor_of_one_machine(tmp_path, monkeypatch):
    for name in (addresses.CATALOGUE, addresses.ARTIFACTS):
        monkeypatch.delenv(name, raising=False)
    answer = cli("doctor", workspace=tmp_path / "new")
    assert answer.code == 0 and answer.out.count("would be made") == 3 and not (tmp_path / "new").exists()
    DiskStore(tmp_path / "new").close()
    answer = cli("doctor", workspace=tmp_path / "new")
    assert answer.code == 0 and "SQLite 3" in answer.out and "0 runs; it can be written" in answer.out
    monkeypatch.setenv("GAN_LAUNCHER", "nosuch")
    answer = cli("doctor", workspace=tmp_path / "new")
    assert answer.code == 2 and "NO  launcher" in answer.out


def test_what_cannot_be_moved_is_a_sentence(tmp_path):
    store = DiskStore(tmp_path / "one")
    make_run(store)
    for source, target, told in (("nosuch", "two", "is no workspace"), ("one", "one", "already"),
                                 ("one", "two", "not done")):
        answer = cli("move", "--from", tmp_path / source, "--to", tmp_path / target)
        assert answer.code == 2 and told in answer.err and len(answer.said) == 1
    assert not (tmp_path / "two").exists()
    store.close()
    with pytest.raises(BadInput):
        Place.of(" ")


def test_a_cache_keeps_what_was_used_last(tmp_path):
    cache = FileCache(tmp_path / "cache", 1000)
    for number in range(10):
        cache.keep(f"key {number}", bytes([number]) * 200).close()
        os.utime(cache._path(f"key {number}"), (number, number))
    cache.get("key 6").close()
    cache.make_room()
    kept = [number for number in range(10) if (file := cache.get(f"key {number}")) and not file.close()]
    assert 6 in kept and 9 in kept and cache.size() <= 1000 and all(number >= 5 for number in kept)
    assert cache.keep("too large", bytes(900)).read() == bytes(900) and cache.get("too large") is None
    (tmp_path / "sent").write_bytes(b"x" * 100)
    cache.take("sent", tmp_path / "sent")
    assert cache.get("sent").read() == b"x" * 100 and not (tmp_path / "sent").exists()
    assert FileCache(tmp_path / "none", 0).keep("a", b"b").read() == b"b" and not (tmp_path / "none").exists()
