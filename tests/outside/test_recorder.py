"""The recorder for scripts of other programs: a run as one of ours, live, and nothing that ever reaches the loop."""

import ast
import contextlib
import io
import math
import runpy
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import helpers_stores
from gan_core.errors import BadInput, StoreError
from gan_core.evaluation import alarms
from gan_core.launch import queue
from gan_core.outside import Recorder, described, pictures
from gan_core.store import DIVERGED, FAILED, FINISHED, LOST, RUNNING, STOPPED, STOPPING, artifacts
from gan_core.store.curves import Series
from helpers_runs import is_a_sentence, log_of, make_run, python, until
from helpers_stores import table

disk = helpers_stores.disk  # a fixture
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def record(disk):
    """``record(**options)``: a recorder into the store of the test."""
    return lambda *args, **options: Recorder(*args or ("Theirs",), workspace=disk.workspace, **options)


def the_run(store):
    [run] = store.list()
    return run


def test_a_loop_becomes_a_run_that_is_live_and_ends(disk, record):
    knobs = {"rate": np.float64(2e-4), "seed": np.int64(7), "odd": object()}
    with record(knobs=knobs, data="cats", steps=40, tags=["idea"]) as run:
        for step in range(1, 11):
            run.log(step, g_loss=1 / step, d_loss=np.float32(step))
        run.log(10, {"FID / val": np.array([3.0])})
        until(lambda: the_run(disk).step == 10 and len(disk.rows(run.id)) == 21, "rows while it runs", seconds=2.0)
        now = the_run(disk)
        assert (now.status, now.step, now.steps, now.elsewhere) == (RUNNING, 10, 40, True)
        assert queue.reap(disk) == 0 and now.tags == ("idea",) and now.knobs["rate"] == 2e-4 and now.settings["seed"] == 7
    ended = the_run(disk)
    assert (ended.status, ended.step, ended.message, ended.handle) == (FINISHED, 10, "", {})
    assert (10, "FID / val", 3.0) in table(disk.rows(run.id)) and ended.facts["line"][-1] == 0.1
    assert "Finished at step 10" in log_of(disk, run.id)


def test_what_is_logged_outside_of_the_block_is_said(disk, record, capsys):
    run = record()
    run.log(1, g_loss=1.0)
    run.say("before")
    with run:
        run.log(2, g_loss=2.0)
    run.log(3, g_loss=3.0)
    said = capsys.readouterr().err
    assert said.count("Nothing is recorded before") == 1 and said.count("after it is left out") == 1
    assert "AttributeError" not in said and table(disk.rows(run.id)) == [(2, "g_loss", 2.0)]


def test_names_that_are_kept_alike_are_curves_of_their_own(disk, record):
    with record() as run:
        run.log(1, {"a  b": 1.0, "a b": 2.0})
        run.log(2, {"a b": 4.0, "a  b": 3.0})
    assert table(disk.rows(run.id)) == [(1, "a b", 1.0), (1, "a b (2)", 2.0), (2, "a b", 3.0), (2, "a b (2)", 4.0)]


def test_how_a_loop_ends_is_how_its_run_does(disk, record):
    for error, status, says in ((ValueError("bad shape"), FAILED, "ValueError: bad shape."),
                                (KeyboardInterrupt(), STOPPED, ""), (SystemExit(0), FINISHED, ""),
                                (SystemExit(3), FAILED, "SystemExit: 3.")):
        with pytest.raises(type(error)):
            with record() as run:
                run.log(1, g_loss=1.0)
                raise error
        ended = disk.get(run.id)
        assert ended.status == status and (not says or ended.message == says)


def test_a_loss_that_is_no_number_at_the_end_is_a_divergence(disk, record, capsys):
    with record() as run:
        for step, loss in enumerate((1.0, math.nan, 1.0, math.inf, math.nan)):
            run.log(step, g_loss=loss, other=math.nan)
    assert disk.get(run.id).status == DIVERGED and "step 3" in disk.get(run.id).message
    assert capsys.readouterr().err.count("not a number any more") == 2
    with record() as run:
        run.log(0, g_loss=math.nan)
        run.log(1, g_loss=1.0)
    assert disk.get(run.id).status == FINISHED


def test_stop_on_the_monitor_asks_the_loop(disk, record):
    with record(steps=100) as run:
        run.log(1, g_loss=1.0)
        queue.stop(disk, run.id)
        assert disk.get(run.id).status == STOPPING
        until(lambda: run.stopped, "the word", seconds=2.0)
    assert disk.get(run.id).status == STOPPED


def test_one_that_was_taken_for_lost_comes_back(disk, record):
    with record() as run:
        disk.move(run.id, LOST, only_from=(RUNNING,))
        until(lambda: disk.get(run.id).status == RUNNING, "its return", seconds=2.0)
    assert disk.get(run.id).status == FINISHED


def test_a_script_that_is_killed_leaves_a_lost_run_with_its_rows(disk):
    code = """
import os, sys, time
from gan_core.outside import Recorder
with Recorder("Doomed", workspace=sys.argv[1]) as run:
    run.log(1, g_loss=1.0)
    time.sleep(1.2)
    assert not {name.partition(".")[0] for name in sys.modules} & {"keras", "tensorflow", "jax", "torch", "streamlit"}
    os._exit(9)
"""
    answer = python(code, disk.workspace)
    assert answer.returncode == 9, answer.stderr
    assert is_a_sentence(answer.stderr.strip().splitlines()[-1].replace("watch it on the Monitor.", "watch it there."))
    assert queue.reap(disk) == 1
    run = the_run(disk)
    assert run.status == LOST and "Resume" not in run.message and table(disk.rows(run.id)) == [(1, "g_loss", 1.0)]


def test_nothing_reaches_the_loop_and_each_trouble_is_told_once(disk, record, capsys):
    with record() as run:
        for _ in range(3):
            run.log("later", g_loss=1.0)
            run.log(-1, g_loss=1.0)
            run.log(1.5, g_loss=1.0)
            run.log(2, g_loss="high", d_loss=1.0, fine=True)
            run.log(3, samples=np.zeros((2, 2, 2, 2, 2)))
            run.log(3, samples="a picture")
            run.log(3, 5)
        run.log(2**70, g_loss=1.0)
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("gan_core")]
    assert len(said) == 8 and all(map(is_a_sentence, said)), said
    assert table(disk.rows(run.id)) == [(2, "d_loss", 1.0), (2, "fine", 1.0)]


def test_rows_wait_while_the_disk_is_full(disk, record, capsys, monkeypatch):
    with record() as run:
        add_rows = type(run._store).add_rows
        monkeypatch.setattr(type(run._store), "add_rows", _full)
        monkeypatch.setattr(type(run._held), "put", _full)
        for step in range(1, 4):
            run.log(step, g_loss=1.0, samples=np.zeros((4, 8, 8, 1), "float32"))
        time.sleep(1.2)
        assert len(disk.rows(run.id)) == 0 and not run.stopped
        monkeypatch.setattr(type(run._store), "add_rows", add_rows)
        until(lambda: len(disk.rows(run.id)) == 3, "the rows that waited", seconds=2.0)
    assert disk.get(run.id).status == FINISHED
    assert capsys.readouterr().err.count("full disk") == 1


def _full(*_, **__):
    raise StoreError("The workspace is on a full disk; make room.")


def test_a_run_that_is_deleted_meanwhile_ends_in_silence(disk, record, capsys):
    with record() as run:
        disk.move(run.id, FAILED, only_from=(RUNNING,))
        disk.delete(run.id)
        run.log(1, g_loss=1.0)
        until(lambda: run._gone, "it to be noticed", seconds=2.0)
        run.log(2, g_loss=1.0, samples=np.zeros((4, 8, 8, 1)))
    assert disk.list() == [] and "There is no run" in capsys.readouterr().err


@pytest.mark.parametrize("options", [{"steps": -1}, {"steps": "many"}, {"channels": "middle"}, {"pixels": (0, 0)},
                                     {"pixels": 1}, {"knobs": [1]}])
def test_what_cannot_be_used_is_told_before_anything_is_trained(record, options):
    with pytest.raises(BadInput) as caught:
        record(**options)
    assert is_a_sentence(str(caught.value))


def test_it_takes_no_turn_of_our_own_runs(disk, record):
    with record():
        own = make_run(disk)
        assert disk.claim(own.id, parallel=1) == 1


def test_alarms_see_none_of_its_knobs(disk, record):
    with record(knobs={"learning_rate": "fast", "clip": "norm", "discriminator_rate": "slow"}) as run:
        for step in range(1, 601):
            run.log(step, d_accuracy_real=0.999, d_accuracy_fake=0.999)
    [alarm] = alarms.raised(disk.get(run.id).for_rules, Series(disk, run.id).refresh(), ())
    assert alarm.name == "discriminator_wins" and alarm.change == {}


# Samples


@pytest.mark.parametrize("samples, options", [
    (np.zeros((4, 8, 6, 3), np.uint8), {}), (np.zeros((4, 3, 8, 6), np.uint8), {}), (np.zeros((4, 8, 6)), {}),
    (np.zeros((4, 3, 8, 3)), {"channels": "first"}), (np.zeros((4, 1, 8, 6)), {"channels": "first"}),
    (np.zeros((9, 2)), {})])
def test_samples_of_every_form_become_a_sheet(disk, record, samples, options):
    with record(**options) as run:
        run.log(5, samples=samples)
    held = disk.artifacts(run.id)
    assert Image.open(io.BytesIO(held.read(artifacts.sample_sheets(held)[5]))).width >= 48


def test_channels_and_pixels_mean_what_was_said():
    picture = np.linspace(0, 1, 3 * 64).reshape(1, 3, 8, 8).astype("float32")
    first, _, said = pictures.sheet(picture, channels="first", pixels=(0, 1))
    last, *_ = pictures.sheet(picture.transpose(0, 2, 3, 1), channels="last", pixels=(0, 1))
    bytes_, *_ = pictures.sheet(np.rint(picture.transpose(0, 2, 3, 1) * 255).astype(np.uint8))
    cells = [np.asarray(Image.open(io.BytesIO(png))).astype(int) for png in (first, last, bytes_)]
    assert (cells[0] == cells[1]).all() and abs(cells[0] - cells[2]).max() <= 1 and said == []
    for shown, says in ((picture, "black is -1"), (picture * 255, "cut off")):
        _, _, [sentence] = pictures.sheet(shown, channels="first")
        assert says in sentence and is_a_sentence(sentence)


def test_large_samples_are_made_small():
    png, grid, _ = pictures.sheet(np.zeros((64, 2048, 2048, 1), np.uint8))
    assert grid[0] * grid[1] < 64 and Image.open(io.BytesIO(png)).width < 8000


class Tensor:
    """As PyTorch's: no array until it is detached and on the host."""

    dtype, shape = "torch.bfloat16", ()

    def __init__(self, values, ready=0):
        self.values, self.ready, self.shape = np.asarray(values, "float32"), ready, np.shape(values)

    def detach(self):
        return Tensor(self.values, self.ready + 1)

    cpu = float = detach

    def numpy(self):
        assert self.ready == 3
        return self.values

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad")

    def __float__(self):
        return float(self.values)


def test_tensors_are_taken_as_they_are(disk, record):
    with record() as run:
        run.log(1, g_loss=Tensor(0.5), d_loss=Tensor([0.25]), samples=Tensor(np.zeros((4, 1, 8, 8))))
    assert table(disk.rows(run.id)) == [(1, "d_loss", 0.25), (1, "g_loss", 0.5)]
    assert list(artifacts.sample_sheets(disk.artifacts(run.id))) == [1]


# Names of curves


@pytest.mark.parametrize("theirs, ours", [
    ("loss/G", "g_loss"), ("D_loss", "d_loss"), ("Loss_D", "d_loss"), ("errG", "g_loss"), ("train/generator_loss", "g_loss"),
    ("losses/lossD", "d_loss"), ("critic_loss", "d_loss"), ("discriminator/loss", "d_loss"), ("lr_g", "g_learning_rate"),
    ("D/grad_norm", "d_gradient_norm"), ("gradient_penalty", "gradient_penalty"), ("d_acc_real", "d_accuracy_real"),
    ("loss", ""), ("val/g_loss", ""), ("g_loss_d_loss", ""), ("D(x)", ""), ("fid", ""), ("g_loss_l1", ""),
    ("g_acc_real", "")])
def test_what_a_name_plainly_means(theirs, ours):
    assert described.ours(theirs) == ours


def test_no_two_curves_get_one_name():
    long = "x" * 100
    keys = described.called(["loss/G", "G_loss", "d_loss", "loss/D", long + "a", long + "b", "a\nb"])
    assert keys["loss/G"] == "g_loss" and keys["G_loss"] == "G_loss" and keys["loss/D"] == "loss/D" and keys["a\nb"] == "a b"
    assert len(set(keys.values())) == 7 and all(len(key) <= 80 for key in keys.values())


# The examples


def test_the_example_in_keras_is_watched(disk, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["outside_keras.py", "--steps", "20", "--workspace", str(disk.workspace)])
    with contextlib.redirect_stderr(io.StringIO()):
        runpy.run_path(str(EXAMPLES / "outside_keras.py"), run_name="__main__")
    run = the_run(disk)
    assert (run.status, run.step, run.data) == (FINISHED, 20, "digits")
    assert {key for _, key, _ in table(disk.rows(run.id))} == {"d_loss", "g_loss", "d_accuracy_real", "d_accuracy_fake"}
    assert list(artifacts.sample_sheets(disk.artifacts(run.id))) == [10, 20]


def test_the_example_in_pytorch_is_well_formed():
    """PyTorch is not among what the tests need: it is compiled, and what it asks of the recorder is looked at."""
    source = (EXAMPLES / "outside_pytorch.py").read_text()
    tree = ast.parse(source)
    compile(source, "outside_pytorch.py", "exec")
    called = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made, = [node for node in called if getattr(node.func, "id", "") == "Recorder"]
    Recorder("x", **{word.arg: {"steps": 5, "channels": "first", "knobs": {}, "data": "", "workspace": None}[word.arg]
                     for word in made.keywords})
    assert {"log"} == {node.func.attr for node in called if isinstance(node.func, ast.Attribute)
                       and getattr(node.func.value, "id", "") == "run"}
    assert "run.stopped" in source
