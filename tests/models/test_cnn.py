"""The classifier: what it names, what it is scored by, what it is shown with; and what means nothing for it is not done."""

import dataclasses
import json
import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, log_loss

from gan_core import data
from gan_core.config.spec import RunSpec, make_spec
from gan_core.data import ANSWERS, IMAGES, DataSpec
from gan_core.errors import BadInput
from gan_core.evaluation import score_names, scoring
from gan_core.evaluation.metrics import answers
from gan_core.evaluation.metrics.base import Answered
from gan_core.modalities.base import modality
from gan_core.models import cards, inputs
from gan_core.store import records, scores
from gan_core.tasks import inspection, registry
from gan_core.training import loop
from gan_core.training.live_answers import AnswersProbe
from gan_core.training.recorder import MemoryRecorder
from helpers_engine import array
from helpers_runs import is_a_sentence
from helpers_zoo import built

DIGITS = tuple("0123456789")


@pytest.fixture(scope="module")
def learned(tiny_spec):
    """``(model, dataset, recorder)`` of a small run on the digits, of which a tenth is kept from it."""
    dataset = data.load("digits").keeping_apart(0.1)
    spec = tiny_spec("cnn", dataset, steps=160, filters=16, blocks=2, width=32, batch_size=64, learning_rate=2e-3, shift=0,
                     ema_decay=0.9, steps_per_call=20, probe_seconds=0.01)
    model, recorder = loop.build(spec), MemoryRecorder()
    outcome = loop.fit(model, spec, dataset, recorder, probe=AnswersProbe(dataset))
    assert outcome.status == "finished"
    return model, dataset, recorder


# It learns


def test_it_names_digits_that_it_has_not_seen(learned):
    model, dataset, recorder = learned
    said = model.answered(dataset.x_test)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)
    assert (said.argmax(axis=1) == dataset.y_test).mean() > 0.93
    probes = [row for _, row in recorder.rows if "accuracy" in row]
    assert probes[0]["accuracy"] < 0.3 and probes[-1]["accuracy"] > 0.93
    assert probes[-1]["log_loss_learned"] < probes[0]["log_loss_learned"] / 4
    assert probes[-1]["accuracy"] == pytest.approx((said.argmax(axis=1) == dataset.y_test).mean())
    assert all(0 <= row["named_entropy"] <= 1.01 for row in probes)


def test_averages_are_of_use_from_the_beginning(noise_for):
    """Of a constant decay of 0.99 a third of the first statistics would be left after a hundred steps."""
    model = built("cnn", noise_for("cnn", IMAGES).spec, ema_decay=0.99)
    decays = []
    for played in (0, 90, 100_000):
        model.rounds.assign(played)
        decays.append(float(model.averaging()))
    assert decays == pytest.approx([0.1, 0.91, 0.99])


def test_its_loss_is_the_cross_entropy_of_the_softmax(noise_for):
    model = built("cnn", noise_for("cnn", IMAGES).spec, dropout=0.0, shift=0, batch_norm=False, label_smoothing=0.0)
    images, labels = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32), np.arange(8) % 3
    nats, logs = model.cross_entropy({"real": images, "label": labels.astype(np.int32)})
    smooth = built("cnn", model.data, dropout=0.0, shift=0, batch_norm=False, label_smoothing=0.3)
    smooth.classifier.set_weights(model.classifier.get_weights())
    logits = array(model.classifier(images)).astype(float)
    logs_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    assert float(nats) == pytest.approx(-logs_p[np.arange(8), labels].mean(), rel=1e-5)
    assert float(logs["batch_accuracy"]) == pytest.approx((logits.argmax(axis=1) == labels).mean())
    target = 0.7 * np.eye(3)[labels] + 0.1
    assert float(smooth.cross_entropy({"real": images, "label": labels.astype(np.int32)})[0]) == pytest.approx(
        -(target * logs_p).sum(axis=1).mean(), rel=1e-5)


def test_shifts_move_images_and_nothing_else():
    import keras

    from gan_core.models.augment import shifted

    images = np.full((64, 6, 6, 1), -1, np.float32)
    images[:, 3, 2] = 1
    moved = array(shifted(images, (2, 1), keras.random.SeedGenerator(0)))
    places = np.argwhere(moved[..., 0] > 0)
    assert len(places) == 64 and set(places[:, 1]) == {1, 2, 3, 4, 5} and set(places[:, 2]) == {1, 2, 3}


# What data it takes


@pytest.mark.parametrize("classes, says", [((), "needs labels"), (("only",), "needs 2 at least")])
def test_data_without_classes_to_tell_apart_are_refused(classes, says):
    with pytest.raises(BadInput, match=says) as refused:
        make_spec(cards.card("cnn"), "mine", DataSpec(IMAGES, (28, 28, 1), classes))
    assert is_a_sentence(str(refused.value))


def test_a_thousand_classes_with_two_images_each(noise, tiny_spec):
    names = tuple(f"c{number}" for number in range(1000))
    dataset = dataclasses.replace(noise(n=2000), classes=names, y=np.arange(2000, dtype=np.int32) % 1000)
    spec, recorder = tiny_spec("cnn", dataset, steps=1), MemoryRecorder()
    model = loop.build(spec)
    assert loop.fit(model, spec, dataset, recorder).status == "finished"
    result = scoring.score_answers(model.answered(dataset.x[:600]), dataset.y[:600], names)
    assert np.shape(result["confusion"]) == (1000, 1000) and result["class_recall"].count(None) == 400
    assert any("and 395 more" in note for note in result["notes"]) and all(map(is_a_sentence, result["notes"]))
    assert len(list(score_names.as_text(result))) < 60
    picture = modality(ANSWERS).draw(model.answered(dataset.x[:8]), model.made, (2, 4), {
        "image": data.floats(dataset.x[:8]), "label": dataset.y[:8]})
    assert picture.data


# Scores


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    said, true = rng.dirichlet(np.ones(4), 500), rng.integers(0, 4, 500)
    result = scoring.score_answers(said, true, tuple("abcd"))
    named = said.argmax(axis=1)
    assert result["accuracy"] == pytest.approx(accuracy_score(true, named))
    assert result["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(true, named))
    assert result["log_loss"] == pytest.approx(log_loss(true, said), rel=1e-4)
    assert result["confusion"] == confusion_matrix(true, named).tolist()
    assert json.loads(json.dumps(result)) == result


def test_calibration_is_how_far_right_is_from_sure():
    """Two bins: 90 % sure and right in 6 of 10, 60 % sure and right in 6 of 10."""
    said = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10, np.float32)
    true = np.array([0] * 6 + [1] * 4 + [0] * 6 + [1] * 4)
    assert answers.calibration_error(Answered(said, true)) == pytest.approx(0.5 * 0.3, abs=1e-6)
    sure = np.eye(2, dtype=np.float32)[true]
    assert answers.calibration_error(Answered(sure, true)) == 0 and answers.log_loss(Answered(sure, true)) < 1e-6
    assert answers.log_loss(Answered(sure[:, ::-1], true)) == pytest.approx(-math.log(1e-7))


def test_classes_without_samples_are_named_and_count_for_nothing():
    result = scoring.score_answers(np.eye(3, dtype=np.float32)[[0, 0, 1]], np.array([0, 1, 1]), ("a", "b", "c"))
    assert result["class_recall"] == [1.0, 0.5, None] and result["balanced_accuracy"] == 0.75
    assert any("none of the classes c" in note for note in result["notes"])
    assert any("b as a (1)" in note for note in result["notes"])
    unsure = scoring.score_answers(np.eye(2, dtype=np.float32), np.arange(2), ("a", "b"), unseen=False)
    assert any("has learned from" in note for note in unsure["notes"])


@pytest.mark.parametrize("said, true, says", [(np.zeros((0, 2)), [], "there are 0 answers"),
                                              (np.full((2, 2), np.nan), [0, 1], "NaN")])
def test_answers_that_cannot_be_scored_are_told(said, true, says):
    with pytest.raises(BadInput, match=says) as refused:
        scoring.score_answers(said, np.array(true, int), ("a", "b"))
    assert is_a_sentence(str(refused.value))


def test_scores_are_kept_with_all_that_a_page_shows(store_of_a_run):
    """And without a million numbers where there are a thousand classes."""
    store, run, _ = store_of_a_run
    kept = store.artifacts(run.id)
    result = {"run": run.id, "step": 5, "scored": 1.0} | scoring.score_answers(
        np.eye(3, dtype=np.float32)[[0, 1, 2]], np.array([0, 1, 1]), ("a", "b", "c"))
    scores.keep(kept, result)
    again, = scores.kept(kept)
    assert again["confusion"] == result["confusion"] and again["class_recall"] == result["class_recall"]
    assert scores.best(kept, modality(ANSWERS).headline, [5])[0] == 5
    many = scoring.score_answers(np.eye(150, dtype=np.float32), np.arange(150), [f"c{n}" for n in range(150)])
    scores.keep(kept, {"run": run.id, "step": 6, "scored": 1.0} | many)
    assert [("confusion" in each, "class_recall" in each) for each in scores.kept(kept)] == [(True, True), (False, True)]
    assert records.are_numbers([1.0, None]) and not records.are_numbers([1.0, "x"]) and not records.are_numbers(3)


# What it is shown with


def test_a_sheet_shows_the_most_wrong_first(learned):
    model, dataset, recorder = learned
    _, samples, grid = recorder.sheets[-1]
    beside = inputs.beside(model.inputs(), len(samples), inputs.SHEET_SEED, dataset)
    assert len(samples) == len(dataset.x_test) and grid == modality(ANSWERS).grid
    given = inputs.draw(model.inputs(), len(samples), inputs.SHEET_SEED, dataset)["image"]
    np.testing.assert_array_equal(given, beside["image"])
    held = {image.tobytes(): label for image, label in zip(data.floats(dataset.x_test), dataset.y_test)}
    assert [held[image.tobytes()] for image in given] == beside["label"].tolist(), "each beside its own class"
    wrong = int((samples.argmax(axis=1) != beside["label"]).sum())
    artifact = modality(ANSWERS).draw(samples, model.made, grid, beside)
    assert f"24 answers, {min(wrong, 24)} of them wrong" in artifact.alt


def test_inside_it_one_looks_at_images_and_at_what_moves_the_name(learned):
    model, dataset, _ = learned
    samples, batch = inspection.subject(model, 3, data=dataset)
    assert samples.shape[1:] == model.data.shape and np.array_equal(samples[0], batch["image"][0])
    logit, slopes = inspection.saliency(model, samples, batch)
    assert slopes.shape == model.data.shape and slopes.max() > 0
    maps = inspection.activation(model, "classifier", "conv2d_1", samples, batch)
    other = inspection.activation(model, "classifier", "conv2d_1", *inspection.subject(model, 3, real=dataset, data=dataset))
    assert maps.shape == (8, 8, 16) and not np.array_equal(maps, other), "what it is shown is what is looked at"
    assert logit == pytest.approx(float(array(model.sampler("classifier")(samples[:1])).max()), rel=1e-4)


# What means nothing for it


def test_what_its_spec_says_is_kept_and_read_again():
    spec = make_spec(cards.card("cnn"), "digits", DataSpec(IMAGES, (8, 8, 1), DIGITS))
    assert spec.gives == ANSWERS and spec.data_spec.kind == IMAGES
    assert RunSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec
    assert make_spec(cards.card("dcgan"), "digits", DataSpec(IMAGES, (8, 8, 1), DIGITS)).gives == ""


@pytest.mark.parametrize("task", ["keep", "recognise", "judging_pool", "neighbours", "anomalies"])
def test_what_needs_images_that_were_made_is_refused_with_a_sentence(store_of_a_run, task):
    _, run, card = store_of_a_run
    assert run.kind == ANSWERS and run.data_kind == IMAGES
    assert is_a_sentence(registry.task(task).refuses(run, card))


@pytest.fixture
def store_of_a_run(tmp_path):
    from gan_core.store import DiskStore
    from gan_core.store.run import new_run


    store, card = DiskStore(tmp_path / "ws"), cards.card("cnn")
    spec = make_spec(card, "digits", DataSpec(IMAGES, (8, 8, 1), DIGITS), {"steps": 10})
    run = store.create(new_run(spec.as_dict(), spec.name))
    yield store, run, card
    store.close()


def test_it_is_no_architecture_that_is_told_the_class():
    assert inputs.labels(built("cnn", DataSpec(IMAGES, (8, 8, 1), DIGITS)).inputs()) == ()


# Leaving the workbench


@pytest.mark.parametrize("size", [8, 28, 30])
@pytest.mark.parametrize("form", ["onnx", "keras"])
def test_several_pools_leave_as_a_file(form, size):
    """Also of sides that are odd by then."""
    from gan_core.sharing import formats
    from gan_core.sharing.formats import base

    model, chosen = built("cnn", DataSpec(IMAGES, (size, size, 1), DIGITS), blocks=3), formats.one(form)
    assert base.difference(model, chosen.read(chosen.written(model, {"title": "T"}))).share <= chosen.close
