"""Drawing on demand: what a person may choose, and what is kept as a dataset."""

import json
import shutil
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

from gan_core import data
from gan_core.data import imported
from gan_core.errors import BadInput, StoreError
from gan_core.modalities import drawing
from gan_core.models import inputs
from gan_core.models.inputs import EACH, Angle, Code, Codes, Dial, Label, Latent, Shift, SourceImage, Uniform
from gan_core.store.task_records import new_task
from gan_core.tasks import background, process, sampling
from helpers_drawing import at_once, cgan  # noqa: F401 (fixtures)
from helpers_pages import add_run
from helpers_runs import is_a_sentence
from helpers_visits import known, store  # noqa: F401 (fixtures)

ROUNDING = {"rtol": 1e-3, "atol": 1e-7}  # networks that have learned nothing draw small numbers
EVERYTHING = (Latent(4), Label(("cat", "dog")), Code(3), Codes((2,)), Uniform((5,), name="detail"),
              Dial("truncation", 0.0, 1.0, 1.0, "Less is more typical."), Shift(4, "style_shift"),
              Angle("side", 0.0, 360.0, "From which side.", turns=True))


# What a person may choose


def test_dials_and_codes_can_be_chosen_and_noise_cannot():
    found = {each.name: each for each in inputs.choices(EVERYTHING)}
    assert list(found) == ["code", "continuous1", "continuous2", "truncation", "side"]
    assert (found["code"].high, found["code"].default, found["code"].whole) == (2, None, True)
    assert (found["truncation"].default, found["continuous1"].low) == (1.0, -1.0)
    assert [name for name, choice in found.items() if choice.turns] == ["side"] and found["side"].round
    assert inputs.turning(EVERYTHING) == found["side"] and inputs.turning(EVERYTHING[:-1]) is None


@pytest.mark.parametrize("low, high, angles", [(0.0, 360.0, [0, 90, 180, 270]), (-45.0, 45.0, [-45, -15, 15, 45])])
def test_each_sample_is_seen_from_all_sides_and_the_last_side_of_a_circle_is_not_the_first_again(low, high, angles):
    known = (Latent(3), Angle("side", low, high, turns=True))
    drawn = inputs.draw(known, 2, 0)
    views, sides = inputs.turned(drawn, inputs.turning(known), 4)
    assert sides.tolist() == angles and views["side"].tolist() == angles * 2 and views["side"].dtype == np.float32
    np.testing.assert_array_equal(views["latent"], np.repeat(drawn["latent"], 4, axis=0))


def test_what_is_chosen_is_the_same_for_all_and_the_rest_stays():
    before = inputs.draw(EVERYTHING, 7, 0)
    after = {name: values.copy() for name, values in before.items()}
    inputs.choose(after, EVERYTHING, {"code": EACH, "continuous2": "0.5", "truncation": 0.25})
    assert after["code"].tolist() == [0, 1, 2, 0, 1, 2, 0] and set(after["truncation"]) == {0.25}
    assert set(after["uniform"][:, 1]) == {0.5} and (after["uniform"][:, 0] == before["uniform"][:, 0]).all()
    for name in ("latent", "label", "detail"):
        np.testing.assert_array_equal(after[name], before[name])


@pytest.mark.parametrize("chosen, told", [
    ({"code": 3}, "0 to 2"), ({"code": "x"}, "0 to 2"), ({"truncation": EACH}, "0 to 1"), ({"continuous1": -1.1}, "-1 to 1"),
    ({"detail": 0}, "code, continuous1")])
def test_what_cannot_be_chosen_is_a_sentence(chosen, told):
    with pytest.raises(BadInput, match=told) as error:
        inputs.choose(inputs.draw(EVERYTHING, 2, 0), EVERYTHING, chosen)
    assert is_a_sentence(str(error.value))


def test_what_comes_in_turn_tells_after_how_many_it_begins_anew():
    assert inputs.in_turn(EACH, EVERYTHING, {}) == 2 and inputs.in_turn("cat", EVERYTHING, {}) is None
    assert inputs.in_turn("cat", EVERYTHING, {"code": EACH}) == 3


def test_every_input_lies_in_a_file_of_its_own_and_is_found():
    assert inputs.broken() == {}
    assert {"latent", "label", "code", "codes", "uniform", "dial", "shift", "sourceimage", "dataimage", "angle", "caption",
            "question"} <= set(inputs.kinds())


def test_sources_are_held_out_ones_and_what_stands_beside_them_belongs_to_them(noise):
    whole = noise("pairs", classes=())
    dataset = whole.keeping_apart(0.0) if len(whole) < 300 else whole
    for data_of_run, x, sources in ((dataset, whole.x, whole.more["source"]),
                                    (namedtuple("Apart", "x more x_test more_test")(whole.x[:40], {}, whole.x[40:], {
                                        "source": whole.more["source"][40:]}), whole.x[40:], whole.more["source"][40:])):
        known = (Latent(4), SourceImage(sources.shape[1:]))
        drawn, beside = (how(known, 70, 3, data_of_run) for how in (inputs.draw, inputs.beside))
        np.testing.assert_array_equal(drawn["source"], beside["source"])
        rows = [int(np.flatnonzero((data.floats(sources) == image).all(axis=(1, 2, 3)))[0]) for image in drawn["source"]]
        np.testing.assert_array_equal(beside["real"], data.floats(x)[rows])
        assert len(set(rows[:len(x)])) == min(len(x), 70), "each once before one comes again"
        assert rows[:5] == [int(np.flatnonzero((data.floats(sources) == image).all(axis=(1, 2, 3)))[0])
                            for image in inputs.draw(known, 5, 3, data_of_run)["source"]]


@pytest.mark.parametrize("each", EVERYTHING, ids=lambda each: each.kind())
def test_every_input_keeps_the_contract(each):
    drawn, rng = each.draw(np.random.default_rng(3), 6), np.random.default_rng(3)
    assert len(drawn) == 6 and drawn.dtype in (np.float32, np.int32)
    np.testing.assert_array_equal(drawn, each.draw(rng, 6))
    assert {choice.of for choice in each.choices()} <= {each.name}
    walked = each.walk(drawn[:1], drawn[1:2], np.linspace(0, 1, 5))
    assert walked.shape == (5, *drawn.shape[1:]) and walked.dtype == drawn.dtype
    np.testing.assert_allclose(walked[0], drawn[0], rtol=1e-6)
    assert each.walks or (walked == drawn[0]).all()
    if each.rows() is not None:  # a sheet puts its values into the rows
        assert drawn.dtype == np.int32 and drawn.max() < each.rows()
    assert not each.labels() or len(each.labels()) == each.rows() == each.in_turn(EACH, {})
    described = json.loads(json.dumps(inputs.as_dict(each)))
    assert described == inputs.as_dict(each) and inputs.from_dict(described) == each


def test_an_input_of_a_kind_that_is_not_known_here_is_none():
    assert inputs.from_dict({"kind": "nobodys", "size": 3}) is None


@dataclass(frozen=True)
class Source(inputs.Input):
    name: str = "source"
    from_data = True

    def draw(self, rng, n, data=None):
        return data.x[rng.integers(0, len(data), n)]


def test_an_input_is_taken_from_the_data_like_noise(noise):
    dataset = noise()
    drawn = inputs.draw((Latent(4), Source()), 5, 0, dataset)
    assert all((dataset.x == image).all(axis=(1, 2, 3)).any() for image in drawn["source"])
    np.testing.assert_array_equal(drawn["latent"], inputs.draw((Latent(4),), 5, 0)["latent"])
    walked = inputs.walk((Source(),), 3, 0, 1, dataset)["source"]
    assert (walked == inputs.draw((Source(),), 1, 0, dataset)["source"]).all()
    with pytest.raises(BadInput, match="'source' is taken from data") as error:
        inputs.draw((Latent(4), Source()), 5, 0)
    assert is_a_sentence(str(error.value))


def test_a_walk_leads_from_the_noise_of_one_seed_to_that_of_another_and_keeps_its_length():
    walked, start, end = inputs.walk(EVERYTHING, 9, 3, 4), inputs.draw(EVERYTHING, 1, 3), inputs.draw(EVERYTHING, 1, 4)
    np.testing.assert_allclose(walked["latent"][[0, -1]], np.concatenate([start["latent"], end["latent"]]), rtol=1e-5)
    lengths = np.linalg.norm(walked["latent"], axis=1)
    assert lengths.min() > 0.9 * min(lengths[0], lengths[-1]), "a straight line would lead through shorter noise"
    assert len(set(walked["label"])) == len(set(walked["code"])) == 1 and (walked["detail"] == start["detail"]).all()
    np.testing.assert_array_equal(inputs.walk(EVERYTHING, 3, 5, 5)["latent"][2], inputs.draw(EVERYTHING, 1, 5)["latent"][0])


def test_samples_are_of_the_class_asked_for_or_of_each_in_turn(noise, tiny_model):
    model = tiny_model("cgan", noise())
    drawn, labels = sampling.draw_from(model, 7, label=EACH)
    assert labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    ones, labels = sampling.draw_from(model, 7, label="b")
    assert set(labels) == {1}
    np.testing.assert_allclose(drawn[[1, 4]], ones[[1, 4]], **ROUNDING)
    assert not np.allclose(drawn[0], ones[0], **ROUNDING)
    named = sampling.draw_from(tiny_model("cgan", noise(classes=("each", "other"))), 3, label=EACH)[1]
    assert set(named) == {0}, "a class may be called so"


@pytest.mark.parametrize("how", [{"n": 0}, {"n": 100_001}, {"n": 1, "seed": -1}, {"n": 1, "to": -1}, {"n": 1, "label": "x"}])
def test_what_cannot_be_drawn_is_a_sentence(noise, tiny_model, how):
    with pytest.raises(BadInput) as error:
        sampling.draw_from(tiny_model("cgan", noise()), **how)
    assert is_a_sentence(str(error.value))


def test_a_network_that_has_diverged_is_a_sentence_and_no_picture(noise, tiny_model):
    model = tiny_model("cgan", noise())
    for weights in model.weights:
        weights.assign(np.full(weights.shape, np.nan if weights.dtype.startswith("float") else 0))
    with pytest.raises(BadInput, match="NaN.*diverged") as error:
        sampling.draw_from(model, 3)
    assert is_a_sentence(str(error.value))


def test_the_numbers_that_infogan_finds_can_be_turned(noise_for, tiny_model):
    model = tiny_model("infogan", noise_for("infogan", "images"))
    low, high = (sampling.draw_from(model, 2, chosen={"continuous1": each, "code": 1})[0] for each in (-1, 1))
    assert not np.allclose(low, high, **ROUNDING)


def test_a_sheet_has_the_columns_asked_for():
    images = np.zeros((20, 8, 8, 1))
    width = lambda columns: drawing.sheet(images, drawing.grid_for(len(images), columns)).size[0]  # noqa: E731
    assert width(10) - width(5) == 5 * (56 + drawing.GAP) and width(None) == width(4)


# A dataset


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)


def test_what_is_kept_is_a_dataset_of_that_name(images, tmp_path):
    kept = imported.keep("My Digits", images, np.arange(6, dtype=np.int32) % 3, ("a", "b", "c"), tmp_path, "Drawn by X.")
    assert kept.name.startswith("my-digits-")
    found = data.load(kept.name, workspace=tmp_path)
    np.testing.assert_array_equal(found.x, images)
    assert found.classes == ("a", "b", "c") and found.y.tolist() == [0, 1, 2, 0, 1, 2]
    info = data.catalogue(tmp_path)[-1]
    assert (info.name, info.title, info.count) == (kept.name, "my-digits", 6) and info.note.startswith("Drawn by X")
    plain = imported.keep("plain", images[:4], None, ("a",), tmp_path, "Drawn.")
    assert data.load(plain.name, workspace=tmp_path).y is None


@pytest.mark.parametrize("title", ["", " x", "-x", "a/b", "../x", "x" * 41, "möve"])
def test_a_bad_name_is_a_sentence(images, tmp_path, title):
    with pytest.raises(BadInput) as error:
        imported.keep(title, images, None, (), tmp_path, "Drawn.")
    assert is_a_sentence(str(error.value)) and list(tmp_path.iterdir()) == []


def test_a_name_is_given_once_and_images_are_kept_once(images, tmp_path):
    first = imported.keep("mine", images, None, (), tmp_path, "Drawn.")
    with pytest.raises(BadInput, match="called mine already"):
        imported.keep("Mine", images[:3], None, (), tmp_path, "Drawn.")
    with pytest.raises(BadInput, match=first.name):
        imported.keep("other", images, None, (), tmp_path, "Drawn.")
    assert len(list((tmp_path / "datasets").iterdir())) == 1


def test_a_full_disk_is_told_before_anything_is_drawn(tmp_path, monkeypatch):
    imported.check_room(1000, (8, 8, 1), tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: namedtuple("usage", "free")(60 * 10**6))
    imported.check_room(1000, (8, 8, 1), tmp_path)
    with pytest.raises(StoreError, match="78 MB .* 10 MB") as error:
        imported.check_room(100_000, (28, 28, 1), tmp_path)
    assert is_a_sentence(str(error.value))


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(images, tmp_path, monkeypatch):
    def full(stream, **arrays):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(StoreError, match="No space left"):
        imported.keep("mine", images, None, (), tmp_path, "Drawn.")
    assert list((tmp_path / "datasets").iterdir()) == []


# In the background


def keep(store, run, name="mine", n=20, checkpoint=1000, **knobs):
    record = background.start(store, "keep", run, {"name": name, "n": n} | knobs, checkpoint=checkpoint)
    return store.tasks.get(record.id)


def test_samples_are_drawn_and_kept(store, cgan, at_once):
    record = keep(store, cgan, seed=3, label=EACH)
    assert (record.status, record.share, record.message) == ("finished", 1.0, "")
    found = data.load(record.result["made"]["dataset"], workspace=store.workspace)
    samples, labels = sampling.draw(store, cgan, 20, seed=3, label=EACH)
    np.testing.assert_array_equal(found.x, data.to_uint8(samples))
    np.testing.assert_array_equal(found.y, labels)
    assert found.classes == tuple("0123456789") and "Drawn by Labelled" in found.note


@pytest.mark.parametrize("name, n, told", [("a/b", 20, "name of a dataset"), ("mine", 1, "between 2 and"),
                                           ("mine", 100_001, "100,000")])
def test_what_cannot_be_kept_is_told_before_a_process_is_started(store, cgan, at_once, name, n, told):
    with pytest.raises(BadInput, match=told) as error:
        keep(store, cgan, name, n)
    assert is_a_sentence(str(error.value)) and at_once == [] and store.tasks.list() == []


def test_points_are_no_dataset(store, known, at_once):
    with pytest.raises(BadInput, match="Points cannot be kept"):
        keep(store, add_run(store, known, data="ring"))


def test_a_process_tells_what_went_wrong_and_one_that_is_stopped_keeps_nothing(store, cgan, at_once, monkeypatch):
    with pytest.raises(BadInput, match="no checkpoint of step 7"):
        keep(store, cgan, checkpoint=7)
    waiting = store.tasks.create(new_task("keep", cgan.id, checkpoint="7", config={"name": "mine"}))  # it was there then
    background.tend(store)
    record = store.tasks.get(waiting.id)
    assert record.status == "failed" and "no checkpoint of step 7" in record.message and is_a_sentence(record.message)
    monkeypatch.setattr(process._Working, "should_stop", lambda self: True)
    assert keep(store, cgan).status == "stopped" and imported.names(store.workspace) == []
