"""Drawing on demand: what a person may choose, what is kept as a dataset, and the page for both."""

import io
import json
import shutil
from collections import namedtuple

import numpy as np
import pytest
from PIL import Image

from gan_core import background, compute, data, inputs, sample_jobs, sampling, sheets
from gan_core.data import imported
from gan_core.errors import BadInput, StoreError
from gan_core.inputs import EACH, Code, Codes, Dial, Label, Latent, Uniform
from gan_core.runs import RUNNING, scores
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run, scored
from helpers_runs import cli, is_a_sentence
from helpers_visits import button, captions, click, drawn, known, links, store, texts, visit  # noqa: F401 (fixtures among them)

CGAN, DIALS, POINTS = {"filters": 4, "embedding": 4, "latent": 4}, {"filters": 8, "latent": 4}, {"points_width": 8}
ROUNDING = {"rtol": 1e-3, "atol": 1e-7}  # networks that have learned nothing draw small numbers
EVERYTHING = (Latent(4), Label(("cat", "dog")), Code(3), Codes((2,)), Uniform((5,), name="detail"),
              Dial("truncation", 0.0, 1.0, 1.0, "Less is more typical."))


# What a person may choose


def test_dials_and_codes_can_be_chosen_and_noise_cannot():
    found = {each.name: each for each in inputs.choices(EVERYTHING)}
    assert list(found) == ["code", "continuous1", "continuous2", "truncation"]
    assert (found["code"].high, found["code"].default, found["code"].whole) == (2, None, True)
    assert (found["truncation"].default, found["continuous1"].low) == (1.0, -1.0)


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


def test_the_numbers_that_infogan_finds_can_be_turned(noise_for, tiny_model):
    model = tiny_model("infogan", noise_for("infogan", "images"))
    low, high = (sampling.draw_from(model, 2, chosen={"continuous1": each, "code": 1})[0] for each in (-1, 1))
    assert not np.allclose(low, high, **ROUNDING)


def test_a_sheet_has_the_columns_asked_for():
    images = np.zeros((20, 8, 8, 1))
    width = lambda columns: sheets.drawn(images, columns).size[0]  # noqa: E731
    assert width(10) - width(5) == 5 * (56 + sheets.GAP) and sheets.drawn(images).size[0] == width(4)


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


@pytest.fixture
def at_once(store, monkeypatch):
    """What would start a process is done here, by the verb that the process is started with; a list of the kinds."""
    started = []

    def start(store, kind, run_ids, arguments, *, busy, **environment):
        started.append(kind)
        assert json.loads(arguments[-1]) and environment == {"KERAS_BACKEND": "tensorflow"}
        answer = cli(*arguments, workspace=store.workspace)
        assert "Traceback" not in answer.err

    monkeypatch.setattr(background, "start", start)
    monkeypatch.setattr(background, "_step_back", lambda: None)
    monkeypatch.setattr(background.signal, "signal", lambda *_: None)
    return started


@pytest.fixture
def cgan(store, known):
    return with_checkpoint(store, add_run(store, known, "Labelled", architecture="cgan", values=CGAN))


def test_samples_are_drawn_and_kept(store, cgan, at_once):
    sample_jobs.start_keeping(store, cgan, 1000, "mine", 20, seed=3, label=EACH)
    now = background.current(store, sample_jobs.KEEPING)
    found = data.load(now.what, workspace=store.workspace)
    samples, labels = sampling.draw(store, cgan, 20, seed=3, label=EACH)
    np.testing.assert_array_equal(found.x, data.to_uint8(samples))
    np.testing.assert_array_equal(found.y, labels)
    assert found.classes == tuple("0123456789") and "Drawn by Labelled" in found.note
    assert (now.share, now.active, now.problems) == (1.0, False, ())


@pytest.mark.parametrize("name, n, told", [("a/b", 20, "name of a dataset"), ("mine", 1, "From 2 to"),
                                           ("mine", 100_001, "100,000")])
def test_what_cannot_be_kept_is_told_before_a_process_is_started(store, cgan, at_once, name, n, told):
    with pytest.raises(BadInput, match=told) as error:
        sample_jobs.start_keeping(store, cgan, 1000, name, n)
    assert is_a_sentence(str(error.value)) and at_once == []


def test_points_are_no_dataset(store, known, at_once):
    with pytest.raises(BadInput, match="Only images"):
        sample_jobs.start_keeping(store, add_run(store, known, data="ring"), 1000, "mine", 20)


def test_a_process_tells_what_went_wrong_and_one_that_is_cancelled_keeps_nothing(store, cgan, at_once, monkeypatch):
    sample_jobs.start_keeping(store, cgan, 7, "mine", 20)  # there is no such checkpoint any more
    [problem] = background.current(store, sample_jobs.KEEPING).problems
    assert "no checkpoint of step 7" in problem and is_a_sentence(problem)
    monkeypatch.setattr(background.Working, "should_stop", lambda self: self._stop() or True)
    sample_jobs.start_keeping(store, cgan, 1000, "mine", 20)
    now = background.current(store, sample_jobs.KEEPING)
    assert (now.what, now.problems) == ("cancelled", ()) and imported.names(store.workspace) == []


def test_an_error_nobody_foresaw_is_told_too(store, monkeypatch):
    monkeypatch.setattr(background, "_step_back", lambda: None)
    monkeypatch.setattr(background.signal, "signal", lambda *_: None)
    with pytest.raises(MemoryError), background.Working(store, "kind", ["x"]):
        raise MemoryError
    now = background.current(store, "kind")
    assert now.share == 1.0 and len(now.problems) == 1 and is_a_sentence(now.problems[0].split("; ")[0] + ".")


# The page


def sheet(at):
    return at.get("image")[0].proto.imgs[0]


def test_a_labelled_run_is_drawn_by_class(store, cgan):
    at = visit("draw", run=cgan.id)
    assert not at.error and sheet(at).alt.startswith("80 samples of Labelled at step 1,000 from seed 0, each class in turn")
    assert "0, 1, 2, 3, 4" in texts(at).replace("\\", "")
    before = sheet(at).url
    at = drawn(at.selectbox(key=f"draw:{cgan.id}:class:False").set_value("7").run())
    assert sheet(at).url != before and "class 7" in sheet(at).alt and not at.error
    before = sheet(at).url
    at = click(at, "Another")
    assert sheet(at).url != before and "seed 1" in sheet(at).alt
    asked = [arguments for name, arguments in store.asked if name == "draw"]
    assert [(each[2], each[3]) for each in asked] == [(0, EACH), (0, "7"), (1, "7")]


def test_the_downloads_are_the_sheet_and_a_dataset(store, cgan, tmp_path):
    at = visit("draw", run=cgan.id)
    assert [each.label for each in at.get("download_button")] == ["Download the sheet", "Download the samples (.npz)"]
    where = next(arguments[0] for name, arguments in store.asked if name == "draw")
    picture, samples = compute.draw(where, 12, 0, EACH, {})
    assert Image.open(io.BytesIO(picture)).size[0] > 10 * 32
    (tmp_path / "x.npz").write_bytes(samples)
    found = data.load(str(tmp_path / "x.npz"))
    assert found.y.tolist() == [*range(10), 0, 1] and found.x.shape == (12, 32, 32, 1)


def test_a_dial_changes_the_picture(store, known):
    run = with_checkpoint(store, add_run(store, known, architecture="stylegan", values=DIALS))
    at = visit("draw", run=run.id)
    before = sheet(at).url
    at = drawn(at.slider(key=f"draw:{run.id}:truncation:False").set_value(0.0).run())
    assert sheet(at).url != before and "truncation 0" in sheet(at).alt and not at.error
    assert button(at, "Train") is None, "without labels there is nothing to teach"


def test_codes_come_in_turn_or_are_chosen(store, known):
    run = with_checkpoint(store, add_run(store, known, architecture="infogan", values={"filters": 4, "categories": 6}))
    at = visit("draw", run=run.id)
    assert "code each in turn" in sheet(at).alt and sheet(at).alt.startswith("48 samples"), "as many as this run has codes"
    at = drawn(at.selectbox(key=f"draw:{run.id}:code:False").set_value(5).run())
    at = drawn(at.select_slider(key=f"draw:{run.id}:continuous2:False").set_value(-0.5).run())
    assert "code 5, continuous2 -0.5" in sheet(at).alt and not at.error


def test_a_walk_is_a_strip(store, cgan):
    at = visit("draw", run=cgan.id)
    at = drawn(at.toggle(key=f"draw:{cgan.id}:walk").set_value(True).run())
    assert "10 samples" in sheet(at).alt and "on the way from seed 0 to 1, class 0" in sheet(at).alt and not at.error


def test_points_are_a_cloud(store, known):
    run = with_checkpoint(store, add_run(store, known, data="ring", values=POINTS))
    at = visit("draw", run=run.id)
    assert sheet(at).alt.endswith("in orange, over real points in grey") and not at.error
    assert button(at, "Keep") is None and len(at.get("download_button")) == 2


@pytest.mark.parametrize("status, told", [(RUNNING, "no checkpoint yet"), ("failed", "nothing to draw from")])
def test_a_run_without_a_checkpoint_says_so(store, known, status, told):
    at = visit("draw", run=add_run(store, known, status=status, step=0).id)
    assert told in at.info[0].value and not at.get("image") and not at.selectbox(key="draw:run").options[1:]


def test_the_best_checkpoint_is_marked(store, known):
    run = add_run(store, known, architecture="cgan", values=CGAN)
    for step, kernel in ((500, 0.1), (1000, 0.2)):
        scored(store, with_checkpoint(store, run, step), step=step, kernel=kernel)
    chosen = visit("draw", run=run.id).selectbox(key=f"draw:{run.id}:step")
    assert list(chosen.options) == ["Step 1,000", "Step 500  ·  best"]


def test_a_checkpoint_that_cannot_be_read_is_a_sentence(store, cgan):
    next((store.folder(cgan.id) / "checkpoints").iterdir()).write_bytes(b"no weights")
    at = visit("draw", run=cgan.id)
    assert "could not be drawn" in at.error[0].value and len(at.error) == 1


def test_what_is_kept_is_among_the_data_of_the_train_page(store, cgan, at_once):
    at = visit("draw", run=cgan.id)
    at = click(at, "Keep")
    assert "name of a dataset" in at.error[0].value and at_once == []
    at.text_input(key=f"keep:{cgan.id}:name").set_value("Seven of them")
    at.number_input(key=f"keep:{cgan.id}:n").set_value(12)
    at.selectbox(key=f"draw:{cgan.id}:class:False").set_value("7")
    at = click(drawn(at.run()), "Keep")
    assert at_once == [sample_jobs.KEEPING] and not at.error and "Kept as" in at.success[0].value
    form = visit("train")
    name = next(each.name for each in data.catalogue(store.workspace) if each.title == "seven-of-them")
    assert "seven-of-them" in form.selectbox(key="data:name").options
    form = drawn(form.selectbox(key="data:name").set_value(name).run())
    form = drawn(form.toggle(key="data:look").set_value(True).run())
    assert "12 training samples of 32 x 32 x 1, 10 classes" in texts(form)
    assert set(data.load(name, workspace=store.workspace).y) == {7}
    assert "called seven-of-them already" in click(at, "Keep").error[0].value


def test_progress_is_shown_and_can_be_cancelled(store, cgan, monkeypatch):
    from gan_core import jobs

    cancelled = []
    monkeypatch.setattr(background, "cancel", lambda store, kind: cancelled.append(kind))
    background._tell(store, sample_jobs.KEEPING, [cgan.id], jobs.ownership(), 0.4, "drawing samples", 30.0)
    at = visit("draw", run=cgan.id)
    assert at.get("progress")[0].proto.text == "Drawing samples, about 30 s left" and button(at, "Keep").disabled
    click(at, "Cancel")
    assert cancelled == [sample_jobs.KEEPING]


RESULT = {"step": 1000, "scored": 1.75e9, "n_tstr_generated": 2000, "n_tstr_real": 300, "n_tstr_test": 299,
          "tstr_accuracy": 0.6, "tstr_accuracy_floor": 0.9, "augmented_accuracy": 0.98}


def test_what_samples_are_worth_for_recognition_is_shown(store, cgan, monkeypatch):
    started = []
    monkeypatch.setattr(background, "start", lambda store, kind, runs, arguments, **_: started.append(arguments))
    at = visit("draw", run=cgan.id)
    drawn(at.segmented_control(key=f"recognition:{cgan.id}:real").set_value("30").run())
    at = click(at, "Train")
    assert started[0][:2] == ["recognise", cgan.id]
    assert json.loads(started[0][2]) == {"step": 1000, "n": 2000, "real_per_class": 30}
    scores.keep_recognition(store.folder(cgan.id), RESULT)
    at = drawn(at.run())
    assert "8.0 points better" in texts(at).replace("\\", "") and "30.0 points worse" in texts(at).replace("\\", "")
    assert at.table[0].value.iloc[:, 3].tolist() == ["", "+8.0", "-30.0"]


def test_the_monitor_links_to_the_page(store, known):
    run = add_run(store, known)
    assert links(visit("monitor", run=run.id), "Draw samples") == [("draw", f"run={run.id}")]
