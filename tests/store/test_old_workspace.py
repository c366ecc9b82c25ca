"""A workspace made by the code of before the rooms: it opens, shows, samples and goes on bit for bit.

``fixtures/workspace-schema-1.zip`` holds it, with what that code drew of each run (``before-*.npz``), and what it made of
it by going on for six steps (``after-*.npz``, and the rows in ``expected.json``): points, labels, a run that was stopped, a
pyramid with views, images of one's own with some kept from training, scores, recognition and judgements.
"""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gan_core.evaluation import human
from gan_core.modalities.base import modality
from gan_core.store import FINISHED, STOPPED, artifacts, judgements, open_store, scores
from helpers_runs import python

KEPT = Path(__file__).parents[1] / "fixtures" / "workspace-schema-1.zip"
# Draws of each run, goes on with it for six steps, and draws again: in one process, the way the command line does it.
GO_ON = """
import json, sys
from pathlib import Path
from gan_core.__main__ import main
folder, runs = Path(sys.argv[1]), json.loads(sys.argv[2])
for name, (run, steps) in runs.items():
    for moment in ("before", "after"):
        if moment == "after":
            assert main(["resume", run, "--steps", str(steps), "--workspace", str(folder / "workspace")]) == 0
        npz = folder / f"{moment}-{name}-now.npz"
        how = ["--n", "12", "--seed", "5", "--npz", str(npz), "--workspace", str(folder / "workspace")]
        assert main(["sample", run, *how]) == 0
"""


def same_processor(name):
    """Whether sums have the same last bits here: on processors of one name TensorFlow takes other kernels where they lack
    the instructions of the one on which the workspace was made."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines())
    except (OSError, ValueError):
        return False
    told = {key.strip(): value.split() for key, value in lines.items()}
    return told.get("model name") == name.split() and "avx512_bf16" in told.get("flags", ())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(KEPT) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def expected(folder):
    return json.loads((folder / "expected.json").read_text())


def test_it_opens_and_shows(folder, expected):
    store = open_store(folder / "workspace")
    runs = {name: store.get(each["run"]) for name, each in expected["runs"].items()}
    assert {run.id for run in runs.values()} == {run.id for run in store.list()}
    for name, run in runs.items():
        assert (run.name, run.status, run.step) == tuple(expected["runs"][name][key] for key in ("name", "status", "step"))
        assert len(store.rows(run.id)) >= 4 * 6
        sheets = artifacts.sample_sheets(store.artifacts(run.id))
        assert sheets and all(store.artifacts(run.id).read(name).startswith(b"\x89PNG") for name in sheets.values())
        assert max(artifacts.checkpoints(store.artifacts(run.id))) == run.step
    assert {run.status for run in runs.values()} == {FINISHED, STOPPED}
    assert runs["own"].tags == ("mine", "small") and runs["own"].notes.startswith("A note")
    assert store.setting("parallel") == "2" and store.setting("score") == "off"
    assert [view.title for view in artifacts.views(store.artifacts(runs["views"].id))] == ["Levels"]
    labels = store.artifacts(runs["labels"].id)
    assert {score["n_fake"] for score in scores.kept(labels)} == {250} and len(scores.kept_recognitions(labels)) == 1
    assert scores.best(labels, modality("images").headline) == (369, False)
    assert scores.kept(store.artifacts(runs["points"].id))[0]["modes"] == 8
    judged = human.by_condition(judgements.kept(labels))
    assert {condition.feedback: rates.overall.n for condition, rates in judged.items()} == {False: 10, True: 10}
    assert len(judgements.pool(labels).real) == 200
    store.close()


def test_it_samples_and_goes_on_bit_for_bit(folder, expected):
    """On another processor, whose sums differ in their last bits, nearly so."""
    runs = {name: (each["run"], each["resumed_to"]) for name, each in expected["runs"].items()}
    answer = python(GO_ON, folder, json.dumps(runs))
    assert answer.returncode == 0, answer.stderr
    same = {"atol": 0, "rtol": 0} if same_processor(expected["processor"]) else {"atol": 2e-3, "rtol": 2e-3}
    store = open_store(folder / "workspace")
    for name, (run_id, steps) in runs.items():
        run = store.get(run_id)
        assert (run.status, run.step) == (FINISHED, steps), run.message
        rows = store.rows(run_id, after=expected["runs"][name]["step"])
        made = {(step, key): value for step, key, value in zip(rows.step.tolist(), rows.key, rows.value.tolist())}
        wanted = {(step, key): value for step, key, value in expected["runs"][name]["rows"]}
        assert wanted.keys() <= made.keys()
        np.testing.assert_allclose([made[key] for key in wanted], list(wanted.values()), **same, err_msg=name)
        for moment in ("before", "after"):
            then, now = (np.load(folder / f"{moment}-{name}{suffix}.npz") for suffix in ("", "-now"))
            assert then.files == now.files
            for array in then.files:
                if then[array].dtype.kind == "U":
                    assert then[array].tolist() == now[array].tolist()
                else:
                    levels = {"atol": 0 if not same["atol"] else 2} if then[array].dtype == np.uint8 else same
                    np.testing.assert_allclose(now[array].astype(float), then[array].astype(float), err_msg=name, **levels)
    store.close()
