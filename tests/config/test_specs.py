"""What is kept of a run's settings: versions, and one answer to every name that does not exist."""

import contextlib
import json
import os

import pytest

from gan_core.config import spec as specs
from gan_core.config.known import no_such, refuse_unknown
from gan_core.config.knobs import Config
from gan_core.config.spec import SPEC_VERSION, RunSpec, make_spec, read
from gan_core.data import DataSpec
from gan_core.errors import BadInput
from gan_core.launch import queue, worker
from gan_core.models import cards
from gan_core.store.artifacts import LOG, tail
from gan_core.store import FAILED, FINISHED, STOPPED, DiskStore
from helpers_pages import zoo
from helpers_runs import cli, is_a_sentence, make_run
from helpers_runs import make_spec as spec_without_cards
from helpers_specs import SAID, spoil, spoilt

RING = DataSpec("points", (2,), tuple("abcdefgh"))
BY_CARD = ("with a knob that is gone",)  # what only who knows the architecture's knobs can see


# Versions


def test_a_spec_says_its_version_and_comes_back():
    spec = make_spec(zoo()["gan"], "ring", RING, {"steps": 7}, backend="tensorflow")
    kept = json.loads(json.dumps(spec.as_dict()))
    assert kept["version"] == SPEC_VERSION and RunSpec.from_dict(kept) == spec == read(kept, zoo())


def test_runs_of_before_there_were_versions_train_on_all_images_as_they_did():
    kept = spec_without_cards().as_dict()
    del kept["version"], kept["settings"]["held_out"]
    spec = RunSpec.from_dict(kept)
    assert spec.settings.held_out == 0.0 and spec.version == SPEC_VERSION
    assert "held_out" not in kept["settings"], "what was given is left as it was"
    kept["settings"]["held_out"] = 0.2
    assert RunSpec.from_dict(kept).settings.held_out == 0.2


def test_there_is_a_way_from_every_version():
    assert list(specs.UPGRADES) == list(range(1, SPEC_VERSION))


def test_upgrades_follow_each_other(monkeypatch):
    monkeypatch.setattr(specs, "SPEC_VERSION", SPEC_VERSION + 1)
    monkeypatch.setitem(specs.UPGRADES, SPEC_VERSION, lambda values: values | {"data": values.pop("data") + "s"})
    kept = spec_without_cards().as_dict()
    del kept["version"]
    assert (RunSpec.from_dict(kept).data, RunSpec.from_dict(kept).version) == ("rings", SPEC_VERSION + 1)
    assert RunSpec.from_dict(RunSpec.from_dict(kept).as_dict()).data == "rings", "once each"


# Names that do not exist


@pytest.mark.parametrize("how", SAID)
def test_what_cannot_be_worked_with_is_told_in_a_sentence(how):
    kept = spoilt(make_spec(zoo()["gan"], "ring", RING, backend="tensorflow").as_dict(), how)
    with pytest.raises(BadInput) as caught:
        read(kept, zoo())
    assert SAID[how] in str(caught.value) and is_a_sentence(str(caught.value))
    if how not in BY_CARD:
        with pytest.raises(BadInput) as by_name:
            read(kept, cards.names())
        assert str(by_name.value).partition(";")[0] == str(caught.value).partition(";")[0]


@pytest.mark.parametrize("version", [0, -1, "2", None, 2.5])
def test_a_version_that_cannot_be_is_refused(version):
    with pytest.raises(BadInput, match="version"):
        RunSpec.from_dict(spec_without_cards().as_dict() | {"version": version})


def test_the_answer_is_the_same_wherever_the_name_comes_from(tmp_path):
    """From a command line, a form, a kept run, and the two lists of architectures."""
    knobs = [knob.name for knob in zoo()["gan"].knobs]
    kept = make_spec(zoo()["gan"], "ring", RING, backend="tensorflow").as_dict()
    with pytest.raises(BadInput) as stored:
        read(kept | {"knobs": kept["knobs"] | {"colour": 1}}, zoo())
    with pytest.raises(BadInput) as parsed:
        Config.parse({"colour": 1})
    assert str(stored.value) == no_such("knob", "colour", knobs) and stored.value.fields == {"colour": str(stored.value)}
    assert str(parsed.value).startswith("There is no knob 'colour'; choose from")
    with pytest.raises(BadInput) as formed:
        make_spec(zoo()["gan"], "ring", RING, {"colour": 1}, backend="tensorflow")
    assert formed.value.fields["colour"].startswith("There is no knob 'colour'; choose from")
    said = no_such("architecture", "gam", cards.names())
    assert cli("train", "gam", "--data", "ring", workspace=tmp_path / "workspace").err == f"{said}\n"
    with pytest.raises(BadInput) as architecture:
        read(kept | {"architecture": "gam"}, zoo())
    answer = str(architecture.value)
    more = " If the run was trained with a file of your own, set GAN_ZOO to the folder that has it."
    assert answer == said + more and architecture.value.fields == {"architecture": answer}


def test_all_wrong_names_are_told():
    with pytest.raises(BadInput) as caught:
        refuse_unknown("knob", ["a", "b", "c"], iter("b"))
    assert list(caught.value.fields) == ["a", "c"] and str(caught.value).count("choose from b.") == 2
    refuse_unknown("knob", ["b"], iter("bc"))


def test_the_names_of_architectures_are_those_of_their_cards():
    assert cards.names() == list(zoo())


# Verbs


@pytest.fixture(params=SAID)
def how(request):
    return request.param


@pytest.fixture
def workspace(tmp_path, how):
    """With a run that cannot be worked with and one that can; ``(workspace, id, id)``."""
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        sound = make_run(store, name="sound", status=FINISHED, step=100, knobs={"batch_size": 8})
        odd = spoil(store, make_run(store, name="odd", status=STOPPED, step=5, knobs={"batch_size": 8}), how)
        for run in (sound, odd):
            store.add_rows(run.id, [(s, key, 1.0, float(s)) for s in range(5) for key in ("g_loss", "d_loss")])
    return tmp_path / "workspace", odd.id, sound.id


def test_such_a_run_is_listed_and_shown_beside_the_others(workspace, how):
    folder, odd, sound = workspace
    for verb in (["runs"], ["runs", "--json"]):
        answer = cli(*verb, workspace=folder)
        assert (answer.code, answer.err.count(odd)) == (0, how == "damaged") and sound not in answer.err
        assert odd in answer.out and sound in answer.out
    answer = cli("show", odd, workspace=folder)
    assert answer.code == 0 and "odd" in answer.out and (SAID[how] in answer.out or how in BY_CARD)
    answer = cli("show", odd, "--json", workspace=folder)
    assert json.loads(answer.out)["id"] == odd
    assert cli("metrics", odd, workspace=folder).code == 0


@pytest.mark.parametrize("verb", [["resume"], ["sample", "--n", 4, "--out", "x.png"], ["evaluate"]],
                         ids=lambda verb: verb[0])
@pytest.mark.parametrize("how", [how for how in SAID if how not in BY_CARD], indirect=True)
def test_what_cannot_be_done_with_it_says_why_and_changes_nothing(workspace, how, verb):
    folder, odd, _ = workspace
    with contextlib.closing(DiskStore(folder)) as store:
        before = store.get(odd)
        answer = cli(verb[0], odd, *verb[1:], workspace=folder)
        assert answer.code == 2 and answer.out == "" and is_a_sentence(answer.err) and SAID[how] in answer.err
        assert store.get(odd) == before and not os.path.exists("x.png")


@pytest.mark.parametrize("how", BY_CARD, indirect=True)
def test_one_with_a_knob_that_there_is_no_more_is_not_queued_again(workspace, how):
    folder, odd, _ = workspace
    with contextlib.closing(DiskStore(folder)) as store:
        before = store.get(odd)
        with pytest.raises(BadInput) as refused:
            queue.resume(store, odd)
        assert is_a_sentence(str(refused.value)) and SAID[how].partition(";")[0] in str(refused.value)
        assert store.get(odd) == before


def test_a_comparison_leaves_it_out_and_says_why(workspace, how):
    folder, odd, sound = workspace
    with contextlib.closing(DiskStore(folder)) as store:
        other = make_run(store, status=FINISHED, step=100, knobs={"batch_size": 8})
    answer = cli("compare", sound, odd, other.id, workspace=folder)
    assert answer.code == 0, answer.err
    readable = how in BY_CARD or "architecture" in how  # a comparison looks at what was measured, and needs no model
    assert readable or f"The run {odd} is left out" in answer.out and SAID[how] in answer.out
    if not readable:
        answer = cli("compare", sound, odd, workspace=folder)
        assert answer.code == 2 and SAID[how] in answer.err


def test_a_worker_that_gets_one_says_why(workspace, how):
    folder, odd, _ = workspace
    with contextlib.closing(DiskStore(folder)) as store:
        store.move(odd, "queued", only_from=(STOPPED,))
        run = worker.work(store, odd, store.claim(odd, parallel=1), queue.ownership())
        assert run.status == FAILED and is_a_sentence(run.message) and SAID[how].partition(";")[0] in run.message
        assert "Traceback" not in tail(store.artifacts(odd), LOG, 10_000)
