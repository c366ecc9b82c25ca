"""Scores of runs, and what recognition learns from generated samples."""

import contextlib
import dataclasses
import json

import numpy as np
import pytest

import helpers_scoring
from gan_core import data
from gan_core.errors import BadInput, Stopped
from gan_core.evaluation import score_names, tstr
from gan_core.evaluation.extractors import classifier
from gan_core.modalities.base import modality
from gan_core.store import STOPPED, DiskStore, scores
from gan_core.tasks import checkpoints, evaluation, sampling
from helpers_runs import cli, is_a_sentence, make_run
from helpers_scoring import SCORES, write

pytestmark = pytest.mark.settled

TINY = ("--set", "xla=off", "--set", "batch_size=8", "--set", "latent=4")
digits = helpers_scoring.digits  # the fixture


# Runs


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("scoring") / "workspace"


@pytest.fixture(scope="module")
def store(workspace):
    with contextlib.closing(DiskStore(workspace)) as store:
        yield store


@pytest.fixture(scope="module")
def run(workspace, store):
    """A conditional run of three checkpoints; the noise that it draws at first is far from any digit."""
    answer = cli("train", "cgan", "--data", "digits", "--steps", 3, "--set", "filters=4", "--set",
                 "checkpoint_seconds=0", *TINY, workspace=workspace)
    assert answer.code == 0, answer.err
    return store.get(answer.out.splitlines()[-1])


@pytest.fixture(scope="module")
def points(workspace, store):
    answer = cli("train", "gan", "--data", "ring", "--steps", 5, "--set", "points_width=8", "--set", "points_depth=1",
                 *TINY, workspace=workspace)
    assert answer.code == 0, answer.err
    return store.get(answer.out.splitlines()[-1])


def test_evaluate_prints_the_scores_and_keeps_them_with_the_run(run, store, workspace):
    answer = cli("evaluate", run.id, "--n", 200, "--extractor", "random", "--json", workspace=workspace)
    assert answer.code == 0 and answer.said == [], answer.err
    found = json.loads(answer.out)
    assert found.keys() >= SCORES | {f"{key}_floor" for key in SCORES} | {"authenticity", "copy_test", "seconds"}
    assert (found["run"], found["step"], found["n_real"], found["n_fake"]) == (run.id, 3, 200, 200)
    assert found["extractor"].startswith("random:")
    name = f"000000003-{found['extractor'].replace(':', '-')}-200.json"
    assert json.loads(store.artifacts(run.id).read(f"scores/{name}")) == found
    assert found in scores.kept(store.artifacts(run.id))
    again = json.loads(cli("evaluate", run.id, "--n", 200, "--extractor", "random", "--json", workspace=workspace).out)
    assert again["kernel"] == pytest.approx(found["kernel"], rel=1e-4)


def test_a_labelled_run_is_judged_by_a_classifier_that_is_trained_once(run, store, workspace, monkeypatch):
    recipe = classifier.Recipe(steps=150, batch=64)
    defaults = classifier.extractor.__kwdefaults__
    monkeypatch.setattr(classifier.extractor, "__kwdefaults__", defaults | {"recipe": recipe})
    found = evaluation.evaluate(store, run)
    assert found["extractor"].startswith("classifier-digits:") and found["n_fake"] == found["n_fake_floor"] == 299
    assert found["label_accuracy_floor"] > 0.95 > 0.5 > found["label_accuracy"]
    assert found["classifier_score"] < found["classifier_score_floor"]
    kept, = (workspace / "cache" / "extractors").glob("*.npz")
    evaluation.evaluate(store, run, n=150)
    assert [kept] == list((workspace / "cache" / "extractors").glob("*.npz"))


def test_what_an_encoder_gives_back_is_compared_with_what_it_was_shown(store, workspace, monkeypatch):
    answer = cli("train", "vae", "--data", "digits", "--size", 16, "--steps", 2, "--set", "width=16", *TINY,
                 workspace=workspace)
    assert answer.code == 0, answer.err
    run = store.get(answer.out.splitlines()[-1])
    found = evaluation.evaluate(store, run, n=250, extractor="random")
    assert found["n_pairs"] == 250 and 0 < found["psnr"] < 30 and -1 < found["ssim"] < 1
    assert not any("has learned from" in note for note in found["notes"])
    assert "psnr" not in evaluation.evaluate(store, run, n=250, extractor="random", live=True)
    whole = evaluation.same_data.load
    monkeypatch.setattr(evaluation.same_data, "load", lambda *given: dataclasses.replace(whole(*given), x_test=None,
                                                                                         y_test=None))
    found = evaluation.evaluate(store, run, n=100, extractor="random")
    assert "n_pairs" in found and any("has learned from" in note and is_a_sentence(note) for note in found["notes"])
    real = data.load("digits", size=16).x[:20]
    again = sampling.reconstruct(store, run, real)
    assert again.shape == real.shape and np.abs(again).max() <= 1


def test_a_run_on_a_ring_is_scored_by_its_modes(points, store):
    found = evaluation.evaluate(store, points, n=300)
    assert found["modes"] == 8 and found["modes_captured_floor"] == 8 and found["high_quality"] < 0.5
    with pytest.raises(BadInput, match="their own features"):
        evaluation.evaluate(store, points, n=300, extractor="random")


def test_the_best_checkpoint_is_found_by_scoring_all_of_them(store, workspace, run, monkeypatch, tmp_path):
    """Real samples stand in for those of step 2, so that it must be the best."""
    draw, drawn = sampling.draw, []

    def stand_in(store, run, n, *, step=None, **options):
        drawn.append((step, n))
        samples, labels = draw(store, run, n, step=step, **options)
        return (data.to_float(data.load("digits").x[-n:]) if step == 2 else samples), labels

    monkeypatch.setattr(sampling, "draw", stand_in)
    held = store.artifacts(run.id)
    for name in held.list("scores/"):
        held.remove(name)
    with pytest.raises(BadInput, match="evaluate .* --checkpoint best"):
        checkpoints.resolve(store, run, "best")
    said = []
    found = evaluation.evaluate(store, run, checkpoint="best", n=250, extractor="random", tell=said.append)
    assert found["step"] == 2 and not found["live"] and found["n_fake"] == 250
    assert drawn == [(1, 299), (2, 299), (3, 299), (2, 250)] and len(said) == 1 and is_a_sentence(said[0])
    assert scores.best(held, modality("points").headline) == (2, True) and checkpoints.resolve(store, run, "best")[0] == 2
    drawn.clear()
    evaluation.evaluate(store, run, checkpoint="best", n=250, extractor="random", tell=said.append)
    assert drawn == [(2, 250)] and len(said) == 1, "what was scored before is not scored again"
    answer = cli("sample", run.id, "--checkpoint", "best", "--npz", tmp_path / "best.npz", workspace=workspace)
    assert answer.code == 0 and drawn[-1] == ("best", 64)


def test_every_checkpoint_is_scored_unasked_and_none_twice(store, run, monkeypatch):
    monkeypatch.setattr(classifier.extractor, "__kwdefaults__",
                        classifier.extractor.__kwdefaults__ | {"recipe": classifier.Recipe(steps=150, batch=64)})
    held = store.artifacts(run.id)
    for name in held.list("scores/"):
        held.remove(name)
    told = []
    evaluation.evaluate_all(store, run, progress=lambda share, what: told.append(share))
    kept = scores.kept(held)
    assert [(each["step"], each["n_fake"], each["live"]) for each in kept] == [(step, 299, False) for step in (1, 2, 3)]
    assert all(each.keys() >= SCORES for each in kept) and scores.best(held, modality("points").headline)[1]
    assert told == sorted(told) and told[-1] == pytest.approx(1.0)
    monkeypatch.setattr(sampling, "draw", lambda *_, **__: pytest.fail("it is scored already"))
    evaluation.evaluate_all(store, run)
    with pytest.raises(Stopped):
        held.remove(held.list("scores/")[0])
        monkeypatch.undo()
        evaluation.evaluate_all(store, run, should_stop=lambda: True)


@pytest.mark.parametrize("arguments, says", [
    (("--checkpoint", "7"), "1, 2, 3"), (("--checkpoint", "newest"), "1, 2, 3"), (("--n", "0"), "--n"),
    (("--real-per-class", "5"), "--tstr"), (("--tstr", "--real-per-class", "0"), "at least 1"),
    (("--n", "19", "--extractor", "random"), "at least 20 samples"), (("--extractor", "vgg"), "random"),
])
def test_what_cannot_be_evaluated_is_a_sentence_and_exit_code_2(run, workspace, arguments, says):
    answer = cli("evaluate", run.id, *arguments, workspace=workspace)
    said, = answer.said
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(said) and says in said


def test_a_run_without_a_checkpoint_is_told_what_to_do(store, workspace):
    bare = make_run(store, status=STOPPED)
    for checkpoint in ("last", "best", "3"):
        answer = cli("evaluate", bare.id, "--checkpoint", checkpoint, workspace=workspace)
        said, = answer.said
        assert answer.code == 2 and is_a_sentence(said) and "no checkpoint yet" in said


def test_labels_are_needed_to_train_on_generated_samples(points, workspace):
    answer = cli("evaluate", points.id, "--tstr", workspace=workspace)
    said, = answer.said
    assert answer.code == 2 and is_a_sentence(said) and "cgan" in said


def test_a_stop_keeps_nothing_and_an_interruption_ends_in_a_word(run, store, workspace, monkeypatch):
    before = scores.kept(store.artifacts(run.id))
    with pytest.raises(Stopped):
        evaluation.evaluate(store, run, n=201, extractor="random", should_stop=lambda: True)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(sampling, "draw", interrupted)
    answer = cli("evaluate", run.id, "--n", 202, "--extractor", "random", workspace=workspace)
    assert (answer.code, answer.said, answer.out) == (130, ["Interrupted."], "")
    assert scores.kept(store.artifacts(run.id)) == before


# Recognition


def test_generated_samples_teach_as_well_as_they_are(digits, monkeypatch):
    recipe = classifier.Recipe(steps=60, batch=64, features=16)
    told = []
    real = tstr.train_on_synthetic(digits, digits.x[:600], digits.y[:600], recipe=recipe,
                                          progress=lambda share, what: told.append(share))
    assert real["tstr_accuracy"] > 0.85 and real["tstr_accuracy_floor"] > 0.85 and real["augmented_accuracy"] > 0.85
    assert (real["n_tstr_generated"], real["n_tstr_real"], real["n_tstr_test"]) == (600, 600, 299)
    assert told == sorted(told) and told[-1] == 1
    noise = np.random.default_rng(0).uniform(-1, 1, (300, 8, 8, 1))
    assert tstr.train_on_synthetic(digits, noise, digits.y[:300], recipe=recipe)["tstr_accuracy"] < 0.4
    with pytest.raises(BadInput):
        tstr.train_on_synthetic(digits, noise, None, recipe=recipe)


def test_evaluate_trains_on_generated_samples_when_it_is_asked_to(run, workspace, monkeypatch):
    defaults = tstr.train_on_synthetic.__kwdefaults__
    monkeypatch.setattr(tstr.train_on_synthetic, "__kwdefaults__",
                        defaults | {"recipe": classifier.Recipe(steps=5, batch=32, features=8)})
    few = cli("evaluate", run.id, "--n", 150, "--extractor", "random", "--tstr", "--real-per-class", 3, workspace=workspace)
    assert few.code == 0 and "Trained on 30 real images, a classifier names" in few.out, few.err
    answer = cli("evaluate", run.id, "--n", 150, "--extractor", "random", "--tstr", "--json", workspace=workspace)
    assert answer.code == 0 and "training classifier 3 of 3" in answer.err, answer.err
    found = json.loads(answer.out)
    assert 0 <= found["tstr_accuracy"] <= 1 and found["tstr_accuracy_floor"] >= 0 and found["n_tstr_real"] == 150


def test_what_generated_samples_add_where_real_ones_are_few(digits, monkeypatch):
    recipe, trained = classifier.Recipe(steps=300, batch=32, epochs=2, features=16), []
    train = classifier.train
    monkeypatch.setattr(classifier, "train", lambda x, y, classes, recipe, **rest: trained.append((y, recipe)) or train(
        x, y, classes, recipe, **rest))
    found = tstr.train_on_synthetic(digits, digits.x[:900], digits.y[:900], real_per_class=3, recipe=recipe)
    assert (found["n_tstr_generated"], found["n_tstr_real"]) == (900, 30)
    (_, first), (few, second), (both, third) = trained
    assert np.bincount(few).tolist() == [3] * 10 and len(both) == 930
    assert first == second == third and first.steps == 59, "each makes as many steps as the largest set needs"
    assert found["augmented_accuracy"] > found["tstr_accuracy_floor"] + 0.1, "thirty real ones are few"
    said = score_names.recognition_in_words(found)
    assert "Trained on 30 real images" in said and "adding 900 generated ones makes it" in said and "better" in said
    everything = {"real_per_class": 10**6, "recipe": classifier.Recipe(steps=1, batch=8, features=4)}
    assert tstr.train_on_synthetic(digits, digits.x[:20], digits.y[:20], **everything)["n_tstr_real"] == 1498
    with pytest.raises(BadInput, match="At least one") as refused:
        tstr.train_on_synthetic(digits, digits.x, digits.y, real_per_class=0)
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("both, says", [(0.92, "makes it 2.0 points better"), (0.88, "makes it 2.0 points worse"),
                                        (0.905, "no more than chance does (0.5 points better)")])
def test_a_difference_within_the_noise_is_called_so(both, says):
    found = {"n_tstr_generated": 500, "n_tstr_real": 100, "n_tstr_test": 10_000, "tstr_accuracy": 0.8,
             "tstr_accuracy_floor": 0.9, "augmented_accuracy": both}
    said = score_names.recognition_in_words(found)
    assert says in said and "generated ones alone make it 10.0 points worse" in said and "up to 0.8 points" in said


def test_recognition_is_kept_with_the_run(run, store, points, monkeypatch):
    monkeypatch.setattr(tstr.train_on_synthetic, "__kwdefaults__", tstr.train_on_synthetic.__kwdefaults__ | {
        "recipe": classifier.Recipe(steps=5, batch=32, features=8)})
    held, told = store.artifacts(run.id), []
    before = scores.kept_recognitions(held)
    found = evaluation.recognise(store, run, n=40, real_per_class=2, progress=lambda share, what: told.append(share))
    assert scores.kept_recognitions(held) == [found, *before] and (found["step"], found["n_tstr_real"]) == (3, 20)
    assert told == sorted(told) and told[-1] == pytest.approx(1.0)
    with pytest.raises(Stopped):
        evaluation.recognise(store, run, n=41, should_stop=lambda: True)
    with pytest.raises(BadInput, match="told the class"):
        evaluation.recognise(store, points, n=40)
    assert scores.kept_recognitions(held) == [found, *before]


def test_generated_samples_are_a_dataset(run, workspace, tmp_path):
    answer = cli("sample", run.id, "--n", 40, "--npz", tmp_path / "generated.npz", workspace=workspace)
    assert answer.code == 0, answer.err
    found = data.load(str(tmp_path / "generated.npz"), workspace=workspace)
    with np.load(tmp_path / "generated.npz") as written:
        np.testing.assert_array_equal(found.x, written["samples"])
        np.testing.assert_array_equal(found.y, written["labels"])
    assert found.classes == tuple("0123456789") and found.name.startswith("generated-")
    (tmp_path / "generated.npz").unlink()
    again = data.load(found.name, workspace=workspace)
    np.testing.assert_array_equal(again.x, found.x)
    assert again.spec == found.spec
    trained = cli("train", "cgan", "--data", found.name, "--steps", 1, "--set", "filters=4", *TINY, workspace=workspace)
    assert trained.code == 0, trained.err


@pytest.mark.parametrize("arrays, says", [
    ({"features": np.ones((5, 3))}, "features"),
    ({"samples": np.ones((5, 2))}, "images"),
    ({"samples": np.zeros((5, 8, 9, 1), np.uint8)}, "8 x 9 x 1"),
    ({"samples": np.zeros((1, 8, 8, 1), np.uint8)}, "at least two"),
    ({"samples": np.zeros((5, 8, 8, 1), np.uint8), "labels": np.zeros(4, int)}, "5 whole numbers"),
    ({"samples": np.zeros((5, 8, 8, 1), np.uint8), "labels": np.full(5, -1)}, "numbered from 0"),
])
def test_a_file_that_is_no_dataset_is_refused_in_a_sentence(tmp_path, arrays, says):
    with pytest.raises(BadInput, match=says) as refused:
        data.load(str(write(tmp_path / "a.npz", **arrays)))
    assert is_a_sentence(str(refused.value))
