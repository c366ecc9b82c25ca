"""The page that draws on demand."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from gan_core import data
from gan_core.data import characters, tune_grammar
from gan_core.data.sets import tunes
from gan_core.models.inputs import EACH
from gan_core.store import RUNNING, scores
from gan_core.tasks import asking, background, sampling
from gan_core.tasks.asking import Question
from helpers_checkpoints import with_checkpoint
from helpers_drawing import CGAN, at_once, cgan  # noqa: F401 (fixtures among them)
from helpers_pages import add_run, scored
from helpers_runs import is_a_sentence
from helpers_stores import whole
from helpers_visits import button, captions, click, drawn, known, links, read, store, texts, visit  # noqa: F401 (fixtures among them)

DIALS, POINTS = {"filters": 8, "latent": 4}, {"points_width": 8}


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
    asked = [dict(question.knobs) for question in store.asked if question.task == "draw"]
    assert [(knobs["seed"], knobs["label"]) for knobs in asked] == [(0, EACH), (0, "7"), (1, "7")]
    at = drawn(at.selectbox(key=f"draw:{cgan.id}:class:False").set_value(at.selectbox[2].value).run())
    assert len([question for question in store.asked if question.task == "draw"]) == 3, "the same is not drawn twice"


def test_the_downloads_are_the_sheet_and_a_dataset(store, cgan, tmp_path):
    at = visit("draw", run=cgan.id)
    assert [each.label for each in at.get("download_button")] == ["Download the sheet", "Download the samples (.npz)"]
    where = next(question.checkpoint for question in store.asked if question.task == "draw")
    files = asking.answer(Question.of("draw", store.workspace, where, n=12, label=EACH)).files
    picture, samples = files["sheet.png"], files["samples.npz"]
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


def test_rows_are_a_table_and_how_columns_go_together_is_drawn_when_that_is_asked_for(store, known):
    run = with_checkpoint(store, add_run(store, known, data="tips", values=POINTS))
    at = visit("draw", run=run.id)
    names = [column["name"] for column in run.spec["columns"]]
    rows = at.dataframe[0].value
    assert list(rows.columns) == names and len(rows) == 100 and set(rows["day"]) <= {"Thur", "Fri", "Sat", "Sun"}

    def asked():
        return [dict(question.knobs)["columns"] for question in store.asked if question.task == "columns"]

    assert not at.error and not asked() and not at.get("plotly_chart")
    at = drawn(at.toggle(key=f"columns:{run.id}").set_value(True).run())
    assert not at.error and asked() == ["total_bill, tip, sex, smoker"] and len(at.get("plotly_chart")) == 2
    at = drawn(at.multiselect(key=f"columns:{run.id}:chosen").set_value(["tip"]).run())
    assert not at.error and asked()[1:] == ["tip"] and len(at.get("plotly_chart")) == 1, "nothing to draw it against"


def test_names_in_charts_of_columns_are_names_and_no_tags():
    from pages.components import columns_view

    found = {"columns": ["<b>a</b>", "b"], "real": [[1, 0.5], [0.5, 1]], "generated": [[1, 0.2], [0.2, 1]],
             "rows": {side: {"<b>a</b>": ["<i>x</i>", "y"], "b": [1.0, None]} for side in ("real", "generated")}}
    matrices, pairs = columns_view.matrices(found), columns_view.pairs(found["rows"])
    assert [list(trace.z[0]) for trace in matrices.data] == [[1, 0.2], [1, 0.5], [0, pytest.approx(-0.3)]]
    assert {trace.x[0] for trace in matrices.data} == {trace.y[0] for trace in matrices.data} == {"&lt;b&gt;a&lt;/b&gt;"}
    for trace in pairs.data:
        assert trace.dimensions[0].label == "&lt;b&gt;a&lt;/b&gt;" and list(trace.dimensions[1]["values"]) == [1.0, None]
        assert list(trace.dimensions[0]["values"]) == ["&lt;i&gt;x&lt;/i&gt;", "y"]
    assert [trace.name for trace in pairs.data] == ["Real", "Generated"]


@pytest.mark.parametrize("status, told", [(RUNNING, "no checkpoint yet"), ("failed", "nothing to draw from")])
def test_a_run_without_a_checkpoint_says_so(store, known, status, told):
    at = visit("draw", run=add_run(store, known, status=status, step=0).id)
    assert told in at.info[0].value and not at.get("image") and not at.selectbox(key="draw:run").options[1:]


def test_the_best_checkpoint_is_marked(store, known):
    run = add_run(store, known, architecture="cgan", values=CGAN)
    for step, kernel in ((500, 0.1), (1000, 0.2)):
        scored(store, with_checkpoint(store, run, step), step=step, kernel=kernel)
    chosen = visit("draw", run=run.id).selectbox(key=f"draw:{run.id}:step")
    assert list(chosen.options) == ["Step 1,000", "Step 500  ·  best"] and chosen.value == 1000
    for address, step in (("500", 500), ("77", 1000), ("**500**", 1000)):
        at = visit("draw", run=run.id, step=address)
        assert at.selectbox(key=f"draw:{run.id}:step").value == step and not at.error


def test_a_checkpoint_that_cannot_be_read_is_a_sentence(store, cgan):
    held = store.artifacts(cgan.id)
    held.put(held.list("checkpoints/")[0], whole(b"weights of something else"))
    at = visit("draw", run=cgan.id)
    told = read(at.error[0].value)
    assert len(at.error) == 1 and "000001000.weights.h5 cannot be read: it is damaged" in told and is_a_sentence(told)


def test_what_is_kept_is_among_the_data_of_the_train_page(store, cgan, at_once):
    at = visit("draw", run=cgan.id)
    at = click(at, "Keep")
    assert "name of a dataset" in at.error[0].value and at_once == []
    at.text_input(key=f"keep:{cgan.id}:name").set_value("Seven of them")
    at.number_input(key=f"keep:{cgan.id}:n").set_value(12)
    at.selectbox(key=f"draw:{cgan.id}:class:False").set_value("7")
    at = click(drawn(at.run()), "Keep")
    assert at_once == ["keep"] and not at.error and "Kept as" in at.success[0].value
    form = visit("train")
    name = next(each.name for each in data.catalogue(store.workspace) if each.title == "seven-of-them")
    assert "seven-of-them" in form.selectbox(key="data:name").options
    form = drawn(form.selectbox(key="data:name").set_value(name).run())
    form = drawn(form.toggle(key="data:look").set_value(True).run())
    assert "12 training samples of 32 x 32 x 1, 10 classes" in texts(form)
    assert set(data.load(name, workspace=store.workspace).y) == {7}
    assert "called seven-of-them already" in click(at, "Keep").error[0].value


def test_progress_is_shown_and_can_be_stopped(store, cgan):
    record = background.start(store, "keep", cgan, {"name": "mine"})
    assert store.tasks.update(record.id, share=0.4, words="drawing samples", left=30.0)
    at = visit("draw", run=cgan.id)
    bar, = at.get("progress")
    assert bar.proto.text.endswith("drawing samples, about 30 s left") and button(at, "Keep").disabled
    click(at, "Stop")
    assert store.tasks.get(record.id).status == "stopping"
    store.tasks.move(record.id, "stopped", only_from=("stopping",))
    at = visit("draw", run=cgan.id)
    assert "Stopped; nothing was kept" in texts(at) and not button(at, "Keep").disabled


RESULT = {"step": 1000, "scored": 1.75e9, "n_tstr_generated": 2000, "n_tstr_real": 300, "n_tstr_test": 299,
          "tstr_accuracy": 0.6, "tstr_accuracy_floor": 0.9, "augmented_accuracy": 0.98}


def test_what_samples_are_worth_for_recognition_is_shown(store, cgan):
    at = visit("draw", run=cgan.id)
    drawn(at.segmented_control(key=f"recognition:{cgan.id}:real").set_value("30").run())
    at = click(at, "Train")
    record, = store.tasks.list()
    assert (record.kind, record.run, record.checkpoint) == ("recognise", cgan.id, "1000")
    assert record.config == {"n": 2000, "real_per_class": 30}
    scores.keep_recognition(store.artifacts(cgan.id), RESULT)
    at = drawn(at.run())
    assert "8.0 points better" in texts(at).replace("\\", "") and "30.0 points worse" in texts(at).replace("\\", "")
    assert at.table[0].value.iloc[:, 3].tolist() == ["", "+8.0", "-30.0"]


def test_the_monitor_links_to_the_page(store, known):
    run = add_run(store, known)
    assert links(visit("monitor", run=run.id), "Draw samples") == [("draw", f"run={run.id}")]


def test_clips_have_classes_and_are_heard_but_teach_no_classifier_of_images(store, known):
    run = with_checkpoint(store, add_run(store, known, "Tones", architecture="wavenet", data="tones", sheets_at=(), values={
        "channels": 4, "skips": 6, "blocks": 1}))
    at = visit("draw", run=run.id)
    assert not at.error and "8 clips, one after the other" in texts(at) and len(at.get("audio")) == 1
    assert at.selectbox(key=f"draw:{run.id}:class:False").value and "Use for recognition" not in texts(at)


def test_what_counts_something_is_chosen_by_whole_numbers():
    def page():
        from gan_core.models.inputs.base import Choice
        from pages.components import sample_form

        for name, high, default in (("top_k", 36.0, 0.0), ("temperature", 2.0, 1.0)):
            sample_form._choice(Choice(name, name, 0.0, high, default), name, False)

    count, share = AppTest.from_function(page).run().slider
    assert (count.value, count.max, count.step) == (0, 36, 1) and isinstance(count.value, int)
    assert (share.value, share.max, share.step) == (1.0, 2.0, 0.05)


def test_the_picture_is_of_the_tune_that_is_heard(store, known, monkeypatch):
    run = with_checkpoint(store, add_run(store, known, "Fiddler", architecture="lstm", data="tunes", sheets_at=(), values={
        "units": 16, "embedding": 4}))
    rows = characters.encoded(["GABc", *tune_grammar.tunes(2, 0)], tune_grammar.CHARACTERS, tunes.LENGTH)
    monkeypatch.setattr(sampling, "draw_from", lambda *args, **more: (rows.astype(np.float32), None))
    at = visit("draw", run=run.id)
    assert not at.error and sheet(at).alt.startswith("A picture of number 2 of") and captions(at) == ["Number 2"]
    assert "A tune of" in texts(at) and len(at.get("audio")) == 1
