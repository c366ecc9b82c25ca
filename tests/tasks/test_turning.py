"""Samples that are turned: their views, the files that show them, the task, the verb, and the Draw page."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from gan_core.errors import BadInput, Stopped
from gan_core.evaluation import pose_reading
from gan_core.modalities import drawing
from gan_core.models.registry import architecture
from gan_core.tasks import asking, evaluation, models, sampling, turning
from gan_core.tasks.asking import Question
from gan_core.tasks.registry import task
from helpers_checkpoints import with_checkpoint
from helpers_drawing import CGAN
from helpers_pages import add_run
from helpers_runs import cli, is_a_sentence
from helpers_visits import drawn, known, store, visit  # noqa: F401 (fixtures)

pytestmark = pytest.mark.settled

TINY = {name: architecture("graf").Config.tiny().as_dict()[name]
        for name in ("width", "depth", "samples", "patch", "shape", "appearance", "filters", "octaves")}


@pytest.fixture
def graf(store, known):
    return with_checkpoint(store, add_run(store, known, "Turning", architecture="graf", values=TINY, data="boxes"))


@pytest.fixture
def model(store, graf):
    return models.load(store, graf, None)[0]


def test_views_are_those_of_the_samples_of_the_seed(model):
    turned = turning.turned(model, 2, 4, seed=3, chosen={"elevation": "20"}, first=1)
    assert turned.views.shape == (2, 4, *model.data.shape) and turned.depth.shape == (2, 4, *model.data.shape[:2], 1)
    assert turned.angles.tolist() == [0, 90, 180, 270] and turned.round
    alone, _ = sampling.draw_from(model, 3, seed=3, chosen={"elevation": 20, "turn": 180})
    np.testing.assert_allclose(turned.views[:, 2], alone[1:], atol=1e-5)


def test_it_can_be_stopped(model):
    with pytest.raises(Stopped):
        turning.turned(model, 1, 4, should_stop=lambda: True)


@pytest.mark.parametrize("n, frames, how, told", [
    (1, 0, {}, "2 to 360 sides, not from 0"), (1, 1, {}, "not from 1"), (1, 10_000, {}, "not from 10,000"),
    (0, 36, {}, "1 to 111 samples"), (112, 36, {}, "not 112"), (1, 4, {"seed": -1}, "negative"),
    (1, 4, {"chosen": {"turn": 3}}, "leave turn= out"), (1, 4, {"chosen": {"elevation": 95}}, "10 to 40"),
    (1, 4, {"chosen": {"hue": 1}}, "turn, elevation")])
def test_what_cannot_be_turned_so_is_a_sentence(model, n, frames, how, told):
    with pytest.raises(BadInput, match=told) as error:
        turning.turned(model, n, frames, **how)
    assert is_a_sentence(str(error.value))


def of_one(round_, depth=True, n=3, frames=4):
    views = np.broadcast_to(np.linspace(-1, 1, frames)[None, :, None, None, None], (n, frames, 8, 8, 3))
    return turning.Turned(views, -views[..., :1] if depth else None, np.linspace(0, 270, frames), round_)


@pytest.mark.parametrize("round_, frames", [(True, 4), (False, 6)])
def test_a_gif_goes_round_or_there_and_back(round_, frames):
    picture = Image.open(io.BytesIO(turning.gif(of_one(round_))))
    shown = [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(picture)]
    assert len(shown) == frames and picture.info["loop"] == 0
    first, last = shown[0], shown[3]
    place = drawing.GAP + 20  # within the first object, and beside it its depth
    beside = place + 56 + drawing.GAP
    assert first[place, place].max() < 40 < 200 < last[place, place].min()
    assert last[place, beside].max() < 40 < 200 < first[place, beside].min()
    assert round_ or np.abs(shown[4] - shown[2]).max() == 0


def test_strips_and_rows_hold_every_view():
    strip = np.asarray(Image.open(io.BytesIO(turning.strip(of_one(True).views[0]))))
    assert strip.shape == (8, 32, 3) and strip[0, 0, 0] == 0 and strip[0, -1, 0] == 255
    assert np.asarray(Image.open(io.BytesIO(turning.strip(of_one(True).depth[0])))).shape == (8, 32)
    for depth, below in ((True, 6), (False, 3)):
        rows = Image.open(io.BytesIO(turning.rows(of_one(True, depth))))
        assert len(drawing.cells(rows, (below, 4))) == 4 * below
        assert rows.size[1] == below * (56 + drawing.GAP) + drawing.GAP


# The task, the verb and the page


def test_a_run_that_is_flat_is_refused_by_task_and_verb(store, known, graf, tmp_path):
    flat = with_checkpoint(store, add_run(store, known, architecture="cgan", values=CGAN))
    the_task = task("turn")
    assert the_task.refuses(graf, known["graf"]) == "" and "cannot be turned" in the_task.refuses(flat, known["cgan"])
    assert is_a_sentence(the_task.refuses(flat, known["cgan"]))
    for run, options, told in ((flat, ("--turn", 4), "cannot be turned"), (graf, ("--turn", 0), "not from 0"),
                               (graf, ("--turn", 10_000), "not from 10,000"), (graf, ("--turn", 4, "--to", 3), "--to"),
                               (graf, ("--turn", 4, "--label", "a"), "--label"),
                               (graf, ("--turn", 4, "--n", 2000), "1 to 1,000 samples")):
        answer = cli("sample", run.id, *("--n", 2, *options) if "--n" not in options else options, "--out",
                     tmp_path / "x.gif", workspace=store.workspace)
        assert answer.code and told in answer.err and is_a_sentence(answer.err), answer.err
    answer = cli("sample", graf.id, "--turn", 4, "--n", 1, "--out", tmp_path / "x.npz", workspace=store.workspace)
    assert answer.code and ".gif or .png" in answer.err and list(tmp_path.glob("x.*")) == []


def test_the_verb_writes_a_gif_and_rows(store, graf, tmp_path):
    for name, shape in (("x.gif", 4), ("x.png", 1)):
        answer = cli("sample", graf.id, "--n", 2, "--turn", 4, "--out", tmp_path / name, workspace=store.workspace)
        assert answer.code == 0, answer.err
        assert getattr(Image.open(tmp_path / name), "n_frames", 1) in (shape, 1), "an untrained fog may look alike"


def test_the_draw_page_turns_what_can_be_turned(store, known, graf):
    at = visit("draw", run=graf.id)
    assert not at.error and "Turn one" in [each.value for each in at.subheader]
    asked, = [question for question in store.asked if question.task == "turn"]
    assert dict(asked.knobs)["place"] == 0
    at = drawn(at.select_slider(key=f"draw:{graf.id}:turn:False").set_value(90.0).run())
    at = drawn(at.number_input(key=f"draw:{graf.id}:turned").set_value(3).run())
    last = dict([question for question in store.asked if question.task == "turn"][-1].knobs)
    assert not at.error and (last["place"], last["chosen"]) == (2, ""), "it is seen from every turn, whichever is drawn"
    result = asking.answer(Question.of("turn", store.workspace, asked.checkpoint, frames=4))
    assert result.values == {"angles": [0.0, 90.0, 180.0, 270.0], "round": True}
    assert set(result.files) == {"views.png", "depth.png", "turned.gif"}
    flat = with_checkpoint(store, add_run(store, known, architecture="cgan", values=CGAN))
    assert "Turn one" not in [each.value for each in visit("draw", run=flat.id).subheader]


# Its score


def test_the_turn_is_read_from_samples_of_data_whose_poses_are_known(store, graf, model, monkeypatch):
    read = []

    def reader(size, workspace, should_stop=None):
        def angles(images):
            read.append(images.shape)
            return np.tile(pose_reading.asked() + 30, len(images) // pose_reading.TURNS)
        return angles

    monkeypatch.setattr(pose_reading, "reader", reader)
    monkeypatch.setattr(pose_reading, "OBJECTS", 2)
    scorer = evaluation.Scorer.__new__(evaluation.Scorer)
    scorer.store, scorer.run, scorer.should_stop = store, graf, None
    scorer.dataset = type("Boxes", (), {"name": "boxes", "x": np.zeros((1, *model.data.shape))})()
    found = scorer._poses_read(None)
    assert found == {"pose_error": 0.0, "pose_error_shared": 0.0, "pose_mirrored": False, "n_pose": 2,
                     "pose_error_floor": 0.0, "pose_error_shared_floor": 0.0}
    assert read == [(24, *model.data.shape)] * 2
    scorer.dataset.name = "digits"
    assert scorer._poses_read(None) == {}, "whose poses nobody knows"
