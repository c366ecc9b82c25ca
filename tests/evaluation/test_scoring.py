"""Scores of samples and of files: what is in them, what they are compared with, and what is refused."""

import dataclasses
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

import helpers_scoring
from gan_core import data
from gan_core.errors import BadInput, Stopped
from gan_core.evaluation import extractors, metrics, mode_counting, score_files, score_names, scoring
from gan_core.evaluation.extractors import classifier
from gan_core.modalities.base import modality
from gan_core.tasks import evaluation
from helpers_runs import cli, is_a_sentence
from helpers_scoring import SCORES, write

pytestmark = pytest.mark.settled

digits = helpers_scoring.digits  # the fixture


@pytest.fixture(scope="module")
def random(digits):
    return extractors.for_dataset(digits, "random")


@pytest.fixture(scope="module")
def reference(digits, random):
    # Every second one, for the next few hundred are other people's hands.
    return scoring.reference(random, digits.x[:800:2], digits.x_test, train=digits.x, unseen=len(digits.x_test))


# Samples


def test_real_samples_score_like_their_floor_and_noise_does_not(digits, reference):
    fresh = scoring.score(reference, digits.x[1:600:2])
    noise = scoring.score(reference, np.random.default_rng(0).integers(0, 256, (300, 8, 8, 1), dtype=np.uint8))
    for found in (fresh, noise):
        assert found.keys() >= SCORES | {f"{key}_floor" for key in SCORES} | {"kernel_std", "extractor", "live"}
        assert (found["n_real"], found["n_fake"], found["extractor"]) == (400, 300, reference.extractor.id)
        assert all(math.isfinite(found[key]) for key in SCORES)
        json.dumps(found)
    assert fresh["kernel"] < 3 * fresh["kernel_std"] and fresh["precision"] > 0.7
    assert noise["kernel"] > 10 * fresh["kernel_std"] and noise["frechet"] > 10 * noise["frechet_floor"]
    assert noise["precision"] < 0.1


def test_scores_are_those_of_the_features(digits, random, reference):
    found = scoring.score(reference, digits.x[800:1000], seed=3)
    features = random.features(digits.x[800:1000])
    expected = metrics.evaluate_features(random.features(digits.x[:800:2]), features,
                                         real_b=random.features(digits.x_test), seed=3)
    assert {key: found[key] for key in expected if key not in ("stopped", "notes")} == {
        key: value for key, value in expected.items() if key not in ("stopped", "notes")}


def test_copies_of_the_training_set_are_told_from_fresh_samples(digits, reference):
    copies, fresh = (scoring.score(reference, samples) for samples in (digits.x[:200], digits.x_test))
    assert copies["authenticity"] == 0 and copies["copy_test"] < -3
    assert fresh["authenticity"] == fresh["authenticity_floor"] > 0.3 and abs(fresh["copy_test"]) < 1e-9
    assert (copies["n_copy"], copies["n_train"]) == (200, len(digits))


def test_live_scores_leave_copying_out(digits, reference):
    found = scoring.score(reference, digits.x[400:600], live=True)
    assert found["live"] and not found.keys() & {"authenticity", "copy_test"} and found.keys() >= SCORES


def test_an_earlier_result_lends_its_floors(digits, reference):
    first = scoring.score(reference, digits.x[400:600], live=True)
    again = scoring.score(reference, digits.x[400:600], live=True, floor=first)
    assert {key: again[key] for key in again if key.endswith("_floor")} == {
        key: first[key] for key in first if key.endswith("_floor")}
    assert not any(key.endswith("_floor") for key in scoring.score(reference, digits.x[400:600], live=True, floor=False))


def test_without_unseen_samples_there_is_no_copy_test_and_a_note_says_so(digits, random):
    reference = scoring.reference(random, digits.x[:200], digits.x[200:400], train=digits.x[:400])
    found = scoring.score(reference, digits.x_test[:200])
    assert "authenticity" in found and not found.keys() & {"copy_test", "authenticity_floor"}
    assert any("no copy test" in note for note in found["notes"])


def test_labels_are_judged_by_the_classifier(digits):
    quick = classifier.extractor(digits, recipe=classifier.Recipe(steps=60, batch=64, features=16))
    reference = scoring.reference(quick, digits.x, digits.x_test)
    right = scoring.score(reference, digits.x_test, digits.y_test)
    wrong = scoring.score(reference, digits.x_test, (digits.y_test + 1) % 10)
    assert right["label_accuracy"] == right["label_accuracy_floor"] == quick.accuracy > 0.9
    assert wrong["label_accuracy"] < 0.1
    assert 1 < right["classifier_score"] == pytest.approx(right["classifier_score_floor"], rel=0.1)
    assert "label_accuracy" not in scoring.score(reference, digits.x_test)


def test_points_from_a_ring_are_counted_by_their_modes():
    ring = data.load("ring")
    modes = mode_counting.for_dataset(ring)
    reference = scoring.reference(extractors.for_dataset(ring), ring.x[:500], ring.x_test[:500], modes=modes)
    real, one = scoring.score(reference, ring.x[500:900]), scoring.score(reference, ring.x[ring.y == 2][:400])
    assert (real["modes"], real["modes_captured"], real["modes_captured_floor"]) == (8, 8, 8)
    assert real["high_quality"] > 0.95 and real["high_quality_floor"] > 0.95 and real["reverse_kl"] < 0.1
    assert one["modes_captured"] == 1 and one["reverse_kl"] == pytest.approx(math.log(8))
    assert real["extractor"].startswith("coordinates:")


def test_progress_never_goes_back_and_a_stop_ends_it(digits, random):
    told = []
    reference = scoring.reference(random, digits.x[:300], digits.x_test, train=digits.x, unseen=len(digits.x_test),
                                  progress=lambda share, what: told.append((share, what)))
    assert told[-1][0] == pytest.approx(1)
    told.clear()
    scoring.score(reference, digits.x[:300], progress=lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1) and all(what for _, what in told)
    for patience in (0, 4):
        answers = iter([False] * patience + [True] * 100)
        with pytest.raises(Stopped):
            scoring.score(reference, digits.x[:300], should_stop=lambda: next(answers))


@pytest.mark.parametrize("fake, says", [
    (lambda x: x[:19], "at least 20 samples"),
    (lambda x: np.zeros_like(x[:300]), "collapsed"),
    (lambda x: x[:300, :4], "4 x 8 x 1"),
    (lambda x: np.full((300, 8, 8, 1), np.nan, np.float32), "NaN"),
])
def test_samples_that_cannot_be_scored_are_refused_in_a_sentence(digits, reference, fake, says):
    with pytest.raises(BadInput, match=says) as refused:
        scoring.score(reference, fake(digits.x))
    assert is_a_sentence(str(refused.value))


def test_the_table_shows_every_score_beside_its_floor(digits, reference):
    found = scoring.score(reference, digits.x[400:700])
    lines = list(score_names.as_text(found))
    for each in score_names.SCORES:
        line, = [line for line in lines if line.startswith(f"{each.title}  ")] or [None]
        assert (line is not None) == (each.key in found)
    kernel = next(line for line in lines if line.startswith("Kernel distance"))
    assert f"{found['kernel']:.4g}" in kernel and f"{found['kernel_floor']:.4g}" in kernel and "lower" in kernel
    assert any(reference.extractor.id in line for line in lines) and found["notes"][0] == lines[-1]


# What real samples are taken


def test_the_floor_has_the_counts_of_the_score_and_shares_no_sample_with_it(digits):
    rows = np.arange(len(digits), dtype=np.uint8 if len(digits) < 256 else np.int64)
    numbered = dataclasses.replace(digits, x=rows[:, None], x_test=None, y_test=None)
    real, held_out, unseen = evaluation.real_sets(numbered, 10_000)
    assert len(real) == len(held_out) == len(digits) // 2 and not unseen
    assert not set(real[:, 0]) & set(held_out[:, 0])
    real, held_out, unseen = evaluation.real_sets(digits, 200)
    assert (len(real), len(held_out), unseen) == (200, 200, 200)
    assert set(held_out.tobytes()[i:i + 64] for i in range(0, 200 * 64, 64)) <= {
        each.tobytes() for each in digits.x_test}


def test_what_is_kept_from_training_is_half_of_a_floor_at_most(digits):
    """A tenth alone would be too few to score by: training samples come to it, which stand behind those unseen."""
    numbered = dataclasses.replace(digits, x=np.arange(1000)[:, None], y=digits.y[:1000], x_test=None, y_test=None)
    own = numbered.keeping_apart(0.1)
    real, held_out, unseen = evaluation.real_sets(own, 10_000)
    assert (len(real), len(held_out), unseen) == (500, 500, 100)
    assert set(held_out[:100, 0]) == set(own.x_test[:, 0]) and not set(real[:, 0]) & set(held_out[:, 0])
    real, held_out, unseen = evaluation.real_sets(own, 60)
    assert (len(real), len(held_out), unseen) == (60, 60, 60) and set(held_out[:, 0]) <= set(own.x_test[:, 0])


def test_too_few_real_samples_are_told_before_any_work(digits, monkeypatch):
    few = dataclasses.replace(digits, x=digits.x[:30], y=None, classes=(), x_test=None, y_test=None)
    monkeypatch.setattr(evaluation.same_data, "load", lambda store, run: few)
    monkeypatch.setattr(evaluation.extractors, "for_dataset", lambda *_, **__: pytest.fail("work was done"))
    scorer = evaluation.Scorer(None, SimpleNamespace(spec={"architecture": "gan"}))
    with pytest.raises(BadInput, match="Scores need 40 real samples.* there are 30;") as refused:
        scorer.score(1)
    assert is_a_sentence(str(refused.value))
    for enough in (dataclasses.replace(few, x=digits.x[:40]), dataclasses.replace(few, x=digits.x[:44]).keeping_apart(0.1),
                   dataclasses.replace(few, x_test=digits.x_test[:30])):
        evaluation.check_enough(enough)


def test_a_copy_test_looks_at_unseen_samples_only(digits, random):
    """Training samples behind them would sit at distance 0, and fresh fakes seem poor beside them."""
    held_out = np.concatenate([digits.x_test[:150], digits.x[:150]])
    found = scoring.reference(random, digits.x[800:1100], held_out, train=digits.x, unseen=150)
    assert len(found.fresh) == 150 and len(found.held_out) == 300
    assert abs(scoring.score(found, digits.x_test[150:])["copy_test"]) < 3


# Files


def test_two_files_of_features(tmp_path):
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 200, 6))
    pair = score_files.read(write(tmp_path / "a.npz", features=real), write(tmp_path / "b.npz", features=fake + 1))
    found = score_files.score(pair)
    assert found["frechet"] == metrics.frechet_distance(real, fake + 1) and found["extractor"] == "given features"


def test_two_files_of_images_and_of_points(digits, tmp_path):
    real = write(tmp_path / "a.npz", samples=digits.x[:600:2], labels=digits.y[:600:2])
    fake = write(tmp_path / "b.npz", samples=data.to_float(digits.x[1:600:2]))
    found = score_files.score(score_files.read(real, fake), extractor="random")
    assert found["extractor"].startswith("random:") and found["kernel"] < 3 * found["kernel_std"]
    lines = list(score_names.as_text(found))
    again, = [line for line in lines if f"Fréchet distance {found['frechet_at_floor_counts']:.4g}" in line]
    assert is_a_sentence(again)
    points = np.random.default_rng(0).standard_normal((2, 100, 2))
    real, fake = (write(tmp_path / f"{i}.npz", samples=points[i]) for i in (0, 1))
    assert score_files.score(score_files.read(real, fake))["extractor"].startswith("coordinates:")


@pytest.fixture
def quick(monkeypatch):
    """A classifier that learns the digits in a second."""
    defaults = classifier.extractor.__kwdefaults__
    monkeypatch.setattr(classifier.extractor, "__kwdefaults__",
                        defaults | {"recipe": classifier.Recipe(steps=150, batch=64, features=16)})


def test_labelled_images_are_scored_by_a_classifier_unless_it_cannot_be_trusted(digits, tmp_path, quick):
    """The file may be called like a known dataset: its classifier is not held to what that one reaches."""
    x, y = digits.x[:600], digits.y[:600]
    fake = write(tmp_path / "fake.npz", samples=digits.x[600:900])

    def scored(**arrays):
        return score_files.score(score_files.read(write(tmp_path / "digits.npz", **arrays), fake))

    found = scored(samples=x, labels=y)
    assert found["extractor"].startswith("classifier-file-digits:") and found["classifier_score"] > 2
    shuffled = scored(samples=x, labels=np.random.default_rng(0).permutation(y))
    assert shuffled["extractor"].startswith("random:") and "so the random network scored" in shuffled["notes"][0]
    assert is_a_sentence(shuffled["notes"][0])
    rare = scored(samples=x, labels=np.where(np.arange(600) < 19, 1, 0))
    assert rare["extractor"].startswith("random:") and "19 real samples only" in rare["notes"][0]
    one = scored(samples=x, labels=np.zeros(600, int))
    assert one["extractor"].startswith("random:") and "one class" in one["notes"][0]
    bare = scored(samples=x)
    assert bare["extractor"].startswith("random:") and not any("random network" in note for note in bare["notes"])


def test_features_may_name_their_extractor_and_bring_probabilities(tmp_path):
    rng = np.random.default_rng(0)
    real, fake = rng.standard_normal((2, 60, 4))
    chances = rng.dirichlet(np.ones(3), (2, 60))
    read = lambda first, second: score_files.read(write(tmp_path / "a.npz", features=real, **first),  # noqa: E731
                                                  write(tmp_path / "b.npz", features=fake, **second))
    found = score_files.score(read({"extractor": "vgg16", "probabilities": chances[0]},
                                   {"extractor": "vgg16", "probabilities": chances[1]}))
    assert found["extractor"] == "vgg16"
    assert found["classifier_score"] == metrics.classifier_score(chances[1], seed=0).mean
    assert found["classifier_score_floor"] == pytest.approx(metrics.classifier_score(chances[0], seed=0).mean, rel=0.1)
    assert score_files.score(read({}, {"extractor": "vgg16"}))["extractor"] == "vgg16"
    with pytest.raises(BadInput, match="vgg16 and vgg19") as refused:
        read({"extractor": "vgg16"}, {"extractor": "vgg19"})
    assert is_a_sentence(str(refused.value))


def test_floats_that_may_have_been_meant_otherwise_are_pointed_out(digits, tmp_path):
    real = write(tmp_path / "a.npz", samples=digits.x[:200])
    x = digits.x[200:400]
    for name, images, doubtful in (("bright", x / 255, True), ("right", x / 127.5 - 1, False)):
        fake = write(tmp_path / f"{name}.npz", samples=images)
        said = [note for note in score_files.score(score_files.read(real, fake))["notes"] if "[-1, 1]" in note]
        assert len(said) == doubtful and all(is_a_sentence(note) and f"{name}.npz" in note for note in said)
        assert ("[-1, 1]" in data.load(str(fake)).note) == doubtful


RAGGED = np.empty(2, object)
RAGGED[:] = [np.zeros((8, 8, 1), np.uint8), np.zeros((9, 8, 1), np.uint8)]


OTHERS = {"ragged": RAGGED, "text": np.full((60, 2), "a"), "complex": np.ones((60, 2), complex)}


def made(rng, what):
    return OTHERS.get(what, what) if isinstance(what, str) else rng.random(what)


@pytest.mark.parametrize("real, fake, says", [
    ({"samples": (50, 8, 8, 1)}, {"features": (50, 4)}, "One file holds features"),
    ({"other": (5, 5)}, {"features": (50, 4)}, "neither"),
    ({"samples": (50, 8, 8, 1)}, {"samples": (50, 9, 9, 1)}, "8 x 8 x 1 .* 9 x 9 x 1"),
    ({"samples": (50, 8, 8, 1)}, {"samples": (50, 2)}, "8 x 8 x 1 .* 2"),
    ({"samples": "text"}, {"samples": "text"}, "<U1 of shape"),
    ({"samples": "complex"}, {"samples": "complex"}, "complex128 of shape"),
    ({"features": "complex"}, {"features": "complex"}, "not numbers"),
    ({"samples": (60, 4), "kind": "images"}, {"samples": (60, 4)}, "called images and have shape"),
    ({"samples": (60, 8, 8, 1), "kind": "table"}, {"samples": (60, 8, 8, 1)}, "called rows and have shape"),
    ({"samples": (60, 4), "kind": "table"}, {"samples": (60, 4), "kind": "points"}, "points and the other table"),
    ({"samples": (60, 4), "kind": "nothing"}, {"samples": (60, 4)}, "no kind of samples 'nothing'"),
    ({"features": (30, 40)}, {"features": (30, 40)}, "at least 41 samples"),
    ({"features": (50, 4)}, {"features": (50, 5)}, "dimensions"),
    ({"features": (50, 4)}, {"features": None}, "There is no file"),
    ({"samples": "ragged"}, {"samples": (50, 8, 8, 1)}, "images differ in size: bring all to one height"),
    ({"samples": (50, 8, 8, 1), "classes": "ragged"}, {"samples": (50, 8, 8, 1)}, "`classes` holds Python objects"),
])
def test_files_that_cannot_be_scored_are_refused_with_a_sentence_and_exit_code_2(tmp_path, real, fake, says):
    rng = np.random.default_rng(0)
    for name, arrays in (("real", real), ("fake", fake)):
        if None not in arrays.values():
            write(tmp_path / f"{name}.npz", **{key: made(rng, shape)
                                               for key, shape in arrays.items()})
    answer = cli("score", "--real", tmp_path / "real.npz", "--fake", tmp_path / "fake.npz")
    said, = answer.said
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(said)
    with pytest.raises(BadInput, match=says):
        score_files.score(score_files.read(tmp_path / "real.npz", tmp_path / "fake.npz"))


def table(path, rng, age=50.0, who=("short", "tall"), n=200):
    rows = "".join(f"{rng.normal(age, 10):.0f};{rng.random():.2f};{who[int(rng.random() < 0.3)]}\n".replace(".", ",")
                   for _ in range(n))
    path.write_text("age;share;who\n" + rows)
    return path


def test_two_tables_are_scored_by_the_columns_of_the_real_one_whatever_files_they_are_in(tmp_path):
    rng = np.random.default_rng(0)
    ages = {"real": 50, "same": 50, "older": 90}
    real, same, older = (table(tmp_path / f"{name}.csv", rng, age) for name, age in ages.items())
    scores = {fake.stem: score_files.score(score_files.read(real, fake)) for fake in (same, older)}
    assert all(found["extractor"].startswith("coordinates:") and "vendi" not in found for found in scores.values())
    assert scores["same"]["column_distance"] < 0.15 < 0.3 < scores["older"]["column_distance"]
    assert 0 < scores["older"]["column_distance_floor"] < 0.2 and scores["same"]["kernel"] < scores["older"]["kernel"]
    dataset = data.load(str(real))
    loaded = modality("table").load(older, dataset.spec)
    for name, rows in (("real", dataset.x), ("older", loaded.samples)):
        with open(tmp_path / f"{name}.npz", "wb") as file:
            modality("table").save(file, rows, dataset.spec, suffix=".npz")
    arrays = {name: tmp_path / f"{name}.npz" for name in ("real", "older")}
    for first, second in ((arrays["real"], older), (arrays["real"], arrays["older"]), (real, arrays["older"])):
        again = score_files.score(score_files.read(first, second))
        assert again["column_distance"] == pytest.approx(scores["older"]["column_distance"], abs=1e-6)
    shown = cli("score", "--real", real, "--fake", older)
    assert shown.code == 0 and "Column distance" in shown.out


@pytest.mark.parametrize("text, says", [
    ("age;share\n1;2\n", "lacks the columns who"), ("age;share;who\n1;2;huge\n", "a value that the data do not have"),
    ("age;share;who\n1;;tall\n", "has '' in the column 'share'"), ("age;share;who\n1;nan;tall\n", "has 'nan' in"),
    (None, "no file")])
def test_a_table_that_is_not_like_the_real_one_is_refused(tmp_path, text, says):
    real, fake = table(tmp_path / "real.csv", np.random.default_rng(0)), tmp_path / "fake.csv"
    if text is not None:
        fake.write_text(text)
    with pytest.raises(BadInput, match=says) as refused:
        score_files.read(real, fake)
    assert is_a_sentence(str(refused.value))


def test_a_table_beside_what_does_not_say_its_columns_is_refused(tmp_path):
    other = table(tmp_path / "a.csv", np.random.default_rng(0))
    real = write(tmp_path / "real.npz", samples=np.zeros((9, 4)), kind="table")
    with pytest.raises(BadInput, match="give the real table as .csv") as refused:
        score_files.read(real, other)
    assert is_a_sentence(str(refused.value))


def test_a_file_that_is_no_npz_is_refused(tmp_path):
    (tmp_path / "a.npz").write_text("not a zip")
    answer = cli("score", "--real", tmp_path / "a.npz", "--fake", tmp_path / "a.npz")
    assert answer.code == 2 and is_a_sentence(answer.err) and "numpy.savez" in answer.err


def test_the_score_verb_prints_json_and_only_progress_beside_it(tmp_path):
    rng = np.random.default_rng(0)
    real, fake = (write(tmp_path / f"{name}.npz", features=rng.random((100, 4))) for name in "ab")
    answer = cli("score", "--real", real, "--fake", fake, "--json")
    assert answer.code == 0 and answer.said == [] and "left" in answer.err
    found = json.loads(answer.out)
    assert found.keys() >= SCORES | {"kernel_std", "extractor", "n_real", "n_fake", "kernel_floor", "frechet_floor"}
    people = cli("score", "--real", real, "--fake", fake)
    assert people.code == 0 and "Kernel distance" in people.out
