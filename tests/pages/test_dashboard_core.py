"""What the pages rest on and Streamlit has no part in: curves, estimates, the machine, the process that computes."""

import contextlib
import json
import os
import subprocess
import sys
import time
import types

import numpy as np
import psutil
import pytest

from gan_core.data import IMAGES, DataSpec
from gan_core.errors import BadInput
from gan_core.launch import eta, launchers, queue, usage
from gan_core.store import MemoryStore
from gan_core.store.curves import Series
from gan_core.store.line import Line
from gan_core.tasks.asking import Question
from gan_core.tasks.compute import Compute
from gan_core.tasks.kinds.measure import Config
from helpers_pages import add_curves, add_run, zoo
from helpers_runs import is_a_sentence, make_run, python


@pytest.fixture(scope="session")
def known():
    return zoo()


@pytest.fixture
def store():
    with contextlib.closing(MemoryStore()) as store:
        yield store


# Curves


class Counting:
    """A store that counts the rows it gave."""

    def __init__(self, store):
        self.store, self.given = store, 0

    def rows(self, run_id, **options):
        found = self.store.rows(run_id, **options)
        self.given += len(found)
        return found


@pytest.fixture
def run(store):
    return make_run(store)


def write(store, run, steps, value=1.0, time=0.0, keys=("d_loss", "g_loss")):
    store.add_rows(run.id, [(step, key, value * step, time + step) for step in steps for key in keys])


def test_curves_grow_with_the_rows(store, run):
    series = Series(store, run.id)
    assert series.refresh().keys() == [] and "d_loss" not in series
    assert [len(each) for each in series.curve("d_loss")] == [0, 0, 0] and series.last("d_loss", "none") == "none"
    write(store, run, range(1, 4))
    write(store, run, range(4, 6))
    assert series.refresh().keys() == ["d_loss", "g_loss"]
    write(store, run, range(6, 9))
    step, value, minutes = series.refresh().curve("g_loss")
    assert step.tolist() == list(range(1, 9)) and value.tolist() == step.tolist() and series.last("g_loss") == 8
    assert minutes == pytest.approx((step - 1) / 60)


def test_only_new_rows_are_read(store, run):
    counting = Counting(store)
    series = Series(counting, run.id)
    write(store, run, range(1000))
    series.refresh()
    assert counting.given == 2000
    for _ in range(5):
        series.refresh()
    assert counting.given <= 2000 + 5 * 2, "the newest step alone is looked at again"
    assert len(series.curve("d_loss")[0]) == 1000


@pytest.mark.parametrize("key", ["class_entropy", "kernel"], ids=["sorted first", "sorted last"])
def test_figures_that_come_late_to_the_newest_step_are_seen(store, run, key):
    """A probe takes a while, and that at the end of a run has no step after it."""
    counting = Counting(store)
    series = Series(counting, run.id)
    write(store, run, range(1000))
    series.refresh()
    store.add_rows(run.id, [(999, key, 0.5, 2000.0)])
    assert series.refresh().curve(key)[1].tolist() == [0.5] and series.refresh().curve(key)[0].tolist() == [999]
    assert len(series.curve("d_loss")[0]) == 1000 and counting.given <= 2000 + 2 * 3, "nothing is read anew"


@pytest.mark.parametrize("looks", [(), ("cut",), ("claimed", "cut"), ("claimed",)], ids=lambda looks: "+".join(looks))
def test_rows_that_a_resumed_run_made_again_replace_the_old_ones(store, run, looks):
    """Whenever somebody looked: when the run was claimed, when its rows had been cut, or only much later."""
    series = Series(store, run.id)
    write(store, run, range(1, 101))
    series.refresh()
    store.update(run.id, attempt=2)
    if "claimed" in looks:
        assert len(series.refresh().curve("d_loss")[0]) == 100
    store.cut(run.id, 50)
    if "cut" in looks:
        assert series.refresh().curve("d_loss")[0].max() == 50
    write(store, run, range(51, 131), value=-1.0, time=1000.0)
    step, value, _ = series.refresh().curve("d_loss")
    assert step.tolist() == list(range(1, 131))
    assert (value[:50] > 0).all() and (value[50:] < 0).all()
    store.cut(run.id, 0)
    assert series.refresh().keys() == []


def test_a_rerun_that_ends_at_the_very_step_that_was_seen_last_is_noticed(store, run):
    series = Series(store, run.id)
    write(store, run, range(1, 11))
    series.refresh()
    store.cut(run.id, 5)
    write(store, run, range(6, 11), value=-1.0, time=500.0)
    assert series.refresh().last("d_loss") == -10


def test_nan_stays_in_the_curve(store, run):
    store.add_rows(run.id, [(1, "d_loss", 1.0, 0.0), (2, "d_loss", float("nan"), 1.0), (3, "d_loss", 2.0, 2.0)])
    value = Series(store, run.id).refresh().curve("d_loss")[1]
    assert value[[0, 2]].tolist() == [1.0, 2.0] and np.isnan(value[1])


def test_minutes_leave_out_the_pause_before_a_resume(store, run):
    store.add_rows(run.id, [(step, "d_loss", 1.0, step * 2.0 + (step > 30) * 7200) for step in range(1, 61)])
    minutes = Series(store, run.id).refresh().curve("d_loss")[2]
    assert minutes[0] == 0 and minutes[-1] == pytest.approx(59 * 2 / 60)
    assert (np.diff(minutes) > 0).all()


def test_minutes_of_steps_that_are_slow_but_steady_are_all_counted(store, run):
    store.add_rows(run.id, [(step, "d_loss", 1.0, step * 45.0) for step in range(1, 11)])
    assert Series(store, run.id).refresh().curve("d_loss")[2][-1] == pytest.approx(9 * 45 / 60)


def test_a_long_run_is_read_in_a_moment(store, known):
    run = add_run(store, known, steps=200_000, rows=0, sheets_at=())
    add_curves(store, run, 200_000, 20_000)
    # Of the processor, whatever else is on the machine.
    began = time.process_time()
    series = Series(store, run.id).refresh()
    read = time.process_time() - began
    began = time.process_time()
    series.refresh(), series.curve("g_loss")
    assert read < 5 and time.process_time() - began < 0.2


@pytest.mark.parametrize("most", [48, 4])
def test_the_small_line_of_a_run_stays_small_and_keeps_its_shape(most):
    line = Line(most=most)
    for step in range(10_000):
        line.add(step)
        assert len(line.points()) < most
    points = line.points()
    assert points == sorted(points) and len(points) >= most // 2 - 1
    assert points[0] < 10_000 / len(points) and points[-1] > 10_000 * (1 - 2 / len(points))
    gaps = np.diff(points)
    assert gaps.min() == pytest.approx(gaps.max()), "every point stands for as many steps"


def test_the_small_line_leaves_out_what_is_no_number():
    line = Line()
    for value in (1.0, None, float("nan"), float("inf"), 2.00001):
        line.add(value)
    assert line.points() == [1.0, 2.0] and json.dumps(line.points())


# Estimates


def finished(architecture, speed, flops=10**9, batch=100, kind="images"):
    return types.SimpleNamespace(architecture=architecture, kind=kind, data_kind=kind, number=lambda name, default: batch,
                                 facts={"round_flops": flops, "images_per_second": speed})


FROM_SAME, FROM_ALIKE = "Judged from runs of this architecture here.", "Judged from runs of about this size here."


def test_the_estimate_rests_on_the_best_that_is_known():
    nothing = types.SimpleNamespace(architecture="gan", kind="images", data_kind="images", facts={},
                                    number=lambda name, default: default)
    seconds, basis = eta.seconds(1000, 1e9, [nothing], "gan", "images")
    assert seconds == pytest.approx(eta.STARTUP + 1000 * 1e9 / eta.FIRST_GUESS) and "first guess" in basis
    assert is_a_sentence(basis)
    other = finished("dcgan", speed=1000)  # 10 rounds of 1e9 a second
    seconds, basis = eta.seconds(1000, 2e9, [nothing, other], "gan", "images")
    assert seconds == pytest.approx(eta.STARTUP + 200) and basis == FROM_ALIKE
    same = finished("gan", speed=4000)
    seconds, basis = eta.seconds(1000, 2e9, [nothing, other, same], "gan", "images")
    assert seconds == pytest.approx(eta.STARTUP + 50) and basis == FROM_SAME


def test_a_small_network_on_a_table_says_nothing_of_one_on_images():
    """The numbers are measured: GAN on wine 6.3e9 operations a second, DCGAN on digits 1.8e11, in 50 s."""
    wine = finished("gan", speed=6447, flops=251_265_024, batch=256, kind="table")
    digits = finished("dcgan", speed=1297, flops=17_591_697_408, batch=128)
    dcgan, gan = (150, 17_591_697_408), (300, 251_265_024)
    seconds, basis = eta.seconds(*dcgan, [wine], "dcgan", "images")
    assert 20 < seconds < 60 and "first guess" in basis
    seconds, basis = eta.seconds(*gan, [digits], "gan", "table")
    assert "first guess" in basis
    seconds, basis = eta.seconds(*gan, [digits, wine], "gan", "table")
    assert seconds == pytest.approx(eta.STARTUP + 300 * 256 / 6447) and basis == FROM_SAME
    seconds, basis = eta.seconds(*dcgan, [wine], "gan", "images")
    assert "first guess" in basis, "nor of the same architecture on images"
    seconds, basis = eta.seconds(150, 30 * 17_591_697_408, [wine, digits], "dcgan", "images")
    assert seconds == pytest.approx(eta.STARTUP + 30 * 150 * 128 / 1297) and basis == FROM_SAME, "a larger one of the kind"
    seconds, basis = eta.seconds(150, 5e9, [wine, digits], "wgan", "images")
    assert seconds == pytest.approx(eta.STARTUP + 150 * 5e9 / (17_591_697_408 * 1297 / 128)) and basis == FROM_ALIKE


def test_the_estimate_takes_the_middle_of_the_newest_runs():
    runs = [finished("gan", speed=speed) for speed in (100, 9_999, *[100] * 8, *[1] * 40)]
    assert eta.seconds(50, 1e9, runs, "gan", "images")[0] == pytest.approx(eta.STARTUP + 50)


@pytest.mark.parametrize("seconds, words", [(0, "0 s"), (40.4, "40 s"), (89, "89 s"), (90, "2 min"), (720, "12 min"),
                                            (5399, "1 h 30 min"), (12_000, "3 h 20 min"), (3600 * 3, "3 h 00 min"),
                                            (86_400 * 2.5, "2.5 days")])
def test_durations_in_words(seconds, words):
    assert eta.in_words(seconds) == words


# The machine


def test_the_meter_reads_a_process_of_ours():
    code = "import time\nblock = bytearray(64 * 2**20)\nprint('ready', flush=True)\nwhile True: pass"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        meter = usage.Meter(process.pid)
        time.sleep(0.4)
        used = meter.read()
        assert 0.05 < used.cpu < 1.5 and used.memory > 64 * 2**20 and isinstance(used.gpu, str)
    finally:
        process.kill()
        process.wait()
    assert meter.read() is None


def test_the_meter_reads_nothing_of_other_machines_and_of_the_dead(monkeypatch):
    nobody = subprocess.Popen([sys.executable, "-c", ""])
    nobody.wait()
    here = queue.ownership()
    for handle in (here | {"host": "elsewhere"}, here | {"launcher": "nosuch"}, {}, here | {"pid": nobody.pid}):
        assert launchers.usage(handle) is None
    meter = usage.Meter(here["pid"])

    def denied(*_):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "cpu_percent", denied)
    assert meter.read() is None and usage.Meter(here["pid"]).read() is None


@pytest.mark.parametrize("answer, words", [("87, 20480, 143771\n", "87 %, 20.0 of 140 GiB"), ("", ""),
                                           ("[N/A], [N/A], [N/A]\n", "")])
def test_what_is_said_of_a_gpu(monkeypatch, answer, words):
    asked = []
    monkeypatch.setattr(usage.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(usage.subprocess, "run",
                        lambda command, **_: asked.append(command) or types.SimpleNamespace(stdout=answer))
    meter = usage.Meter(os.getpid())
    assert meter.read().gpu == words
    meter.read()
    assert len(asked) == 1, "not more often than every few seconds"


def test_figures_of_a_process_are_few_and_cheap(tmp_path, monkeypatch):
    monkeypatch.setattr(usage.shutil, "which", lambda name: None)
    meter = usage.Meter(os.getpid())
    began = time.process_time()
    for _ in range(20):
        figures = meter.figures(tmp_path)
    assert (time.process_time() - began) / 20 < 0.02, "every five seconds: far below a hundredth of the time"
    assert figures.keys() - {usage.READ, usage.WRITTEN} == {usage.CPU, usage.MEMORY, usage.FREE}
    assert figures[usage.MEMORY] > 0.01 and figures[usage.FREE] > 0
    assert usage.FREE not in meter.figures(tmp_path / "gone")
    monkeypatch.setattr(meter, "_read_gpu", lambda: usage.Gpu(0.87, 20 * 2**30, 140 * 2**30))
    assert (found := meter.figures(None))[usage.GPU] == 0.87 and found[usage.GPU_MEMORY] == 20.0


# The processes that compute; what they have in common whatever they compute is in test_compute.py


@pytest.fixture(scope="module")
def computing(tmp_path_factory):
    own = Compute(tmp_path_factory.mktemp("computing"), 1)
    yield own
    own.close()


def test_another_process_counts_looks_and_tells_what_is_wrong(computing, known, tmp_path):
    card, spec = known["gan"], DataSpec(IMAGES, (8, 8, 1), ("a", "b"))
    knobs = card.defaults(IMAGES) | {"width": 16}

    def ask(task, slot="", **knobs):
        return computing.ask(Question.of(task, tmp_path, **knobs), slot=slot)

    def measure(**changes):
        return ask("measure", str(changes), **Config.of("gan", knobs | changes, spec).as_dict())

    measured, odd = measure(), measure(width="wide")
    looked, absent = ask("look", "there", data="digits", size=16), ask("look", "absent", data="no-such-data")
    found = measured.result(90).values
    assert found["parameters"].keys() == {"generator", "discriminator"} and found["round_flops"] > 1e6
    smaller = measure(width=8).result(30).values
    assert smaller["round_flops"] < found["round_flops"] and smaller["parameters"]["generator"] < found[
        "parameters"]["generator"]
    found = looked.result(30)
    assert found.values["spec"].shape == (16, 16, 1) and found.files["sheet.png"].startswith(b"\x89PNG")
    with pytest.raises(BadInput, match="no-such-data") as caught:
        absent.result(30)
    assert caught.value.fields
    with pytest.raises(BadInput, match="must be a whole number, not 'wide'"):
        odd.result(30)


def test_computing_leaves_the_libraries_to_the_other_process(tmp_path):
    code = """
import sys
from gan_core.tasks.asking import Question
from gan_core.tasks.compute import Compute
own = Compute(sys.argv[1])
assert own.ask(Question.of("look", sys.argv[1], data="ring")).result(60).values["spec"].kind == "points"
assert not {"keras", "tensorflow"} & set(sys.modules)
"""
    answer = python(code, tmp_path)
    assert answer.returncode == 0, answer.stderr
