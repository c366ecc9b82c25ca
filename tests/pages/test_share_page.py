"""Share: a run becomes a page that can be downloaded."""

import numpy as np
import pytest

from gan_core.errors import BadInput
from gan_core.sharing import curves, weights
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import click, known, store, texts, visit  # noqa: F401 (fixtures among them)
from helpers_checkpoints import with_checkpoint


@pytest.fixture
def run(store, known):  # noqa: F811
    return with_checkpoint(store, add_run(store, known, "Mine", architecture="gan", data="digits",
                                          values={"width": 8, "latent": 4}))


def test_an_empty_workspace_says_where_to_begin(store, known):  # noqa: F811
    at = visit("share")
    assert "There are no runs yet" in texts(at) and not at.exception


def test_a_run_without_a_checkpoint_says_so(store, known):  # noqa: F811
    run = add_run(store, known, "Mine")
    at = visit("share", run=run.id)
    assert "without a checkpoint" in texts(at) and not at.exception


def test_the_page_makes_a_demo_and_shows_it(run, store):  # noqa: F811
    at = visit("share", run=run.id)
    assert not at.get("download_button")
    at.text_input(key=f"share:{run.id}:title").set_value("Ours <b>")
    at.text_area(key=f"share:{run.id}:text").set_value("Made by us.")
    at = click(at, "Make the demo")
    assert not at.error and not at.exception
    assert [each.label for each in at.get("download_button")] == ["Download the demo (0.3 MB)"]
    assert "<h1>Ours &lt;b&gt;</h1>" in at.get("iframe")[0].proto.srcdoc
    asked = [dict(question.knobs) for question in store.asked if question.task == "demo"]
    assert asked == [{"title": "Ours <b>", "text": "Made by us.", "precision": "int8"}]


def test_the_command_writes_one_page(run, store, tmp_path):  # noqa: F811
    answer = cli("demo", run.id, "--out", tmp_path / "mine.html", "--title", "Ours", "--text", "Made by us.",
                 workspace=store.workspace)
    assert answer.code == 0 and "mine.html is a page of" in answer.err, answer.err
    page = (tmp_path / "mine.html").read_text()
    assert "<h1>Ours</h1>" in page and "Made by us." in page and "http-equiv=\"Content-Security-Policy\"" in page


@pytest.mark.parametrize("arguments, says", [
    (["--out", "x.txt"], "ends in .html"), (["--out", "x.html", "--precision", "int4"], "int8, float16, float32"),
    (["--out", "x.html", "--title", "x" * 10_000], "at most 200"), (["--out", "x.html", "--checkpoint", "7"], "it has 1000"),
    (["--out", "/dev/full"], "ends in .html")])
def test_what_cannot_be_done_is_a_sentence_and_leaves_nothing(run, store, tmp_path, monkeypatch, arguments, says):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    answer = cli("demo", run.id, *arguments, workspace=store.workspace)
    assert answer.code in (1, 2) and says in answer.err and is_a_sentence(answer.said[-1]), answer.err
    assert [path.name for path in tmp_path.iterdir() if "x." in path.name] == []


def test_pixel_by_pixel_cannot_leave(store, known, tmp_path):  # noqa: F811
    run = with_checkpoint(store, add_run(store, known, "Slow", architecture="pixelcnn", data="digits",
                                         values={"filters": 4, "blocks": 1}))
    answer = cli("demo", run.id, "--out", tmp_path / "x.html", workspace=store.workspace)
    assert answer.code == 2 and "pixel by pixel" in answer.err and not (tmp_path / "x.html").exists()


def test_an_unknown_precision_is_refused():
    with pytest.raises(BadInput, match="not in 'int3'"):
        weights.packed(None, "int3")


def test_curves_are_thinned_and_gaps_left_out():
    steps, values = curves.thinned(np.arange(1000), np.where(np.arange(1000) == 500, np.nan, 1.0))
    assert len(steps) == curves.POINTS and steps[-1] == 999 and np.isfinite(values).all()
    assert curves.picture("<b>", [("<i>", [1, 2], [0.0, 1.0])]).count("&lt;") == 3 and curves.picture("x", []) == ""


def way(run, title):
    at = visit("share", run=run.id)
    at.segmented_control(key="share:way").set_value(title)
    return at.run()


@pytest.mark.parametrize("form", ["onnx", "keras", "safetensors"])
def test_the_page_makes_a_file_for_other_programs_and_its_card(run, store, form):  # noqa: F811
    at = way(run, "Model file")
    at.selectbox(key=f"export:{run.id}:format").set_value(form)
    at.text_input(key=f"export:{run.id}:licence").set_value("mit")
    at = click(at, "Make the file")
    assert not at.error and not at.exception, texts(at)
    assert [each.label for each in at.get("download_button")] == [f"Download model.{form}", "Download its card"]
    assert "differ from the workbench's by at most" in texts(at) and 'license: "mit"' in at.get("code")[0].value


def test_the_page_makes_a_site_of_several_runs(run, store, known):  # noqa: F811
    second = with_checkpoint(store, add_run(store, known, "Second", architecture="gan", data="ring",
                                            values={"points_width": 8, "latent": 4}))
    at = click(way(run, "Site"), "Make the site")
    assert "Choose a run or more" in texts(at) and not at.get("download_button")
    at.multiselect(key="site:runs").set_value([run.id, second.id])
    at = click(at, "Make the site")
    assert [each.label for each in at.get("download_button")] == ["Download the site (0.3 MB)"] and not at.exception
    empty = add_run(store, known, "Empty")
    at = way(run, "Site")
    at.multiselect(key="site:runs").set_value([run.id, empty.id])
    at = click(at, "Make the site")
    assert not at.get("download_button") and "no checkpoint" in at.error[0].value


def test_a_run_leaves_the_page_as_a_whole_and_comes_back(run, store, tmp_path):  # noqa: F811
    at = way(run, "Whole run")
    assert [each.label for each in at.get("download_button")] == ["Download the run"] and not at.exception
    answer = cli("pack", run.id, "--out", tmp_path / "run.zip", workspace=store.workspace)
    assert answer.code == 0
    for content, says in (((tmp_path / "run.zip").read_bytes(), "is here now"), (b"PK nonsense", "")):
        at = way(run, "Whole run")
        at.get("file_uploader")[0].upload("run.zip", content, "application/zip")
        at = click(at, "Take it in")
        assert not at.exception
        assert says in texts(at) if says else at.error and is_a_sentence(at.error[0].value)
