"""One identity of data: content and labels, wherever they lie and whatever they are called; what refuses to go by a name."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from gan_core import data
from gan_core.compare import compare
from gan_core.data.identity import Identity, difference
from gan_core.errors import BadInput
from gan_core.launch import queue, same_data
from gan_core.store import ENDED, FAILED, FINISHED, STOPPED, MemoryStore, open_store
from gan_core.store.curves import Series
from helpers_runs import gan, is_a_sentence, make_run

pytestmark = pytest.mark.settled

TINY = ("--size", 8, "--set", "xla=off", "--set", "batch_size=8", "--set", "latent=4", "--set", "width=8",
        "--set", "probe_seconds=0", "--set", "checkpoint_seconds=0")


def write_images(folder, seed=0, n=12):
    rng = np.random.default_rng(seed)
    for label in ("dark", "light"):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(n // 2):
            low = 0 if label == "dark" else 128
            pixels = rng.integers(low, low + 127, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def arrays(n=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 8, 8, 1), dtype=np.uint8), rng.integers(0, 2, n, dtype=np.int32)


def test_it_is_of_content_and_labels_and_of_nothing_else(tmp_path, noise):
    x, y = arrays()
    one = Identity.of(x, y, ("a", "b"))
    assert one == Identity.of(x.copy(), y.copy(), ("a", "b")) == Identity.from_dict(json.loads(json.dumps(one.as_dict())))
    other = x.copy()
    other[0, 0, 0, 0] ^= 1
    others = (Identity.of(other, y, ("a", "b")), Identity.of(x, 1 - y, ("a", "b")), Identity.of(x, y, ("b", "a")),
              Identity.of(x, None, ()), Identity.of(x[::-1], y, ("a", "b")), Identity.of(x, y, ("a", "b"), x[:2], y[:2]))
    assert len({each.hash for each in (one, *others)}) == 7
    folder = write_images(tmp_path / "first")
    found = data.load(str(folder), size=8, workspace=tmp_path)
    moved = shutil.move(folder, tmp_path / "elsewhere")
    assert data.load(moved, size=8).identity == found.identity == data.load(found.name, size=8, workspace=tmp_path).identity
    assert data.load(found.name, size=8, workspace=tmp_path).identity != data.load(moved, size=16).identity


def test_what_is_kept_apart_from_training_is_part_of_it(noise):
    whole = noise(n=400)
    parts = {whole.keeping_apart(share).identity for share in (0.0, 0.1, 0.5)}
    assert parts == {whole.identity} and len(whole.keeping_apart(0.5)) == 200


@pytest.mark.parametrize("change, words", [
    (lambda x, y: (x[:5], y[:5], "ab"), "there were 6 of them and are 5"),
    (lambda x, y: (x[:, :4, :4], y, "ab"), "samples were 8 x 8 x 1 and are 4 x 4 x 1"),
    (lambda x, y: (x, y, "abc"), "there were 2 classes and are 3"),
    (lambda x, y: (x, 1 - y, "ab"), "other content, labels or order"),
])
def test_what_differs_is_said(change, words):
    x, y = arrays()
    then = Identity.of(x, y, "ab")
    assert words in difference(then, Identity.of(*change(x, y))) and difference(then, then) == ""


def test_a_run_goes_on_with_its_own_data_or_when_it_is_told_to(tmp_path, monkeypatch):
    """The file is the same by name; in the foreground nothing of the run changes when it is refused."""
    monkeypatch.chdir(tmp_path)
    workspace, file = tmp_path / "workspace", tmp_path / "own.npz"
    x, y = arrays(40)
    np.savez(file, samples=x, labels=y)
    trained = gan("train", "gan", "--data", file, "--steps", 3, *TINY, workspace=workspace)
    assert trained.code == 0, trained.err
    run_id = trained.out.split()[-1]
    store = open_store(workspace)
    run = store.get(run_id)
    assert Identity.from_dict(run.facts["data"]).count == 40
    kept = next((workspace / "datasets").glob("*.npz"))
    with np.load(kept) as archive:
        changed = dict(archive) | {"x": 255 - archive["x"]}
    np.savez(kept, **changed)
    refused = gan("resume", run_id, "--steps", 5, workspace=workspace)
    assert refused.code == 2 and len(refused.said) == 1 and is_a_sentence(refused.said[0])
    assert "not what the run" in refused.err and "--other-data" in refused.err
    after = store.get(run_id)
    assert (after.status, after.step, after.steps, after.message) == (FINISHED, 3, 3, "") and len(store.rows(run_id))
    scored = gan("evaluate", run_id, "--n", 10, workspace=workspace)
    assert scored.code == 2 and "not what the run" in scored.err
    assert gan("resume", run_id, "--steps", 5, "--other-data", workspace=workspace).code == 0
    after = store.get(run_id)
    assert (after.status, after.step) == (FINISHED, 5)
    assert after.facts["data"] != run.facts["data"] and after.facts["data_before"] == [run.facts["data"]]
    store.close()


def test_a_process_of_its_own_refuses_too_and_cuts_nothing_off(tmp_path):
    from gan_core.launch.worker import work

    store = open_store(tmp_path)
    run = make_run(store, steps=50, status=STOPPED, step=20, facts={
        "data": data.load("digits").identity.as_dict()})  # it is of points now
    store.add_rows(run.id, [(step, "d_loss", 1.0, 1.0) for step in range(1, 21)])
    queue.resume(store, run.id, steps=50, foreground=False)
    ended = work(store, run.id, queue.claim(store, run.id), queue.ownership())
    assert ended.status == FAILED and "not what the run" in ended.message and ended.status in ENDED
    assert len(store.rows(run.id)) == 20
    store.close()


def test_runs_are_compared_by_what_they_learned_and_not_by_its_name():
    store = MemoryStore()
    one, same, other = ({"data": Identity(text * 32, 10, 0, (2,), 0).as_dict()} for text in "aab")

    def ranked(*facts, names=("ring", "ring")):
        runs = [make_run(store, knobs={"batch_size": 8, "latent": number}, facts=each) for number, each in enumerate(facts)]
        for run, name in zip(runs, names):
            store.update(run.id, data=name, spec=run.spec | {"data": name})
        found = compare(store, [run.id for run in runs], lambda run: Series(store, run).refresh())
        return found.ranked, " ".join(found.unfair)

    assert ranked(one, same)[0] and ranked(one, same, names=("ring", "copy of ring"))[0]
    assert ranked({}, {})[0] and not ranked({}, {}, names=("ring", "grid"))[0], "older runs go by the name"
    assert ranked(one, {})[0]
    told, why = ranked(one, other)
    assert not told and "different content" in why


def test_seeds_of_other_data_are_no_seeds_of_one_entry():
    store = MemoryStore()
    told = ({"data": Identity(text * 32, 10, 0, (2,), 0).as_dict()} for text in "ab")
    runs = [make_run(store, knobs={"batch_size": 8}, facts=facts) for facts in told]
    found = compare(store, [run.id for run in runs], lambda run: Series(store, run).refresh())
    assert len(found.entries) == 2


def test_nothing_is_refused_that_nobody_knows():
    run = make_run(MemoryStore())
    same_data.check(run, data.load("ring"))
    with pytest.raises(BadInput, match="not what the run"):
        known = make_run(MemoryStore(), facts={"data": data.load("grid").identity.as_dict()})
        same_data.check(known, data.load("ring"))
