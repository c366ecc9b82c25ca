"""Translate: held-out pictures and one's own, beside what they became; and the same on the command line."""

import base64
import dataclasses
import io
import json

import numpy as np
import pytest
from PIL import Image

from gan_core.tasks import asking
from gan_core.tasks.asking import Question
from gan_core.tasks.base import Context
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import captions, drawn, known, links, store, texts, visit  # noqa: F401 (fixtures among them)


@pytest.fixture
def run(store, known):  # noqa: F811
    return with_checkpoint(store, add_run(store, known, "Restorer", architecture="pix2pix", data="digits+noisy",
                                          values={"filters": 4, "batch_size": 4}))


def picture(width=20, height=10):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def test_pictures_that_a_run_learned_from_are_not_called_held_out(store, run, monkeypatch):  # noqa: F811
    whole = Context.dataset
    monkeypatch.setattr(Context, "dataset", lambda context: dataclasses.replace(whole(context), x_test=None, more_test={}))
    at = visit("translate", run=run.id)
    assert not at.error and "it has learned from these" in texts(at)
    assert "Download learned from 1" in [each.label for each in at.get("download_button")]


def test_where_nothing_translates_it_says_what_would(store, known):  # noqa: F811
    assert "There are no runs yet" in texts(visit("translate"))
    add_run(store, known, "Mine")
    assert "No run here translates pictures yet" in texts(visit("translate"))


def test_held_out_pictures_stand_beside_what_they_became_and_the_truth(store, run):  # noqa: F811
    at = visit("translate", run=run.id)
    assert not at.exception and not at.error, texts(at)
    assert len(at.get("image")) == 8, "four translations, and four true pictures"
    assert [each.label for each in at.get("download_button")][-1] == "Download all of them (zip)"
    at = drawn(at.number_input(key=f"translate:{run.id}:seed").set_value(5).run())
    asked = [dict(question.knobs) for question in store.asked if question.task == "translate"]
    assert [knobs["seed"] for knobs in asked] == [0, 5] and not at.error


def test_the_page_of_a_run_leads_to_what_can_be_done_with_pictures_and_names_the_rows_of_its_sheets(store, run):  # noqa: F811
    store.artifacts(run.id).put("samples/000000002.png", picture())
    at = visit("monitor", run=run.id)
    assert links(at, "Translate pictures") and not links(at, "Draw what it is made of")
    assert any("sources, their true pictures, what was made of the sources" in said for said in captions(at)), captions(at)
    store.update(run.id, facts=run.facts | {"palette": [[0], [255]]})
    assert links(visit("monitor", run=run.id), "Draw what it is made of")


def test_pictures_of_ones_own_come_back_in_their_own_shape(store, run):  # noqa: F811
    at = visit("translate", run=run.id)
    at = drawn(at.segmented_control(key=f"translate:{run.id}:way").set_value("My pictures").run())
    assert "Choose pictures on the left" in texts(at) and "It has learned what belongs to a noisy picture" in texts(at)
    at.file_uploader[0].upload("mine.png", picture(), "image/png")
    at = drawn(at.run())
    assert not at.error and len(at.get("image")) == 1, texts(at)
    where = next(question.checkpoint for question in store.asked if question.task == "translate")
    sent = json.dumps([["mine.png", base64.b64encode(picture()).decode()]])
    files = asking.answer(Question.of("translate", store.workspace, where, pictures=sent, fit="pad", to="target")).files
    assert Image.open(io.BytesIO(files["0.png"])).size == (20, 10)
    sent = json.dumps([["large.png", base64.b64encode(picture(1500, 300)).decode()]])
    files = asking.answer(Question.of("translate", store.workspace, where, pictures=sent)).files
    assert {name: Image.open(io.BytesIO(content)).size for name, content in files.items()} == {
        "0.png": (1500, 300), "0.shown.png": (1024, 205), "0.source.png": (1024, 205)}, "browsers get no more than they show"
    at = visit("translate", run=run.id)
    at = drawn(at.segmented_control(key=f"translate:{run.id}:way").set_value("My pictures").run())
    at.file_uploader[0].upload("mine.png", b"no picture", "image/png")
    at = drawn(at.run())
    assert is_a_sentence(at.error[0].value) and "mine" in at.error[0].value


def test_too_much_at_once_is_told(store, run):  # noqa: F811
    at = visit("translate", run=run.id)
    at = drawn(at.segmented_control(key=f"translate:{run.id}:way").set_value("My pictures").run())
    for number in range(6):
        at.file_uploader[0].upload(f"{number}.png", picture() + bytes(19 * 2**20), "image/png")
    at = drawn(at.run())
    assert "more than 100 MB together" in at.error[0].value and is_a_sentence(at.error[0].value)


def test_the_command_line_writes_a_picture_for_each(store, run, tmp_path):  # noqa: F811
    for name in ("a.png", "b.jpg"):
        (tmp_path / name).write_bytes(picture(12, 30))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.png").write_bytes(picture(9, 9))
    answer = cli("translate", run.id, tmp_path / "a.png", tmp_path / "b.jpg", tmp_path / "more" / "a.png", "--out",
                 tmp_path / "out", workspace=store.workspace)
    assert answer.code == 0, answer.err
    sizes = {path.name: Image.open(path).size for path in (tmp_path / "out").iterdir()}
    assert sizes == {"a.png": (12, 30), "b.png": (12, 30), "a 2.png": (9, 9)}


@pytest.mark.parametrize("arguments, says", [
    (("nowhere.png",), "cannot be read"), (("broken.png",), "broken.png is no picture"),
    (("fine.png", "--to", "sideways"), "no way to"),
    (("fine.png", "--fit", "stretch"), "pad")])
def test_what_cannot_be_translated_is_a_sentence(store, run, tmp_path, arguments, says):  # noqa: F811
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "fine.png").write_bytes(picture())
    answer = cli("translate", run.id, tmp_path / arguments[0], *arguments[1:], "--out", tmp_path / "out",
                 workspace=store.workspace)
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.said[-1])


def test_a_run_that_makes_samples_of_noise_translates_nothing(store, known, tmp_path):  # noqa: F811
    run = with_checkpoint(store, add_run(store, known, "Mine", values={"width": 8}))  # noqa: F811
    (tmp_path / "fine.png").write_bytes(picture())
    answer = cli("translate", run.id, tmp_path / "fine.png", "--out", tmp_path / "out", workspace=store.workspace)
    assert answer.code == 2 and "translates nothing" in answer.err


def test_of_several_pictures_a_bad_one_is_named_and_keeps_no_other_back(store, run, tmp_path):  # noqa: F811
    for name, content in (("a.png", picture()), ("bad.jpg", b"no picture"), ("c.png", picture(9, 9))):
        (tmp_path / name).write_bytes(content)
    given = [tmp_path / name for name in ("nowhere.png", "a.png", "bad.jpg", "c.png")]
    answer = cli("translate", run.id, *given, "--out", tmp_path / "out", workspace=store.workspace)
    assert answer.code == 1 and {path.name for path in (tmp_path / "out").iterdir()} == {"a.png", "c.png"}
    assert Image.open(tmp_path / "out" / "c.png").size == (9, 9)
    for sentence, start in zip(answer.said[-2:], (str(given[0]), "bad.jpg is no picture"), strict=True):
        assert sentence.startswith(start) and is_a_sentence(sentence)
    answer = cli("translate", run.id, *given[:1], given[2], "--out", tmp_path / "none", workspace=store.workspace)
    assert answer.code == 2 and answer.said[-1].startswith("bad.jpg is no picture") and not (tmp_path / "none").exists()
    at = visit("translate", run=run.id)
    at = drawn(at.segmented_control(key=f"translate:{run.id}:way").set_value("My pictures").run())
    for name in ("bad", "fine"):
        at.file_uploader[0].upload(f"{name}.png", picture() if name == "fine" else b"no picture", "image/png")
    at = drawn(at.run())
    assert not at.error and len(at.get("image")) == 1 and at.warning[0].value.startswith("bad.png is no picture")


@pytest.mark.parametrize("link", [False, True])
def test_no_picture_of_ones_own_is_replaced(store, run, tmp_path, link):  # noqa: F811
    (tmp_path / "mine.png").write_bytes(picture())
    out = tmp_path
    if link:
        out = tmp_path / "out"
        out.mkdir()
        (out / "mine.png").symlink_to(tmp_path / "mine.png")
    answer = cli("translate", run.id, tmp_path / "mine.png", "--out", out, workspace=store.workspace)
    assert answer.code == 2 and "would be replaced" in answer.err and is_a_sentence(answer.err)
    assert (tmp_path / "mine.png").read_bytes() == picture()


@pytest.mark.parametrize("page, shown", [("translate", "Restorer"), ("doodle", "Lines")])
def test_a_run_that_a_page_cannot_use_is_named_and_so_is_the_one_in_its_place(store, known, run, page, shown):  # noqa: F811
    lines = with_checkpoint(store, add_run(store, known, "Lines", architecture="pix2pix", data="digits+edges",
                                           values={"filters": 4, "batch_size": 4}))
    store.update(lines.id, facts=lines.facts | {"palette": [[255], [0]]})
    other = add_run(store, known, "Noise")
    at = visit(page, run=other.id)
    said, = [each.value for each in at.warning]
    assert is_a_sentence(said) and "Noise" in said and other.id[:6] in said
    chosen = store.get(at.query_params["run"]).name
    assert chosen in said.partition("cannot be used")[2] and not at.exception
    assert not visit(page, run=lines.id).warning
