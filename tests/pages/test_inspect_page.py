"""The page that looks inside the networks of a run."""

import io

import pytest
from PIL import Image

from gan_core import data
from gan_core.store import QUEUED, RUNNING
from gan_core.store.artifacts import checkpoint_name
from gan_core.tasks.asking import Checkpoint, Question
from gan_core.tasks.compute import Compute
from helpers_checkpoints import with_checkpoint
from helpers_pages import add_run
from helpers_runs import is_a_sentence
from helpers_visits import drawn, known, links, store, texts, visit  # noqa: F401 (fixtures among them)
from pages.components import inside_view

SMALL = {"width": 8, "batch_size": 8, "ema_decay": 0.9}


def test_the_page_shows_a_sample_its_saliency_and_a_layer(store, known):
    run = with_checkpoint(store, add_run(store, known, "Seen", values=SMALL))
    at = visit("inspect", run=run.id)
    assert not at.error and len(at.get("image")) == 3
    assert [each.label for each in at.metric] == ["Logit of the discriminator"]
    shown = [each.captions[0] for each in at.get("image")]
    assert shown[0] == "Generated sample" and shown[1].startswith("Saliency")
    before = at.get("image")[0].proto.imgs[0].url
    at = drawn(at.segmented_control(key="inspect:real").set_value("Real").run())
    assert at.get("image")[0].captions[0].startswith("Real sample, class ")
    assert at.number_input(key=f"inspect:{run.id}:number").max == len(data.load("digits"))
    assert at.get("image")[0].proto.imgs[0].url != before
    at = drawn(at.segmented_control(key=f"inspect:{run.id}:network").set_value("generator").run())
    assert "sees no real samples" in texts(at)
    layer = at.selectbox(key=f"inspect:{run.id}:generator:layer")
    at = drawn(layer.set_value("reshape_1").run())
    assert "1 channels" in texts(at) and not at.error


def test_the_page_shows_the_nearest_training_images(store, known):
    run = with_checkpoint(store, add_run(store, known, "Seen", values=SMALL))
    at = visit("inspect", run=run.id)
    at = drawn(at.toggle(key="inspect:near").set_value(True).run())
    assert not at.error and len(at.get("image")) == 4
    assert [each.captions[0] for each in at.get("image")][2].startswith("Nearest first: ") and "no copy" in texts(at)
    at = drawn(at.segmented_control(key="inspect:real").set_value("Real").run())
    assert "nearest other image" in texts(at) and not at.error


def test_a_class_that_calls_itself_one_is_not_called_so_twice():
    assert [inside_view.of_class(name) for name in ("7", "cats", "class 0", "Class A")] == [
        "class 7", "class cats", "class 0", "Class A"]


def test_the_page_asks_for_a_class_where_the_model_has_one(store, known):
    run = with_checkpoint(store, add_run(store, known, architecture="cgan", values={"filters": 4, "embedding": 4}))
    at = visit("inspect", run=run.id)
    at = drawn(at.selectbox(key=f"inspect:{run.id}:class").set_value(7).run())
    assert at.get("image")[0].captions[0] == "Generated sample, class 7" and not at.error


def test_points_have_slopes_along_their_coordinates(store, known):
    run = with_checkpoint(store, add_run(store, known, data="ring", values={"points_width": 8}))
    at = visit("inspect", run=run.id)
    assert "along the two coordinates" in texts(at) and len(at.get("image")) == 2 and not at.error


def test_any_kept_checkpoint_can_be_chosen(store, known):
    run = add_run(store, known, "Kept", values=SMALL, status=RUNNING, step=600)
    for step in (200, 400, 600):
        with_checkpoint(store, run, step)
    at = visit("inspect", run=run.id)
    chosen = at.selectbox(key=f"inspect:{run.id}:step")
    assert list(chosen.options) == ["Step 600", "Step 400", "Step 200"] and chosen.value == 600
    at = drawn(chosen.set_value(200).run())
    store.artifacts(run.id).remove(checkpoint_name(200))  # a newer one took its place
    at = drawn(at.run())
    assert at.selectbox(key=f"inspect:{run.id}:step").value == 600 and not at.error


@pytest.mark.parametrize("status, told", [(QUEUED, "no checkpoint yet"), (RUNNING, "no checkpoint yet"),
                                          ("failed", "without a checkpoint")])
def test_a_run_without_a_checkpoint_says_so(store, known, status, told):
    run = add_run(store, known, status=status, step=0)
    at = visit("inspect", run=run.id)
    assert told in at.info[0].value and is_a_sentence(at.info[0].value.split(". ")[0] + ".")
    assert not at.get("image")


def test_a_checkpoint_that_cannot_be_read_is_a_sentence(store, known):
    run = add_run(store, known, values=SMALL)
    store.artifacts(run.id).put(checkpoint_name(1000), b"no weights")
    at = visit("inspect", run=run.id)
    told = at.warning[0].value.replace("\\", "")
    assert f"{checkpoint_name(1000)} of the run {run.id} is damaged: it is no file of weights." in told
    assert "without a whole checkpoint" in at.info[0].value and not at.error


def test_the_monitor_links_to_the_inside(store, known):
    run = add_run(store, known)
    assert links(visit("monitor", run=run.id), "Inside its networks") == [("inspect", f"run={run.id}")]


def test_the_answers_come_from_a_process_of_its_own(store, known):
    run = with_checkpoint(store, add_run(store, known, values=SMALL))
    where = Checkpoint(run.id, 1000, store.artifacts(run.id).entry(checkpoint_name(1000)).version)
    own, ask = Compute(store.workspace), lambda task, **knobs: own.ask(Question.of(task, store.workspace, where, **knobs))
    try:
        networks = ask("networks").result(120).values["networks"]
        assert [each["name"] for each in networks] == ["generator", "discriminator"]
        maps = ask("feature_maps", place=2, network="generator", layer="dense_1").result(60)
        assert Image.open(io.BytesIO(maps.files["maps.png"])).format == "PNG"
        assert "heat.png" in ask("saliency", place=2, real=True).result(60).files
    finally:
        own.close()
