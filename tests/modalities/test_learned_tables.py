"""A table from its file to a model that has learned it."""

import csv
import json

import numpy as np
import pytest

from gan_core import data
from gan_core.config.spec import RunSpec
from gan_core.data import TABLE
from gan_core.training.recorder import MemoryRecorder
from helpers_runs import cli, is_a_sentence


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A file in which one number follows from the other, and a category with a comma in it."""
    rng, path = np.random.default_rng(0), tmp_path_factory.mktemp("people") / "people.csv"
    age = np.round(rng.normal(50, 10, 240)).astype(int)
    size = 2 * age + rng.normal(0, 3, 240)
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["age", "size", "who"], *(
            [a, f"{s:.1f}", "tall, wide" if s > 100 else "short"] for a, s in zip(age, size))])
    return path


def test_a_table_is_learned_and_sampled_from_the_command_line(people, tmp_path):
    workspace = tmp_path / "workspace"
    trained = cli("train", "gan", "--data", people, "--steps", 20, "--set", "points_width=8", "--set", "points_depth=1",
                  "--set", "latent=4", "--set", "batch_size=32", "--set", "xla=off", "--set", "probe_seconds=0.001",
                  workspace=workspace)
    assert trained.code == 0, trained.err
    run = trained.out.splitlines()[-1]
    assert cli("sample", run, "--n", 50, "--out", tmp_path / "out.csv", workspace=workspace).code == 0
    with open(tmp_path / "out.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["age", "size", "who"] and len(rows) == 50
    assert {row[2] for row in rows} <= {"tall, wide", "short"} and all(row[0].isdecimal() for row in rows)
    assert all(len(row[1].partition(".")[2]) == 1 for row in rows)
    assert cli("sample", run, "--out", tmp_path / "out.png", workspace=workspace).code == 0
    answer = cli("sample", run, "--out", tmp_path / "out.wav", workspace=workspace)
    assert answer.code == 2 and ".csv" in answer.err and is_a_sentence(answer.err)
    again = json.loads(cli("evaluate", run, "--json", workspace=workspace).out)
    assert {"kernel", "column_distance", "column_distance_floor"} <= again.keys() and "psnr" not in again
    assert again["column_distance_floor"] < again["column_distance"] <= 1
    shown = json.loads(cli("show", run, "--json", workspace=workspace).out)
    assert shown["facts"]["main_curve"] == "g_loss" and shown["facts"]["line"]


def test_a_run_remembers_the_columns_of_its_table(noise, tiny_spec):
    spec = tiny_spec("gan", noise(TABLE))
    again = RunSpec.from_dict(json.loads(json.dumps(spec.as_dict())))
    assert again == spec and again.data_spec == noise(TABLE).spec


def test_generated_categories_are_shares(noise, tiny_model):
    from gan_core.models import inputs

    dataset = noise(TABLE, classes=())
    model = tiny_model("gan", dataset)
    samples = np.asarray(model.sample(inputs.draw(model.inputs(), 16, 0)))
    assert dataset.spec.categories == ((2, 5),)
    assert np.allclose(samples[:, 2:5].sum(axis=1), 1, atol=1e-5) and (samples[:, 2:5] > 0).all()
    assert samples[:, :2].std() > 0 and not np.allclose(samples[:, :2].sum(axis=1), 1)


def test_means_and_deviations_of_wines_are_learned(tiny_spec):
    from gan_core.models import inputs
    from gan_core.training import loop

    dataset = data.load("wine")
    spec = tiny_spec("gan", dataset, steps=700, batch_size=64, points_width=64, points_depth=2, latent=16, xla="on",
                     steps_per_call=50, sample_every=1000, probe_seconds=0, generator_rate=1e-3, discriminator_rate=1e-3,
                     ema_decay=0.98)
    model = loop.build(spec)
    before = columns_of(model, inputs, dataset)
    assert loop.fit(model, spec, dataset, MemoryRecorder()).status == "finished"
    mean, deviation = columns_of(model, inputs, dataset)
    assert np.abs(before[1] - 1).mean() > 0.5, "at first it knows nothing"
    assert np.abs(mean).mean() < 0.25 and np.abs(mean).max() < 0.8
    assert np.abs(deviation - 1).mean() < 0.3


def columns_of(model, inputs, dataset):
    """Mean and deviation of each generated column, in deviations of the real ones."""
    samples = np.asarray(model.sample(inputs.draw(model.inputs(), 1000, 0)))
    return (samples - dataset.x.mean(axis=0)).mean(axis=0), samples.std(axis=0)
