"""The command line at work on runs, with exit codes and what stands on which stream.

Most commands run within this process; those whose streams are in question run as a person would start them.  One
file, long as it is: all of it shares a few runs that are trained once.
"""

import contextlib
import csv
import io
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from gan_core.store import DIVERGED, FINISHED, RUNNING, STOPPED, DiskStore, artifacts
from helpers_runs import (
    PATIENCE, PROJECT, cli, end_all, environment, folder_of, foreground, gan, is_a_sentence, make_run, until,
)

TINY = ("--set", "xla=off", "--set", "batch_size=8", "--set", "latent=4")
IMAGES = ("--data", "digits", "--set", "width=8", *TINY)
POINTS = ("--data", "ring", "--set", "points_width=8", "--set", "points_depth=1", "--set", "steps_per_call=5", *TINY)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("cli") / "workspace"


@pytest.fixture(scope="module")
def store(workspace):
    with contextlib.closing(DiskStore(workspace)) as store:
        yield store


def finished(answer):
    """The id of the run that a command has just trained."""
    assert answer.code == 0, answer.err
    return answer.out.splitlines()[-1]


@pytest.fixture(scope="module")
def trained(workspace):
    """What a person sees who trains from a shell, every flag in use."""
    return gan("train", "gan", *IMAGES, "--size", 16, "--steps", 30, "--seed", 3, "--name", "A first run",
               "--deterministic", workspace=workspace)


@pytest.fixture(scope="module")
def run(trained):
    return finished(trained)


@pytest.fixture(scope="module")
def labelled(workspace):
    return finished(cli("train", "cgan", "--data", "digits", "--steps", 3, "--set", "filters=4", *TINY,
                        workspace=workspace))


@pytest.fixture(scope="module")
def points(workspace):
    return finished(cli("train", "gan", *POINTS, "--steps", 20, workspace=workspace))


@pytest.fixture(scope="module")
def diverged(workspace):
    """A critic without a leash at absurd learning rates: infinite within some 100 steps."""
    return cli("train", "wgan_gp", *POINTS, "--steps", 2000, "--set", "checkpoint_seconds=0", "--set",
               "penalty_weight=0", "--set", "points_depth=6", "--set", "points_width=64", "--set", "beta_2=0.5",
               "--set", "discriminator_updates=1", "--set", "discriminator_rate=0.1", "--set", "generator_rate=0.1",
               workspace=workspace)


# Training


def test_training_prints_the_id_last_and_only_progress_beside_it(trained, store):
    assert trained.code == 0 and trained.said == [], "only a progress bar on stderr"
    assert "30/30" in trained.err and "d_loss" in trained.err
    run_id, = trained.out.splitlines()
    run = store.get(run_id)
    assert (run.status, run.step, run.steps, run.name) == (FINISHED, 30, 30, "A first run")
    assert run.spec["settings"]["seed"] == 3 and run.spec["settings"]["deterministic"] and run.spec["size"] == 16


def test_training_leaves_everything_in_its_folder(run, store):
    folder, held = folder_of(store, run), store.artifacts(run)
    assert {"config.json", "log.txt", "samples", "checkpoints", "events"} <= set(os.listdir(folder))
    assert list(artifacts.checkpoints(held)) == [30] and {0, 1, 2, 5, 10, 20, 30} <= set(artifacts.sample_sheets(held))
    assert "Finished at step 30." in (folder / "log.txt").read_text()
    assert not list(folder.rglob(".partial-*"))


def test_the_same_seed_gives_the_same_run(workspace, store):
    def losses(seed):
        run_id = finished(cli("train", "gan", *POINTS, "--steps", 20, "--seed", seed, workspace=workspace))
        return store.rows(run_id, keys=["d_loss", "g_loss"]).value

    one, again, other = losses(7), losses(7), losses(8)
    assert len(one) >= 8
    np.testing.assert_allclose(one, again, rtol=1e-4)
    assert not np.allclose(one, other, rtol=1e-4)


def test_training_on_a_folder_of_ones_own_goes_on_after_the_folder_is_gone(workspace, store, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(5):
            pixels = rng.integers(0, 256, (20, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{i}.png")
    shutil.make_archive(str(tmp_path / "zipped"), "zip", tmp_path / "pets")
    answers = [cli("train", "gan", "--data", tmp_path / source, "--size", 8, "--steps", 2, "--set", "width=8", *TINY,
                   workspace=workspace) for source in ("pets", "zipped.zip")]
    runs = [store.get(finished(answer)) for answer in answers]
    for each in runs:
        assert each.spec["shape"] == [8, 8, 3] and each.spec["classes"] == ["cats", "dogs"]
    shutil.rmtree(tmp_path / "pets")
    assert cli("resume", runs[0].id, "--steps", 3, workspace=workspace).code == 0
    assert store.get(runs[0].id).step == 3
    assert runs[0].data in cli("datasets", workspace=workspace).out


def test_a_run_that_diverges_fails_with_a_sentence_and_keeps_its_last_good_checkpoint(diverged, workspace, store):
    assert diverged.code == 1
    said, = diverged.said
    assert is_a_sentence(said) and "not a number" in said and "learning rate" in said
    run = store.get(diverged.out.splitlines()[-1])
    assert (run.status, run.message) == (DIVERGED, said) and run.step < 2000
    assert 0 < max(artifacts.checkpoints(store.artifacts(run.id))) < run.step
    answer = cli("sample", run.id, "--n", 4, "--npz", folder_of(store, run.id) / "samples.npz", workspace=workspace)
    assert answer.code == 0, answer.err
    assert np.isfinite(np.load(folder_of(store, run.id) / "samples.npz")["samples"]).all()


# Resuming and stopping


def test_resuming_goes_on_to_the_new_number_of_steps(points, workspace, store):
    answer = cli("resume", points[:-1], "--steps", 30, workspace=workspace)
    assert finished(answer) == points and answer.said == []
    run = store.get(points)
    assert (run.status, run.step, run.attempt) == (FINISHED, 30, 2)
    steps = store.rows(points, keys=["g_loss"]).step
    assert steps.max() == 30 and len(steps) == len(set(steps))


def test_resuming_a_finished_run_without_more_steps_is_refused(run, workspace, store):
    before = store.get(run)
    answer = cli("resume", run, workspace=workspace)
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(answer.err) and "more steps" in answer.err
    assert store.get(run) == before


@pytest.fixture
def working(tmp_path):
    """``(store, run, process)``: a run that works in the foreground of a process of its own."""
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        run = make_run(store, status=STOPPED, steps=20_000)
        process = foreground("resume", run.id, workspace=store.workspace)
        try:
            until(lambda: store.get(run.id).step > 3, "it to work")
            yield store, run, process
        finally:
            end_all(store.workspace)
            process.communicate(timeout=PATIENCE)


def test_stop_ends_a_run_and_a_second_stop_is_told_so(working):
    store, run, process = working
    answer = gan("stop", run.id, workspace=store.workspace)
    said, error = process.communicate(timeout=PATIENCE)
    assert answer.code == 0 and answer.err == "" and f"{run.id} is stopped at step" in answer.out
    assert process.returncode == 0 and said == f"{run.id}\n", error
    again = gan("stop", run.id, workspace=store.workspace)
    assert (again.code, again.out) == (2, "") and is_a_sentence(again.err) and "stopped" in again.err


# Looking


def test_runs_and_show_as_json(run, points, workspace):
    listed = {each["id"]: each for each in json.loads(cli("runs", "--json", workspace=workspace).out)}
    assert {run, points} <= set(listed)
    shown = json.loads(cli("show", run, "--json", workspace=workspace).out)
    assert shown.pop("alarms") == shown.pop("children") == [] and shown == listed[run]
    assert shown.keys() >= {"id", "name", "status", "step", "steps", "config", "architecture", "data", "message"}
    assert (shown["status"], shown["step"], shown["name"]) == ("finished", 30, "A first run")
    config = shown["config"]
    assert (config["architecture"], config["data"], config["size"]) == ("gan", "digits", 16)
    assert (config["steps"], config["seed"], config["width"], config["batch_size"]) == (30, 3, 8, 8)
    assert config["deterministic"] is True and config["generator_rate"] == 2e-4
    assert shown["facts"]["parameters"].keys() == {"generator", "discriminator"}


def test_runs_and_show_for_people(run, points, workspace, store):
    lines = cli("runs", workspace=workspace).out.splitlines()
    ids = [line.split()[0] for line in lines]
    assert ids == [each.id for each in store.list()] and ids.index(points) < ids.index(run), "newest first"
    shown = cli("show", run, workspace=workspace).out
    assert "A first run" in shown and "finished" in shown and str(folder_of(store, run)) in shown and "width" in shown


def test_metrics_as_csv(run, workspace, store):
    answer = cli("metrics", run, "--csv", workspace=workspace)
    assert answer.code == 0 and answer.err == "" and answer.out.startswith("step,key,value,time\n")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert {row["key"] for row in rows} >= {"d_loss", "g_loss", "d_accuracy_real", "d_accuracy_fake",
                                            "d_learning_rate", "g_learning_rate", "images_per_second"}
    assert "critic_estimate" not in {row["key"] for row in rows}
    losses = [(int(row["step"]), float(row["value"])) for row in rows if row["key"] == "d_loss"]
    kept = store.rows(run, keys=["d_loss"])
    assert losses == list(zip(kept.step.tolist(), kept.value.tolist())), "not a digit is lost"
    assert [step for step, _ in losses] == list(range(1, 31))
    assert all(0 <= float(row["value"]) <= 1 for row in rows if row["key"].startswith("d_accuracy"))
    assert all(float(row["time"]) > 1e9 for row in rows)


def test_metrics_of_a_critic_have_an_estimate_and_no_accuracy(diverged, workspace):
    answer = cli("metrics", diverged.out.splitlines()[-1], "--csv", workspace=workspace)
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    keys = {row["key"] for row in rows}
    assert "critic_estimate" in keys and not any(key.startswith("d_accuracy") for key in keys)
    assert any(row["value"] == "nan" for row in rows), "where it went wrong stays to be seen"


def test_metrics_for_people_are_the_same_columns(run, workspace):
    lines = cli("metrics", run, workspace=workspace).out.splitlines()
    assert lines[0].split("\t") == ["step", "key", "value", "time"]
    assert len(lines) == len(cli("metrics", run, "--csv", workspace=workspace).out.splitlines())


# Sampling


@pytest.fixture(scope="module")
def sampled(run, workspace, tmp_path_factory):
    """From a shell: the files, and what was said."""
    folder = tmp_path_factory.mktemp("sampled")
    answer = gan("sample", run, "--n", 9, "--seed", 1, "--out", folder / "grid.png", "--npz", folder / "deep" / "x.npz",
                 workspace=workspace)
    return answer, folder


def samples(run, workspace, folder, *arguments):
    """``(samples, labels or None)`` that the command writes."""
    answer = cli("sample", run, *arguments, "--npz", folder / "samples.npz", workspace=workspace)
    assert (answer.code, answer.err) == (0, ""), answer.err
    with np.load(folder / "samples.npz") as found:
        return found["samples"], found["labels"] if "labels" in found.files else None


def test_sampling_writes_a_grid_and_arrays_and_says_nothing(sampled):
    answer, folder = sampled
    assert answer == (0, "", "")
    with Image.open(folder / "grid.png") as picture:
        assert picture.format == "PNG" and picture.size[0] == picture.size[1] > 3 * 16, "three by three"
    with np.load(folder / "deep" / "x.npz") as found:
        assert found.files == ["samples"]
        assert found["samples"].shape == (9, 16, 16, 1) and found["samples"].dtype == np.uint8
        assert found["samples"].std() > 1
    assert sorted(os.listdir(folder)) == ["deep", "grid.png"] and os.listdir(folder / "deep") == ["x.npz"]


def test_the_same_seed_gives_the_same_samples_in_another_process(sampled, run, workspace, tmp_path):
    with np.load(sampled[1] / "deep" / "x.npz") as found:
        first = found["samples"].astype(int)
    again, _ = samples(run, workspace, tmp_path, "--n", 9, "--seed", 1)
    fewer, _ = samples(run, workspace, tmp_path, "--n", 4, "--seed", 1)
    other, _ = samples(run, workspace, tmp_path, "--n", 9, "--seed", 2)
    assert np.abs(first - again).max() <= 1, "up to the rounding of a grey level"
    assert np.abs(first[:4] - fewer).max() <= 1
    assert np.abs(first - other).max() > 1


def test_64_samples_of_seed_0_are_drawn_when_nothing_else_is_said(run, workspace, tmp_path):
    default, _ = samples(run, workspace, tmp_path)
    said, _ = samples(run, workspace, tmp_path, "--n", 64, "--seed", 0)
    assert len(default) == 64 and np.array_equal(default, said)


@pytest.mark.parametrize("n", [1, 2, 5, 300])
def test_any_number_of_samples_makes_a_grid(run, workspace, tmp_path, n):
    answer = cli("sample", run, "--n", n, "--out", tmp_path / "grid.png", workspace=workspace)
    assert (answer.code, answer.err) == (0, "")
    with Image.open(tmp_path / "grid.png") as picture:
        assert np.asarray(picture).std() > 0


def test_a_label_is_given_by_number_or_name(labelled, workspace, tmp_path):
    three, labels = samples(labelled, workspace, tmp_path, "--n", 6, "--label", 3)
    five, _ = samples(labelled, workspace, tmp_path, "--n", 6, "--label", "5")
    assert labels.tolist() == [3] * 6 and labels.dtype == np.int32
    assert not np.array_equal(three, five), "the same noise, another class"


def test_without_a_label_classes_are_drawn_at_random(labelled, workspace, tmp_path):
    drawn, labels = samples(labelled, workspace, tmp_path, "--n", 40)
    assert drawn.shape == (40, 8, 8, 1) and len(set(labels.tolist())) > 5 and set(labels.tolist()) <= set(range(10))


def test_points_are_sampled_as_numbers_and_drawn_as_a_scatter(points, workspace, tmp_path):
    drawn, labels = samples(points, workspace, tmp_path, "--n", 50, "--out", tmp_path / "points.png")
    assert drawn.shape == (50, 2) and drawn.dtype == np.float32 and labels is None
    with Image.open(tmp_path / "points.png") as picture:
        assert picture.mode == "RGBA"


# Measuring


def test_bench_as_json(workspace, store):
    before = [run.id for run in store.list()]
    answer = cli("bench", "gan", "--data", "ring", "--batch-size", 16, "--steps", 20, "--set", "points_width=8",
                 "--set", "xla=off", "--json", workspace=workspace)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found.keys() >= {"step_ms", "bare_images_per_second", "recorded_images_per_second"}
    assert found["bare_images_per_second"] == pytest.approx(16 * 1000 / found["step_ms"], rel=0.01)
    assert found["probe_ms"] > 0 and found["probe_start_ms"] > 0, "what measuring samples takes"
    assert found["recorded_images_per_second"] > 0 and found["batch_size"] == 16 and found["steps"] == 20
    assert [run.id for run in store.list()] == before, "a measurement is no run"


# Streams


def test_a_reader_that_has_seen_enough_is_no_error(run, workspace):
    process = subprocess.Popen([sys.executable, "-m", "gan_core", "metrics", run, "--workspace", str(workspace)],
                               cwd=PROJECT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    error = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(PATIENCE) == 0 and error == ""


def test_the_running_run_is_seen_from_outside(working):
    store, run, process = working
    shown = json.loads(gan("show", run.id, "--json", workspace=store.workspace).out)
    rows = gan("metrics", run.id, "--csv", workspace=store.workspace).out.splitlines()
    assert shown["status"] == RUNNING and 3 < shown["step"] and shown["handle"]["pid"] == process.pid
    assert len(rows) > 2 * 3


def test_looking_makes_no_workspace(tmp_path):
    """Its name may have been mistyped."""
    answer = cli("runs", workspace=tmp_path / "typo")
    assert answer.code == 0 and "There is no workspace" in answer.err and not (tmp_path / "typo").exists()
    assert cli("runs", "--json", workspace=tmp_path / "typo").out.strip() == "[]"
