"""The contract that every place for artifacts must pass; what is particular to a folder is in test_artifact_folder.py.

A new place joins the contract by one line in PLACES.  What is reached through a network joins it here as a folder opened by
fsspec, alone and behind an outbox; over S3 the contract runs in test_servers.py.
"""

import os
import threading
from pathlib import Path

import pytest

import helpers_stores
from gan_core.errors import BadInput, StoreError, UserError
from gan_core.store import artifacts as kinds
from gan_core.store.artifact_stores import known, open_artifact_store
from gan_core.store.artifacts import Deleted, NoArtifact, NotWritten, tail
from gan_core.store.file_cache import FileCache
from gan_core.store.outbox import Outbox
from helpers_runs import is_a_sentence

PLACES = {"file": lambda path: f"file://{path}", "memory": lambda path: "memory://",
          "fsspec": lambda path: f"fsspec://file/{path}"}  # of each scheme: the URL
OUTBOX = "outbox"
ODD = ["", "/", "/etc/passwd", "..", "../other/log.txt", "samples/../../x", "./x", "samples//x", "samples/", "a\\b", "C:/x",
       "a\0b", "a\nb", "a\x7fb", ".partial-1-x", "samples/.hidden", "x" * 201, "ü" * 101, "\ud800", None, 7, b"bytes"]
RUN = "260101-000000-abcdef"


@pytest.fixture(params=[*PLACES, OUTBOX])
def place(request, tmp_path, tmp_path_factory):
    """An artifact store."""
    if request.param in ("fsspec", OUTBOX):
        pytest.importorskip("fsspec")
    if request.param != OUTBOX:
        yield open_artifact_store(PLACES[request.param](tmp_path))
        return
    far, near = tmp_path_factory.mktemp("far"), tmp_path_factory.mktemp("near")
    outbox = Outbox(open_artifact_store(PLACES["fsspec"](far)), near / "outbox", FileCache(near / "cache", 10**7))
    yield outbox
    assert outbox.close(), "what waits is sent at the end"


@pytest.fixture
def held(place):
    """The artifacts of a run."""
    place.make(RUN)
    return place.of(RUN)


def in_threads(*functions):
    barrier, troubles = threading.Barrier(len(functions)), []

    def call(function):
        barrier.wait()
        try:
            function()
        except Exception as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=call, args=(function,)) for function in functions]
    [thread.start() for thread in threads], [thread.join(60) for thread in threads]
    assert troubles == [] and not any(thread.is_alive() for thread in threads)


def test_every_place_is_in_the_contract():
    assert {getattr(make, "func", make) for make in known().values()} == {
        getattr(known()[scheme], "func", known()[scheme]) for scheme in PLACES}


@pytest.mark.parametrize("url", ["nosuch://x", "", "/home/me/runs", "file"])
def test_a_place_that_nobody_knows_is_told_in_a_sentence(url):
    with pytest.raises(StoreError, match="file://") as refused:
        open_artifact_store(url)
    assert is_a_sentence(str(refused.value))


# The contract: one artifact


def test_what_was_put_is_read_again_whole(held):
    for name, data in (("log.txt", b""), ("samples/000000100.png", b"\x89PNG\0\xff"), ("views/levels/rows.json", b"{}"),
                       ("größe/数字 🎲.txt", b"x"), ("big.bin", os.urandom(3_000_000))):
        held.put(name, data)
        assert held.read(name) == data and name in held
    held.put("log.txt", memoryview(b"anew"))
    assert held.read("log.txt") == b"anew"


def test_an_artifact_is_a_file_that_can_be_sought_in(held):
    held.put("a.bin", b"0123456789")
    with held.open("a.bin") as file:
        assert file.read(2) == b"01" and file.seek(-3, os.SEEK_END) == 7 and file.read() == b"789"
    assert (tail(held, "a.bin", 4), tail(held, "a.bin", 99), tail(held, "none", 4)) == ("6789", "0123456789", "")


def test_what_is_not_there_is_a_sentence_and_a_key_error(held):
    held.put("samples/x.png", b"x")
    for name in ("none", "samples/none", "none/x.png", "samples", "samples/x.png/below"):
        for reading in (held.open, held.read, held.entry, lambda name: held.local(name).__enter__()):
            with pytest.raises(NoArtifact) as missing:
                reading(name)
            assert isinstance(missing.value, KeyError) and isinstance(missing.value, UserError)
            assert is_a_sentence(str(missing.value)) and name in str(missing.value)
        assert name not in held
        held.remove(name)
    assert held.list() == ("samples/x.png",)


def test_a_removed_artifact_is_gone(held):
    held.put("samples/x.png", b"x")
    held.remove("samples/x.png")
    assert "samples/x.png" not in held and held.list() == ()
    held.remove("samples/x.png")
    held.put("samples/x.png", b"again")
    assert held.read("samples/x.png") == b"again"


def test_pieces_are_added_to_the_end(held):
    held.append("logs/log.txt", b"first\n")
    held.append("logs/log.txt", b"second\n")
    assert held.read("logs/log.txt") == b"first\nsecond\n" and held.entry("logs/log.txt").size == 13
    held.put("logs/log.txt", b"new\n")
    held.append("logs/log.txt", memoryview(b"more\n"))
    assert held.read("logs/log.txt") == b"new\nmore\n"


def test_the_version_is_another_one_whenever_the_content_is(held):
    versions = []
    for write in (held.put, held.put, held.append, held.append, *[held.put] * 20):
        write("a", b"same length")
        versions.append(held.entry("a").version)
        assert held.entry("a").version == versions[-1], "and stays while nothing is written"
    held.remove("a")
    held.put("a", b"same length")
    versions.append(held.entry("a").version)
    assert len(set(versions)) == len(versions) and held.entry("a").size == len(b"same length")
    assert (held.entry("a").name, type(held.entry("a").version)) == ("a", str)


def test_a_local_file_is_what_libraries_want(held):
    held.put("checkpoints/000000100.weights.h5", b"weights")
    with held.local("checkpoints/000000100.weights.h5") as path:
        assert isinstance(path, Path) and path.name == "000000100.weights.h5" and path.read_bytes() == b"weights"
    assert held.read("checkpoints/000000100.weights.h5") == b"weights", "it outlives the file"
    with pytest.raises(RuntimeError, match="a library's"):
        with held.local("checkpoints/000000100.weights.h5") as path:
            raise RuntimeError("a library's")


def test_what_was_fetched_is_removed():
    place = open_artifact_store("memory://")
    place.make(RUN)
    place.of(RUN).put("a.h5", b"x")
    with place.of(RUN).local("a.h5") as path:
        assert path.exists()
    assert not path.parent.exists()


def test_keras_loads_weights_from_an_artifact(held, tmp_path):
    import keras

    first, second = (keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)]) for _ in range(2))
    first.save_weights(tmp_path / "x.weights.h5")
    held.put("checkpoints/000000001.weights.h5", (tmp_path / "x.weights.h5").read_bytes())
    with held.local("checkpoints/000000001.weights.h5") as path:
        second.load_weights(path)
    assert all((a == b).all() for a, b in zip(first.get_weights(), second.get_weights()))


@pytest.mark.parametrize("name", ODD, ids=repr)
def test_odd_names_are_refused_in_a_sentence_and_nothing_is_touched(held, tmp_path, name):
    held.put("log.txt", b"precious")
    before = sorted(tmp_path.rglob("*"))
    for call in (held.open, held.read, held.entry, held.remove, held.__contains__, lambda name: held.put(name, b"x"),
                 lambda name: held.append(name, b"x"), lambda name: held.local(name).__enter__()):
        with pytest.raises(BadInput) as refused:
            call(name)
        assert is_a_sentence(str(refused.value))
    assert held.list() == ("log.txt",) and sorted(tmp_path.rglob("*")) == before


def test_no_name_is_the_folder_of_another(held):
    held.put("a/b", b"x")
    held.put("c", b"x")
    for name in ("a", "c/d"):
        for write in (held.put, held.append):
            with pytest.raises(NotWritten) as refused:
                write(name, b"y")
            assert is_a_sentence(str(refused.value)) and refused.value.reason
    assert held.list() == ("a/b", "c") and held.read("c") == b"x"


# The contract: listing


def test_names_are_listed_by_how_they_start(held):
    names = ("config.json", "samples/000000001.png", "samples/000000100.png", "samples/grid.json", "samples.gif",
             "views/levels/000000001.png", "views/levels/rows.json", "views/classes/rows.json")
    assert held.list() == () and held.list("samples/") == ()
    for name in reversed(names):
        held.put(name, b"x")
    assert held.list() == tuple(sorted(names))
    for prefix in ("s", "samples", "samples/", "samples/0000001", "samples/x", "views/", "views/l", "nosuch/", "config.json",
                   "config.json/"):
        assert held.list(prefix) == tuple(sorted(name for name in names if name.startswith(prefix))), prefix


@pytest.mark.parametrize("prefix", ["/", "..", "../", "samples/../", "samples//", "a\\", ".", "\n", 7])
def test_odd_prefixes_are_refused(held, prefix):
    with pytest.raises(BadInput) as refused:
        held.list(prefix)
    assert is_a_sentence(str(refused.value))


def test_kinds_are_found_by_their_steps(held):
    for step in (1_000_000_000, 20, 100, 3):
        held.put(kinds.sheet_name(step), b"x")
        held.put(kinds.checkpoint_name(step), b"x")
    for other in ("samples/grid.json", "samples/x.png", "samples/12.png", "samples/000000007.npy", "checkpoints/notes.txt"):
        held.put(other, b"x")
    assert list(kinds.sample_sheets(held)) == [3, 20, 100, 1_000_000_000] == list(kinds.checkpoints(held))
    assert kinds.sample_sheets(held)[20] == "samples/000000020.png"
    assert [kinds.step_of(name) for name in kinds.checkpoints(held).values()] == [3, 20, 100, 1_000_000_000]


# The contract: several at once


def test_nobody_sees_half_of_what_is_put(held):
    whole = [bytes([value]) * 200_000 for value in range(4)]
    held.put("a", whole[0])
    seen, done = set(), threading.Event()

    def write(data):
        for _ in range(30):
            held.put("a", data)

    def read():
        while not done.is_set():
            seen.add(held.read("a"))
            assert set(held.list()) == {"a"}

    reader = threading.Thread(target=read)
    reader.start()
    in_threads(*(lambda data=data: write(data) for data in whole))
    done.set()
    reader.join(60)
    assert not reader.is_alive() and seen <= set(whole) and held.read("a") in whole


def test_pieces_of_several_writers_are_all_there(held):
    lines = [f"{writer}:{number}\n".encode() for writer in range(4) for number in range(50)]
    in_threads(*(lambda writer=writer: [held.append("log.txt", line) for line in lines[50 * writer:50 * writer + 50]]
                 for writer in range(4)))
    assert sorted(held.read("log.txt").splitlines(keepends=True)) == sorted(lines)


# The contract: runs


def test_runs_do_not_meet(place):
    place.make("one"), place.make("two")
    place.of("one").put("a", b"1")
    place.of("two").put("a", b"2")
    place.remove("one")
    assert place.of("two").read("a") == b"2" and place.of("one").list() == ()
    assert place.where("one") != place.where("two") and isinstance(place.where("one"), str)


def test_a_run_is_made_once(place, held):
    held.put("a", b"precious")
    with pytest.raises(StoreError) as refused:
        place.make(RUN)
    assert is_a_sentence(str(refused.value)) and held.read("a") == b"precious"


def test_nothing_of_a_deleted_run_comes_again(place, held):
    held.put("a/b", b"x")
    place.remove(RUN)
    for write in (held.put, held.append):
        for name in ("a/b", "c"):
            with pytest.raises(Deleted, match="was deleted") as refused:
                write(name, b"y")
            assert is_a_sentence(str(refused.value))
    held.remove("a/b"), held.sweep(), place.remove(RUN)
    assert held.list() == () and "a/b" not in held
    place.make(RUN)
    assert held.list() == ()


@pytest.mark.parametrize("wrong", ["", "..", "../other", "/", "a\\b", ".hidden"])
def test_what_is_no_runs_id_is_refused(place, wrong):
    for call in (place.of, place.make):
        with pytest.raises(BadInput):
            call(wrong)


def test_sweeping_takes_nothing_that_is_whole(held):
    held.put("a", b"x")
    held.append("b/c", b"y")
    held.sweep()
    assert (held.read("a"), held.read("b/c"), held.list()) == (b"x", b"y", ("a", "b/c"))


def test_a_store_hands_out_what_it_keeps_with_its_runs(tmp_path):
    for make in helpers_stores.STORES.values():
        store = make(tmp_path)
        with pytest.raises(BadInput):
            store.artifacts("..")
        store.close()
