"""The runs that come with the workbench: small, playable at once, and runs like any other once they are opened."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from gan_core.errors import BadInput
from gan_core.models import cards
from gan_core.sharing import examples
from gan_core.sharing.page import COMPUTING, PAGE, PLAYER
from gan_core.store import FINISHED, DiskStore, artifacts, explored, scores, weights
from gan_core.tasks import sampling
from helpers_runs import is_a_sentence

NAMES = list(examples.examples())
LARGEST = 2_000_000  # bytes of a demo


@pytest.fixture
def store(tmp_path):
    store = DiskStore(tmp_path / "workspace")
    yield store
    store.close()


def test_there_are_four_of_four_architectures_and_of_images_and_points(store):
    runs = [examples.open_as_run(store, name) for name in NAMES]
    assert len(NAMES) == 4 == len({run.architecture for run in runs}) and {run.kind for run in runs} == {"images", "points"}


@pytest.mark.parametrize("name", NAMES)
def test_a_demo_is_small_and_complete(name):
    page = examples.examples()[name].demo().decode()
    assert len(page.encode()) < LARGEST and page.count("<script") >= 3
    assert all((PLAYER / part).read_text() in page for part in (*COMPUTING, *PAGE, "page.css"))
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page), "it would ask the network"
    assert "Licence" in page or "licence" in page
    with Image.open(examples.examples()[name].picture) as picture:
        assert picture.format == "PNG" and min(picture.size) >= 128


@pytest.mark.parametrize("name", NAMES)
def test_it_becomes_a_run_that_is_drawn_from_and_can_go_on(store, name):
    run = examples.open_as_run(store, name)
    held = store.artifacts(run.id)
    assert run.status == FINISHED and run.name == examples.examples()[name].title
    assert len(artifacts.sample_sheets(held)) >= 8 and scores.kept(held) and len(store.rows(run.id)) > 100
    assert weights.whole(store, run.id)[0] and run.architecture in cards.cards()
    samples, _ = sampling.draw(store, run, 4)
    assert samples.shape == (4, *run.shape) and np.isfinite(samples).all() and samples.std() > 0.05
    assert examples.open_as_run(store, name).id == run.id and len(store.list()) == 1, "a second time it is there already"
    if name == "digits":
        assert [direction["name"] for direction in explored.kept(held)["directions"]] == ["heavier"]


def test_an_unknown_one_is_told(store):
    with pytest.raises(BadInput, match="choose from digits") as refused:
        examples.open_as_run(store, "faces")
    assert is_a_sentence(str(refused.value))


def test_what_the_packs_hold_is_of_no_machine():
    import zipfile

    for example in examples.examples().values():
        with zipfile.ZipFile(io.BytesIO(example.packed.read_bytes())) as archive:
            head = archive.read("pack.json").decode()
            log = archive.read("kept/log.txt").decode() if "kept/log.txt" in archive.namelist() else ""
        assert json.loads(head)["run"]["spec"]["data"] in ("mnist", "ring")
        assert not re.search(r"/(work|home|root|tmp|Users)/", head + log)


def test_opened_by_several_at_once_it_is_one_run(store):
    import threading

    found = []
    threads = [threading.Thread(target=lambda: found.append(examples.open_as_run(store, "ring").id)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 == len(store.list()) and len(found) == 3


def test_what_a_crash_has_left_of_it_is_no_obstacle(store):
    run = examples.examples()["ring"].run
    (store.workspace / "runs" / run).mkdir()
    opened = examples.open_as_run(store, "ring")
    assert opened.id != run and store.get(opened.id).status == FINISHED
