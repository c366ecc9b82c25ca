"""Explore: directions that are looked for, what is kept, and a picture of one's own."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from gan_core.errors import BadInput
from gan_core.store import artifacts, explored
from gan_core.tasks import process
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_stores import whole
from helpers_visits import click, known, store, texts, visit  # noqa: F401 (fixtures among them)

DIRECTION = {"input": "latent", "vector": [1.0, 0.0, 0.0, 0.0], "deviation": 1.0, "reach": 3.0, "found": "pca"}


@pytest.fixture
def run(store, known):  # noqa: F811
    return with_checkpoint(store, add_run(store, known, "Mine", architecture="gan", data="digits",
                                          values={"width": 8, "latent": 4}))


def way(run, title, **query):
    at = visit("explore", run=run.id, **query)
    at.segmented_control(key="explore:way").set_value(title)
    return at.run()


def picture(side=8):
    file = io.BytesIO()
    Image.fromarray(np.arange(side * side, dtype=np.uint8).reshape(side, side)).save(file, "PNG")
    return file.getvalue()


def test_an_empty_workspace_and_a_run_without_a_checkpoint_say_so(store, known):  # noqa: F811
    assert "There are no runs yet" in texts(visit("explore"))
    assert "without a checkpoint" in texts(visit("explore", run=add_run(store, known, "Mine").id))


@pytest.mark.parametrize("architecture, data, says", [
    ("pixelcnn", "digits", "pixel by pixel"), ("lstm", "tunes", "character by character"),
    ("wavenet", "tones", "number by number"), ("graf", "digits", "many times for each pixel")])
def test_what_cannot_be_walked_in_says_so_and_offers_nothing(store, known, architecture, data, says):  # noqa: F811
    run = add_run(store, known, "No", architecture=architecture, data=data, sheets_at=())
    store.artifacts(run.id).put(artifacts.checkpoint_name(1000), whole())
    at = visit("explore", run=run.id)
    assert not at.exception and not at.error and says in at.info[0].value and "this run has none" in at.info[0].value
    assert not at.get("segmented_control"), "no ways to choose among, none of which leads anywhere"
    at = visit("share", run=run.id)
    assert not at.exception and not at.error and says in at.info[0].value and not at.get("form")
    assert "can be written to files" in at.info[0].value, "what can be done in its place"
    at = at.segmented_control(key="share:way").set_value("Model file").run()
    assert says in at.info[0].value and not at.exception
    assert [option.partition(":")[0] for option in at.selectbox(key=f"export:{run.id}:format").options] == ["Safetensors"]


def test_a_picture_of_ones_own_is_looked_for_in_models_of_images_alone(run, store, known):  # noqa: F811
    ways = [visit("explore", run=each.id).segmented_control(key="explore:way").options for each in (
        run, with_checkpoint(store, add_run(store, known, "Rows", architecture="gan", data="wine",
                                            values={"points_width": 8, "latent": 4})))]
    assert ways == [["Walk", "Directions", "My picture", "Kept"], ["Walk", "Directions", "Kept"]]


@pytest.mark.parametrize("architecture, data, values", [
    ("gan", "ring", {"points_width": 8, "latent": 4}), ("gan", "wine", {"points_width": 8, "latent": 4}),
    ("cgan", "digits", {"filters": 4, "latent": 4}), ("stylegan", "digits", {"filters": 4, "latent": 4})])
def test_directions_are_found_named_and_kept(store, known, architecture, data, values):  # noqa: F811
    run = with_checkpoint(store, add_run(store, known, "Mine", architecture=architecture, data=data, values=values))
    at = click(way(run, "Directions"), "Find directions")
    assert not at.exception and not at.error, texts(at)
    assert len(at.get("html" if data == "wine" else "image")) >= 4
    at.text_input(key=f"explore:{run.id}:name:pca 2").set_value("  rounder   <b> ")
    at.run()
    at.button(key=f"explore:{run.id}:keep:1:0").click()
    at.run()
    (kept,) = explored.kept(store.artifacts(run.id))["directions"]
    assert kept["name"] == "rounder <b>" and kept["found"] == "pca" and len(kept["vector"]) == 4
    at = visit("explore", run=run.id)
    assert not at.exception and not at.error
    before, after = [dict(question.knobs)["kept"] for question in store.asked if question.task == "explorer"]
    assert not before and after, "another page than before anything was kept"


def test_what_is_kept_is_renamed_and_forgotten(run, store):  # noqa: F811
    held = store.artifacts(run.id)
    assert "Nothing is kept yet" in texts(way(run, "Kept"))
    explored.keep_direction(held, "one", **DIRECTION)
    explored.keep_direction(held, "two", **DIRECTION)
    explored.keep_point(held, "seven", {"latent": [0.0] * 4})
    at = way(run, "Kept")
    for other, says in (("two", "already"), ("", "1 to 60"), ("thick", "")):
        at.text_input(key=f"explore:{run.id}:directions:one:name").set_value(other)
        at = at.run()
        at.button(key=next(button.key for button in at.button if "directions:one:rename" in button.key)).click()
        at = at.run()
        assert (says in at.error[0].value and is_a_sentence(at.error[0].value)) if says else not at.error
    at.button(key=next(button.key for button in at.button if "points:seven:forget" in button.key)).click()
    at.run()
    told = explored.kept(held)
    assert sorted(there["name"] for there in told["directions"]) == ["thick", "two"] and told["points"] == []


def test_an_address_opens_the_same_sample(run, store):  # noqa: F811
    explored.keep_point(store.artifacts(run.id), "seven", {"latent": [0.0] * 4})
    at = visit("explore", run=run.id, point="seven")
    assert not at.warning and [dict(question.knobs)["point"] for question in store.asked] == ["seven"]
    at = visit("explore", run=run.id, point="gone <b>")
    assert "keeps no sample called" in at.warning[0].value and not at.exception


def test_a_picture_of_ones_own_is_looked_for_in_the_background(run, store):  # noqa: F811
    at = click(way(run, "My picture"), "Look for it")
    assert "Choose a picture first" in texts(at)
    at.get("file_uploader")[0].upload("mine.png", b"no picture", "image/png")
    at = click(at, "Look for it")
    assert "no picture that can be read" in at.error[0].value
    at.get("file_uploader")[0].upload("mine.png", picture(), "image/png")
    at.number_input(key=f"explore:{run.id}:steps").set_value(10)
    at.number_input(key=f"explore:{run.id}:starts").set_value(1)
    at = click(at, "Look for it")
    (record,) = store.tasks.list(kind="project", run=run.id)
    assert not at.error and len(record.config["picture"]) < 400, "as small as the model's own"
    store.tasks.move(record.id, "running", only_from=[record.status])
    done = process.work(store, record.id)
    assert done.status == "finished", done.message
    at = way(run, "My picture")
    assert at.metric[0].value.endswith("dB") and not at.exception
    at = click(at, "Keep it, and walk from there")
    (point,) = explored.kept(store.artifacts(run.id))["points"]
    assert point["name"] == "my picture" and len(point["inputs"]["latent"]) == 4


def test_marks_become_a_direction(run, store):  # noqa: F811
    answer = cli("do", "own_direction", run.id, "--set", f"having={json.dumps([{'latent': [1, 0, 0, 0]}])}", "--set",
                 f"lacking={json.dumps([{'latent': [-1, 0, 0, 0]}])}", "--json", workspace=store.workspace)
    assert answer.code == 0, answer.err
    for wrong in ("[1]", "nonsense", json.dumps([{"latent": [1]}]), json.dumps([{"latent": [1e400, 0, 0, 0]}])):
        answer = cli("do", "own_direction", run.id, "--set", f"having={wrong}", workspace=store.workspace)
        assert answer.code == 2 and "not of this model" in answer.said[-1] and is_a_sentence(answer.said[-1])
    answer = cli("do", "own_direction", run.id, workspace=store.workspace)
    assert answer.code == 2 and "Mark at least one" in answer.said[-1]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"directions": 1, "points": [{"name": 1}]}',
                                     b'{"directions": [{"name": "x", "input": "latent", "vector": ["<b>"]}]}'])
def test_what_is_damaged_is_left_out(run, store, content):  # noqa: F811
    held = store.artifacts(run.id)
    held.put(explored.NAME, content)
    assert explored.kept(held) == {"directions": [], "points": []}
    assert not visit("explore", run=run.id).exception
    explored.keep_point(held, "one", {"latent": [0.0] * 4})
    assert [point["name"] for point in explored.kept(held)["points"]] == ["one"]


@pytest.mark.parametrize("point", [None, {}, {"latent": []}, {"latent": [float("nan")]}, {"latent": ["1"]}, {1: [1.0]},
                                   [1.0]])
def test_what_is_no_point_is_refused(run, store, point):  # noqa: F811
    with pytest.raises(BadInput) as refused:
        explored.keep_point(store.artifacts(run.id), "one", point)
    assert is_a_sentence(str(refused.value))


def test_the_verbs_write_strips_points_and_numbers(run, store, tmp_path):  # noqa: F811
    (tmp_path / "mine.png").write_bytes(picture())
    for method in ("pca", "sefa", "random"):
        answer = cli("directions", run.id, "--method", method, "--n", 3, "--out", tmp_path / "s.png", "--npz",
                     tmp_path / "d.npz", workspace=store.workspace)
        assert answer.code == 0, answer.err
        told = np.load(tmp_path / "d.npz")
        assert told["directions"].shape == (3, 4) and told["strength"].shape == (3,)
        assert Image.open(tmp_path / "s.png").size[0] > Image.open(tmp_path / "s.png").size[1]
    answer = cli("project", run.id, tmp_path / "mine.png", "--out", tmp_path / "p.png", "--npz", tmp_path / "p.npz",
                 "--steps", 5, "--starts", 2, "--seed", 1, workspace=store.workspace)
    assert answer.code == 0 and answer.out.startswith("psnr "), answer.err
    told = np.load(tmp_path / "p.npz")
    assert told["latent"].shape == (1, 4) and told["samples"].shape == (1, 32, 32, 1)
    assert told["samples"].dtype == np.uint8
    assert abs(float(answer.out.split()[1]) - told["psnr"]) < 0.01


@pytest.mark.parametrize("arguments, says", [
    (("directions",), "Say where it goes"), (("directions", "--out", "a.jpg"), "ends in .png"),
    (("directions", "--out", "a.png", "--method", "umap"), "choose from pca, random, sefa"),
    (("directions", "--out", "a.png", "--n", "9"), "From 1 to 4"), (("directions", "--npz", "a.txt"), "ends in .npz"),
    (("project", "gone.png", "--out", "a.png"), "cannot be read"), (("project", "mine.txt", "--out", "a.png"), "no picture"),
    (("project", "mine.png", "--out", "a.png", "--label", "99"), "no class 99"),
    (("project", "mine.png", "--out", "a.png", "--steps", "0"), "Steps must")])
def test_what_cannot_be_done_is_a_sentence_and_leaves_no_file(run, store, tmp_path, monkeypatch, arguments, says):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.png").write_bytes(picture())
    (tmp_path / "mine.txt").write_text("text")
    verb, *rest = arguments
    answer = cli(verb, run.id, *rest, workspace=store.workspace)
    assert answer.code == 2 and says in answer.said[-1] and is_a_sentence(answer.said[-1]), answer.said
    assert not any((tmp_path / name).exists() for name in ("a.png", "a.npz", "a.jpg", "a.txt"))


def test_a_demo_has_what_was_kept(run, store, tmp_path):  # noqa: F811
    held = store.artifacts(run.id)
    explored.keep_direction(held, "thicker </script>", **DIRECTION)
    explored.keep_direction(held, "of another model", **DIRECTION | {"vector": [1.0, 2.0]})
    explored.keep_point(held, "seven", {"latent": [0.5] * 4})
    answer = cli("demo", run.id, "--out", tmp_path / "x.html", workspace=store.workspace)
    assert answer.code == 0
    page = (tmp_path / "x.html").read_text()
    told = json.loads(page.split('id="demo">')[1].split("</script>")[0])["explore"]
    assert [there["title"] for there in told["directions"]] == ["thicker </script>"]
    assert [there["name"] for there in told["points"]] == ["seven"] and not told["within"]


def test_strips_of_a_table_are_tables(store, known, tmp_path):  # noqa: F811
    run = with_checkpoint(store, add_run(store, known, "Rows", data="wine", values={"points_width": 8, "latent": 4}))
    refused = cli("directions", run.id, "--n", 2, "--out", tmp_path / "strips.png", workspace=store.workspace)
    assert refused.code == 2 and "ends in .html" in refused.err
    assert cli("directions", run.id, "--n", 2, "--out", tmp_path / "strips.html", workspace=store.workspace).code == 0
    page = (tmp_path / "strips.html").read_text()
    assert page.count("<table>") == 2 and page.count("alcohol") == 2 and page.count("<td>") == 2 * 13 * 7
