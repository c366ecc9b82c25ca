"""What pages keep beside a run, as a pack of somebody else or a damaged file may have it: what cannot be shown is left
out."""

import json

import pytest

from gan_core.store import MemoryStore, explored, odd, prompted, restyled
from helpers_runs import make_run

DEEP = b"[" * 100_000
HALF = "\ud800"  # a half of a letter, which JSON can hold


@pytest.fixture
def held():
    store = MemoryStore()
    yield store.artifacts(make_run(store).id)
    store.close()


def changed(whole, path, value):
    """A deep copy with another value at a path, or without what is there if it is None."""
    told = json.loads(json.dumps(whole))
    place = told
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return told


METHOD = {"title": "PCA", "auroc": 0.9, "auroc_low": 0.8, "auroc_high": 1.0, "auprc": 0.9, "auprc_low": 0.8,
          "auprc_high": 1.0, "roc": [[0, 1], [0, 1]]}
ODD = {"key": "pca-own", "found": 1.0, "step": 5, "method": "pca", "title": "PCA", "data": "mine", "protocol": ["So."],
       "threshold": 0.5, "normal_scores": [0.1], "scores": [{"file": "a.png", "score": 0.9, "odd": True, "class": "b"}],
       "methods": {"pca": METHOD}}


@pytest.mark.parametrize("path, value", [
    (["step"], "five"), (["step"], -1), (["title"], 5), (["data"], HALF), (["protocol"], "So."), (["protocol"], [1]),
    (["scores"], []), (["scores", 0], 1), (["scores", 0, "file"], [1]), (["scores", 0, "class"], {}),
    (["scores", 0, "score"], "much"), (["normal_scores"], []), (["normal_scores"], [None]), (["methods"], [1]),
    (["methods", "pca"], None), (["methods", "pca", "title"], None), (["methods", "pca", "auroc"], "high"),
    (["methods", "pca", "auprc_low"], None), (["methods", "pca", "roc"], [[0, 1]]), (["methods", "pca", "roc", 0], ["a"]),
    (["found"], True), (["key"], 3)])
def test_odd_ones_that_cannot_be_shown_are_left_out(held, path, value):
    for name, told in (("whole", ODD), ("spoiled", changed(ODD, path, value))):
        held.put(f"odd/{name}.json", json.dumps(told).encode())
    held.put("odd/deep.json", DEEP)
    assert odd.RESULTS.kept(held) == [ODD]
    assert len(odd.RESULTS.kept(held)) == 1 and held.list("odd/")


DIRECTION = {"name": "thicker", "input": "latent", "vector": [1.0, 2], "deviation": 1.0, "reach": 3, "found": "PCA"}
POINT = {"name": "seven", "inputs": {"latent": [0.5, 1.0]}}


@pytest.mark.parametrize("kind, path, value", [
    ("directions", ["name"], HALF), ("directions", ["name"], ""), ("directions", ["name"], "x" * 61),
    ("directions", ["vector"], [10**400]), ("directions", ["vector"], [True]), ("directions", ["input"], HALF),
    ("directions", ["found"], 5), ("directions", ["reach"], None), ("points", ["name"], " "), ("points", ["name"], HALF),
    ("points", ["inputs"], []), ("points", ["inputs", "latent"], ["a"]), ("points", ["inputs"], {HALF: [1]})])
def test_directions_and_points_that_cannot_be_shown_are_left_out(held, kind, path, value):
    whole = {"directions": DIRECTION, "points": POINT}
    others = {name: [one] for name, one in whole.items()}
    others[kind] = [changed(whole[kind], path, value), whole[kind]]
    held.put(explored.NAME, json.dumps(others).encode())
    assert explored.kept(held) == {"directions": [DIRECTION], "points": [POINT]}


def test_of_two_of_one_name_the_last_is_there_and_what_nests_without_end_is_none(held):
    second = DIRECTION | {"reach": 1}
    held.put(explored.NAME, json.dumps({"directions": [DIRECTION, second], "points": [POINT, POINT]}).encode())
    assert explored.kept(held) == {"directions": [second], "points": [POINT]}, "two widgets of one key are none"
    held.put(explored.NAME, DEEP)
    assert explored.kept(held) == {"directions": [], "points": []}


PROMPTED = {"key": "0" * 16, "prompt": "a seven", "begun": 1.0, "done": 1.0, "seconds": 2.0, "step": 3, "likeness": 0.3}


@pytest.mark.parametrize("name, value", [("prompt", HALF), ("prompt", 7), ("likeness", "much"), ("seconds", None),
                                         ("done", "all"), ("begun", "today"), ("key", "../../x")])
def test_pictures_of_words_that_cannot_be_shown_are_left_out(held, name, value):
    for file, told in (("0" * 16, PROMPTED), ("1" * 16, PROMPTED | {name: value})):
        held.put(f"prompts/{file}.json", json.dumps(told).encode())
    assert prompted.PICTURES.kept(held) == [PROMPTED]


@pytest.mark.parametrize("content", [
    DEEP, b"", b"[]", *(json.dumps({"begun": 1.0, "done": 1.0} | {name: value}).encode() for name, value in (
        ("begun", float("nan")), ("done", "all"), ("strength", "much"), ("seconds", None), ("steps", []), ("encoder", 5),
        ("encoder", HALF)))])
def test_restyled_pictures_that_cannot_be_shown_are_left_out(tmp_path, content):
    for key, told in (("0" * 16, json.dumps({"begun": 1.0, "done": 0.5}).encode()), ("1" * 16, content)):
        (tmp_path / "restyled" / key).mkdir(parents=True)
        (tmp_path / "restyled" / key / restyled.TOLD).write_bytes(told)
    assert [one["key"] for one in restyled.kept(tmp_path)] == ["0" * 16]
