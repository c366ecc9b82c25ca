"""The command line: the verbs with the flags that other programs rely on, their help, and lists of what there is."""

import dataclasses
import json
import types

import pytest

import gan_core.__main__ as command_line
from gan_core.cli import lists
from gan_core.models import cards
from helpers_runs import cli, gan

VERBS = ("zoo", "datasets", "train", "resume", "fork", "stop", "runs", "show", "metrics", "sample", "evaluate", "score",
         "bench", "tasks", "do", "end", "sweep", "sweeps", "presets", "import", "notices", "doctor", "move", "views",
         "reports")


# The verbs and flags that other programs call


@pytest.mark.parametrize("command", [
    "zoo", "zoo --json", "datasets", "datasets --json", "train A --data D",
    "train A --data D --size 8 --steps 5 --seed 1 --set a=1 --set b=2 --name N --deterministic",
    "fork R", "fork R --from best --set a=1 --set b=2 --steps 5 --seed 1 --name N --deterministic --other-data",
    "resume R", "resume R --steps 5", "stop R", "runs", "runs --json", "show R", "show R --json",
    "metrics R", "metrics R --csv", "sample R --n 64 --seed 0 --out grid.png",
    "sample R --n 64 --seed 0 --out grid.png --label K --npz FILE", "sample R --checkpoint best --npz FILE",
    "evaluate R", "evaluate R --n 9 --checkpoint best --json", "evaluate R --extractor random --tstr",
    "score --real A --fake B", "score --real A --fake B --extractor classifier --json",
    "tasks", "tasks --json", "tasks --work --json", "do T R --set a=1 --checkpoint best --out F --json", "do T", "end T",
    "sweep A --data D --vary K=1..2 L --vary M=a,b --minutes 30",
    "sweep A --data D --vary K --minutes 9 --seeds 2 --parallel 2",
    "sweep A --data D --vary K --minutes 9 --each 1 --by time --json", "sweep --go-on S", "sweeps", "sweeps S --json",
    "views", "views --json", "views --delete K", "presets --json", "presets --keep S --name N", "presets --forget K",
    "import F --name N --steps epoch --json", "import F", "notices", "notices --test --json",
    "bench A --data D", "bench A --data D --batch-size 8 --steps 5 --json",
])
def test_the_verbs_and_flags_are_those_that_were_promised(command):
    args = command_line.parser().parse_args([*command.split(), "--workspace", "W"])
    assert args.workspace == "W" and callable(args.function)
    assert args.verb == command.split()[0]


def test_help_names_every_verb_and_no_inner_ones():
    answer = cli("--help")
    assert answer.code == 0 and answer.err == ""
    listed = {line.split()[0] for line in answer.out.splitlines() if line.startswith("    ") and line.split()}
    assert set(VERBS) <= listed and not listed & {"work", "dispatch", "task"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb):
    answer = cli(verb, "--help")
    assert answer.code == 0 and "--workspace" in answer.out and "usage" in answer.out


def test_help_is_quick_for_it_loads_no_framework():
    answer = gan("train", "--help")
    assert answer.code == 0 and "ARCH" in answer.out and answer.err == ""


# What there is


def test_zoo_as_json():
    answer = gan("zoo", "--json")
    assert answer.code == 0 and answer.err == "", "a list on stdout, and nothing from any framework on stderr"
    found = {each["name"]: each for each in json.loads(answer.out)}
    assert {"gan", "dcgan", "wgan_gp", "cgan"} <= set(found)
    for each in found.values():
        assert each.keys() >= {"name", "title", "paper", "data", "inputs", "knobs", "parameters"}
        assert each["title"] and each["paper"] and set(each["data"]) <= {
            "images", "pairs", "domains", "points", "table", "captions", "music", "text", "sound"}
        assert {knob["name"] for knob in each["knobs"]} >= {"batch_size", "optimizer"}
        assert all(n > 0 for n in each["parameters"].values()) and sum(each["parameters"].values()) > 1000
    assert [each["kind"] for each in found["cgan"]["inputs"]] == ["latent", "label"]


def test_zoo_of_some():
    assert [each["name"] for each in json.loads(cli("zoo", "wgan", "gan", "--json").out)] == ["wgan", "gan"]
    answer = cli("zoo", "gam")
    assert answer.code == 2 and "choose from" in answer.err


def test_zoo_for_people():
    answer = cli("zoo")
    assert answer.code == 0 and "wgan_gp" in answer.out and "Goodfellow 2014" in answer.out


def test_datasets_as_json():
    answer = cli("datasets", "--json")
    found = {each["name"]: each for each in json.loads(answer.out)}
    assert {"digits", "mnist", "fashion_mnist", "cifar10", "ring", "grid"} <= set(found)
    for each in found.values():
        assert each.keys() >= {"name", "kind", "shape", "classes", "available"}
    assert found["digits"]["shape"] == [8, 8, 1] and found["digits"]["classes"] == 10 and found["digits"]["available"]
    assert found["ring"]["kind"] == "points" and found["ring"]["shape"] == [2]


def test_datasets_for_people_says_what_to_do_for_those_that_are_not_here(tmp_path):
    answer = gan("datasets", GAN_DATA=str(tmp_path), KERAS_HOME=str(tmp_path))
    assert answer.code == 0 and answer.err == ""
    assert str(tmp_path / "mnist.npz") in next(line for line in answer.out.splitlines() if line.startswith("mnist"))


def test_an_architecture_without_a_paper_has_no_blank_line(monkeypatch, capsys):
    card = dataclasses.replace(cards.card("gan"), paper="", link="")
    monkeypatch.setattr(cards, "look", lambda *_: cards.Zoo({"gan": card}, {}, ()))
    lists.zoo(types.SimpleNamespace(workspace=None, architectures=[], json=False))
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("gan ")
