"""What is odd: methods tell planted oddities, each picture by itself, on the command line and on the page."""

import base64
import json

import numpy as np
import pytest
from PIL import Image

from gan_core.anomalies import base, telling
from gan_core.anomalies.methods import broken, method, methods
from gan_core.data import texts as texts_of_data
from gan_core.errors import BadInput, Stopped
from gan_core.store import odd
from gan_core.tasks import background, process
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import drawn, known, store, texts, visit  # noqa: F401 (fixtures among them)
from helpers_zoo import trained, zoo_wide

PLAIN = [name for name, each in methods().items() if not each.needs_model]
THROUGH = [name for name, each in methods().items() if each.needs_model]


def normal(n, seed=0, side=8):
    """Grey images with a light bar across them, uint8 (n, side, side, 1)."""
    rng, images = np.random.default_rng(seed), np.full((n, side, side, 1), 30, np.uint8)
    for image in images:
        image[rng.integers(0, side - 2):][:2] = 220
    return images + rng.integers(0, 12, images.shape, dtype=np.uint8)


def strange(n, seed=1, side=8):
    """The same turned by a quarter."""
    return normal(n, seed, side).transpose(0, 2, 1, 3)


def test_the_methods_of_the_command_line_are_there():
    ours = ["fanogan", "anogan", "knn", "pca"]
    assert [name for name in methods() if name in ours] == ours and broken() == {}
    with pytest.raises(BadInput, match=", ".join(methods())) as refused:
        method("guess")
    assert is_a_sentence(str(refused.value))


@pytest.mark.parametrize("name", PLAIN)
def test_what_was_planted_is_found(name):
    look = method(name).learned(base.Subject(normal(300)), 0, 0, None, None)
    scores = base.judged(look, np.concatenate([normal(60, 5), strange(60)])).scores
    told = telling.told(scores, np.arange(120) >= 60)
    assert told.auroc > 0.95 and told.auroc_low <= told.auroc <= told.auroc_high


def a_model(noise_for, name="gan"):
    return trained(name, "images", noise_for), noise_for(name, "images")


@pytest.mark.parametrize("name", methods())
def test_a_score_does_not_depend_on_what_else_is_scored(noise_for, name):
    model, dataset = a_model(noise_for)
    look = method(name).learned(base.Subject(dataset.x, model, dataset), 2, 0, None, None)
    pictures = dataset.x[:5]
    together = base.judged(look, pictures)
    for number in range(len(pictures)):
        alone = base.judged(look, pictures[number:number + 1])
        assert alone.scores[0] == together.scores[number]
    turned = base.judged(look, np.concatenate([dataset.x[5:64], pictures]))
    np.testing.assert_array_equal(turned.scores[-5:], together.scores)
    assert together.like.shape == pictures.shape and np.isfinite(together.like).all()


@zoo_wide
@pytest.mark.parametrize("architecture", ["gan", "cgan", "vae", "infogan", "wgan_gp", "stylegan"])
@pytest.mark.parametrize("name", THROUGH)
def test_any_model_of_images_can_be_looked_through(noise_for, name, architecture):
    model, dataset = a_model(noise_for, architecture)
    before = [np.asarray(variable) for variable in model.variables]
    look = method(name).learned(base.Subject(dataset.x, model, dataset), 2, 0, None, None)
    found = base.judged(look, dataset.x[:3])
    assert np.isfinite(found.scores).all() and (found.scores > 0).all()
    assert all(np.array_equal(old, np.asarray(new)) for old, new in zip(before, model.variables)), "nothing of it moves"


def test_the_encoder_is_trained_once_and_learns(noise_for, tmp_path):
    model, dataset = a_model(noise_for)

    def scores(steps):
        told = []
        subject = base.Subject(dataset.x, model, dataset, tmp_path, "noise")
        look = method("fanogan").learned(subject, steps, 0, told.append, None)
        return base.judged(look, dataset.x[:20]).scores, told

    few, _ = scores(1)
    more, told = scores(120)
    assert more.mean() < few.mean() and told[-1] == 1
    again, told = scores(120)
    assert told == [] and np.array_equal(again, more), "it is kept"
    with pytest.raises(Stopped):
        method("fanogan").learned(base.Subject(dataset.x, model, dataset), 50, 0, None, lambda: True)


def test_the_area_is_the_chance_that_an_odd_one_scores_higher():
    rng = np.random.default_rng(0)
    scores, is_odd = rng.integers(0, 6, 60).astype(float), rng.random(60) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[is_odd] for b in scores[~is_odd]]
    assert telling.told(scores, is_odd).auroc == pytest.approx(np.mean(pairs))
    assert telling.told(scores, np.zeros(60, bool)) is None
    assert telling.threshold(np.arange(100.0), 0.95) == 95 and telling.threshold([3.0], 0.5) == 3
    with pytest.raises(BadInput, match="no normal pictures"):
        telling.threshold([], 0.95)


# On the command line


@pytest.fixture
def run(store, known):  # noqa: F811
    return with_checkpoint(store, add_run(store, known, "Mine", values={"width": 8, "latent": 4}))


def test_the_command_line_tells_scores_threshold_and_areas(store, run, tmp_path):  # noqa: F811
    answer = cli("anomalies", run.id, "--method", "knn", "--normal", "0,1,2,3", "--n", 60, "--json",
                 "--out", tmp_path / "out", workspace=store.workspace)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["method"] == "knn" and len(found["scores"]) == 60 and set(found["methods"]) == {"knn"}
    assert all({"index", "score", "odd", "class"} <= one.keys() for one in found["scores"])
    assert all(one["odd"] == (one["score"] > found["threshold"]) for one in found["scores"])
    assert 0.5 < found["methods"]["knn"]["auroc"] <= 1
    assert any("does not depend on the others" in said for said in found["protocol"])
    assert len(list((tmp_path / "out").glob("*.png"))) == 61, "one for each, and the sheet"
    by_model = cli("anomalies", run.id, "--method", "anogan", "--normal", "0,1", "--n", 30, "--steps", 1, "--json",
                   workspace=store.workspace)
    assert set(json.loads(by_model.out)["methods"]) == {"anogan", "knn", "pca"}, "the plain ones stand beside"
    kept = {one["key"] for one in odd.RESULTS.kept(store.artifacts(run.id))}
    assert kept == {found["key"], json.loads(by_model.out)["key"]}


def test_a_folder_of_pictures_is_told_by_the_names_of_its_files(store, run, tmp_path):  # noqa: F811
    for name in ("good/a.png", "good/b.png", "bad/a.png"):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(len(name)).integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(path)
    (tmp_path / "set" / "bad" / "broken.png").write_bytes(b"no picture")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "set" / "bad" / "large.png")  # more than Pillow decodes
    answer = cli("anomalies", run.id, "--method", "pca", "--data", tmp_path / "set", "--normal", "good", "--json",
                 workspace=store.workspace)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert {one["file"]: one["class"] for one in found["scores"]} == {"good/a.png": "good", "good/b.png": "good",
                                                                      "bad/a.png": "bad"}
    assert any("2 files could not be read" in said for said in found["protocol"])
    single = cli("anomalies", run.id, "--method", "pca", "--data", tmp_path / "set" / "good" / "a.png", "--out",
                 tmp_path / "one", workspace=store.workspace)
    assert single.code == 0 and "a.png" in single.out, single.err
    assert {path.name for path in (tmp_path / "one").iterdir()} == {"sheet.png", "a.png"}
    sent = [[name, base64.b64encode((tmp_path / "set" / name).read_bytes()).decode()]
            for name in ("bad/broken.png", "good/a.png", "bad/large.png")]
    record = background.start(store, "anomalies", run, {"method": "pca", "pictures": json.dumps(sent)})
    background.claim(store, record)
    process.work(store, record.id)
    found = next(one for one in odd.RESULTS.kept(store.artifacts(run.id)) if "sent" in one["data"])
    assert [one["file"] for one in found["scores"]] == ["a.png"]
    assert [said.split(" ")[0] for said in found["left_out"]] == ["broken.png", "large.png"]
    assert all(map(is_a_sentence, found["left_out"]))
    plain = cli("anomalies", run.id, "--method", "pca", "--data", tmp_path / "set" / "good", workspace=store.workspace)
    assert plain.code == 0 and "a.png" in plain.out and "AUROC" not in plain.out


@pytest.mark.parametrize("arguments, says", [
    (("--method", "guess"), "fanogan"), (("--normal", "cat"), "no class 'cat'"),
    (("--data", "nowhere/at/all"), "no file or folder"),
    (("--data", "nothing"), "no dataset"), (("--data", "ring"), "no set of images"),
    (("--data", "notes.txt"), "notes.txt is no picture that can be read; give"),
    (("--data", "tiny.png"), "tiny.png has 1 x 1 pixels"), (("--data", "whole.png", "--out", "."), "would be replaced"),
    (("--data", "rows.csv"), "is a table and no set of images"), (("--normal", '0,"a,b"'), "no class 'a,b'"),
    (("--n", "0"), "between 1"),
    (("--quantile", "2"), "between 0.5")])
def test_what_cannot_be_looked_for_is_a_sentence(store, run, tmp_path, monkeypatch, arguments, says):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "notes.txt").write_text("no picture")
    for name, side in (("tiny.png", 1), ("whole.png", 9)):
        Image.new("L", (side, side)).save(tmp_path / name)
    chosen = arguments if "--method" in arguments else (*arguments, "--method", "knn")
    answer = cli("anomalies", run.id, *chosen, workspace=store.workspace)
    assert answer.code == 2 and says in answer.err and is_a_sentence(answer.said[-1])


def test_a_run_that_translates_is_refused_as_on_the_page(store, known):  # noqa: F811
    run = add_run(store, known, architecture="pix2pix", data="digits+noisy")
    answer = cli("anomalies", run.id, "--method", "knn", workspace=store.workspace)
    assert answer.code == 2 and "runs on images that draw images" in answer.err and is_a_sentence(answer.said[-1])
    assert odd.RESULTS.kept(store.artifacts(run.id)) == []


@pytest.mark.parametrize("out", ["set", "set/maps", "linked", "elsewhere"])
def test_no_picture_that_is_looked_at_is_replaced(store, run, tmp_path, out):  # noqa: F811
    for name in ("set", "elsewhere"):
        (tmp_path / name).mkdir()
        Image.fromarray(normal(1)[0, ..., 0]).save(tmp_path / name / "a.png")
    (tmp_path / "linked").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "more").symlink_to(tmp_path / "elsewhere")
    before = {path: path.read_bytes() for path in tmp_path.glob("*/*.png")}
    answer = cli("anomalies", run.id, "--method", "knn", "--data", tmp_path / "set", "--out", tmp_path / out,
                 workspace=store.workspace)
    assert answer.code == 2 and "would be replaced" in answer.err and is_a_sentence(answer.err)
    assert {path: path.read_bytes() for path in tmp_path.glob("*/*.png")} == before and not (tmp_path / "set/maps").exists()
    assert odd.RESULTS.kept(store.artifacts(run.id)) == []


def test_a_place_that_cannot_be_written_is_told_before_anything_is_looked_at(store, run, tmp_path):  # noqa: F811
    (tmp_path / "file").write_text("in the way")
    for out, says in (("/proc/nosuch", "could not be written"), (tmp_path / "file" / "x", "could not be written"),
                      (tmp_path / "file", "is no folder")):
        answer = cli("anomalies", run.id, "--method", "knn", "--out", out, workspace=store.workspace)
        assert answer.code == 2 and says in answer.err and is_a_sentence(answer.err)
    assert odd.RESULTS.kept(store.artifacts(run.id)) == []


def test_a_class_with_a_comma_stands_in_quotes(store, run, tmp_path):  # noqa: F811
    for place, name in enumerate(("a,b/0.png", "a,b/1.png", "c/2.png")):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(normal(1, place)[0, ..., 0]).save(path)
    answer = cli("anomalies", run.id, "--method", "knn", "--data", tmp_path / "set", "--normal", '"a,b"', "--json",
                 workspace=store.workspace)
    assert answer.code == 0 and set(json.loads(answer.out)["methods"]) == {"knn"}, answer.err
    told = cli("anomalies", run.id, "--method", "knn", "--data", tmp_path / "set", "--normal", "a,b",
               workspace=store.workspace)
    assert told.code == 2 and 'there are "a,b", c.' in told.err
    assert texts_of_data.names(",".join(map(texts_of_data.quoted, ("a,b", 'say "x"', "c")))) == ["a,b", 'say "x"', "c"]


def test_a_run_on_points_finds_nothing_odd(store, known):  # noqa: F811
    run = with_checkpoint(store, add_run(store, known, "Points", data="ring", values={"points_width": 8}))  # noqa: F811
    assert "runs on images" in texts(visit("anomalies", run=run.id)) or "No run here has learned images" in texts(
        visit("anomalies", run=run.id))


# On the page


def test_the_page_starts_it_and_shows_what_was_found(store, run):  # noqa: F811
    at = visit("anomalies", run=run.id)
    assert not at.error and "Nothing was looked for" in texts(at)
    at = drawn(at.selectbox(key=f"odd:{run.id}:method").set_value("pca").run())
    at = drawn(at.multiselect(key=f"odd:{run.id}:normal").set_value(["0", "1"]).run())
    at = drawn(next(button for button in at.button if button.label == "Find odd ones").click().run())
    record, = store.tasks.list(kind="anomalies")
    assert record.config["method"] == "pca" and record.config["normal"] == "0,1"
    background.claim(store, record)
    ended = process.work(store, record.id)
    assert ended.status == "finished", ended.message
    at = visit("anomalies", run=run.id)
    assert not at.error and "pictures are odd" in texts(at) and at.metric and len(at.get("image")) == 1
