"""Architectures of one's own in ``$GAN_ZOO``: everywhere, as if they lay in the project; a broken one hides no other."""

import contextlib
import dataclasses
import os
import sys
import time

import numpy as np
import pytest

import helpers_visits
from gan_core.config.spec import make_spec
from gan_core.data import POINTS, DataSpec
from gan_core.errors import BadInput
from gan_core.launch import queue
from gan_core.models import cards, describing
from gan_core.store import ENDED, FINISHED, DiskStore
from gan_core.store.task_records import new_task
from gan_core.tasks import models, process
from helpers_runs import cli, end_all, gan, is_a_sentence, log_of
from helpers_visits import drawn, texts, visit

pytestmark = pytest.mark.settled

store = helpers_visits.store  # the fixtures
known = helpers_visits.known

TINY = '''"""A GAN of one's own: that of the project, with another name and a knob of its own."""

from dataclasses import dataclass

from gan_core.config.knobs import knob
from gan_core.models.zoo import gan


@dataclass(frozen=True, kw_only=True)
class Config(gan.Config):
    patience: int = knob(3, low=1, high=9, help="Changes nothing.")


class Mine(gan.GAN):
    Config = Config
    title = "My own GAN"
    summary = "One of my own."
'''
# What is wrong with a file, and what the sentence about it says.
BROKEN = {
    "syntax.py": ("def", "SyntaxError: invalid syntax"),
    "absent.py": ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
    "killed.py": ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
    "leaves.py": ("raise SystemExit('bye')", "SystemExit: bye"),
    "silent.py": ("import os; os._exit(0)", "ended without a word, with the exit code 0"),
    "wordless.py": ("raise ValueError", "ValueError: no message"),
    "critic.py": (TINY + "\n    def networks(self):\n        return {{'discriminator': 'critic'}.get(name, name): network "
                  "for name, network in super().networks().items()}\n",
                  "the player 'discriminator' moves a network 'discriminator', and networks() gives only generator, critic"),
    "maker.py": (TINY + "\n    def networks(self):\n        return {{'generator': 'maker'}.get(name, name): network "
                 "for name, network in super().networks().items()}\n",
                 "samples are drawn from a network 'generator' (`averaged`), and networks() gives only maker"),
    "empty.py": ("", "must define exactly one GenerativeModel, not 0"),
    "gan.py": (TINY, "the project has an architecture 'gan'"),
    "my-gan.py": (TINY, "'my-gan' is no name of a Python module"),
    "class.py": (TINY, "'class' is no name of a Python module"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that ``$GAN_ZOO`` names, with one architecture that works."""
    folder = tmp_path / "zoo"
    folder.mkdir()
    (folder / "mine.py").write_text(TINY)
    monkeypatch.setenv("GAN_ZOO", str(folder))
    return folder


def test_each_way_to_be_broken_is_a_sentence_with_a_log_and_hides_no_other(folder, tmp_path):
    for name, (text, _) in BROKEN.items():
        (folder / name).write_text(text)
    (folder / "unreadable.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    (folder / "_shared.py").write_text("def")  # these two are no architectures
    (folder / "notes.txt").write_text("")
    answer = gan("zoo", workspace=tmp_path / "workspace", timeout=900)  # each is described by a process of its own
    assert answer.code == 0
    assert "My own GAN" in answer.out and "DCGAN" in answer.out
    told = {line.split(" ")[0]: line for line in answer.said}
    assert told.keys() == {*BROKEN, "unreadable.py", "pipe.py"}
    for name, (_, why) in BROKEN.items():
        assert why in told[name] and is_a_sentence(told[name])
        if "the traceback is in " in told[name]:
            log = tmp_path / "workspace" / told[name].split("the traceback is in ")[1].split(" of the workspace")[0]
            assert log.read_text().startswith(told[name]) and "Traceback" in log.read_text()
        else:
            assert name in ("killed.py", "silent.py", "gan.py", "my-gan.py", "class.py"), "these have none"
    assert "in syntax.py" in told["syntax.py"] or "syntax.py, line 1" in told["syntax.py"]
    assert all("cannot be read: it is no regular file" in told[name] for name in ("unreadable.py", "pipe.py"))


def test_one_that_hangs_is_given_up_and_the_log_says_where_it_was(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(describing, "LIMIT", 4.0)
    (folder / "hangs.py").write_text("import time\n\n\ndef wait():\n    time.sleep(1000)\n\n\nwait()\n")
    with pytest.raises(BadInput, match="not described within 4 seconds") as error:
        cards.card("hangs", tmp_path)
    log = tmp_path / "cards" / str(error.value).split("/cards/")[1].split(" of ")[0]
    assert "in wait" in log.read_text()


# What the process of a description may be, in few words: code, exit code, and how what it said ends.
ENDS = {
    "one that leaves a child with its stderr": (
        "import subprocess, sys; subprocess.Popen(['sleep', '60']); sys.exit('done')", 1, b"done\n"),
    "one that forks": ("import os, time\nif not os.fork(): time.sleep(60)\nos.write(2, b'left'); os._exit(3)", 3, b"left"),
    "one that hangs and has closed its stderr": ("import os, time; os.close(2); time.sleep(60)", None, b""),
    "one that ignores all and hangs": ("import signal, time\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n"
                                       "time.sleep(60)", None, b""),
    "one that prints for ever": ("import os\nwhile True: os.write(2, b'y' * 65536)", None, b"yyy"),
    "one that prints what is no text": ("import os; os.write(2, bytes(range(128, 256)))", 0, b"\xfe\xff"),
    "one that is killed": ("import os; os.kill(os.getpid(), 9)", -9, b""),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_description_is_over_when_its_process_is_and_what_it_says_is_bounded(monkeypatch, how):
    monkeypatch.setattr(describing, "LIMIT", -8.0)  # of which 10 more are waited for
    code, ends_with, last = ENDS[how]
    begun = time.monotonic()
    ended, said = describing._ended([sys.executable, "-c", code])
    assert (ended, time.monotonic() - begun < 8) == (ends_with, True)
    assert said.endswith(last) and len(said) <= describing.MOST


def test_two_of_one_title_are_told_apart(known, folder, tmp_path, monkeypatch):
    """Everywhere, by the name of the file; the project's own keep theirs."""
    titles = {"mine": "My own GAN", "other": "my own gan ", "deep": known["dcgan"].title, "sole": "Sole"}
    for name in titles:
        (folder / f"{name}.py").write_text(TINY)
    for how in ("known", "describe"):
        monkeypatch.setattr(describing, how, lambda name, *_: dataclasses.replace(
            known["gan"], name=name, title=titles[name]))
    shown = {name: card.title for name, card in cards.look(tmp_path).cards.items()}
    assert {name: shown[name] for name in titles} == {
        "mine": "My own GAN (mine)", "other": "my own gan (other)", "deep": f"{titles['deep']} (deep)", "sole": "Sole"}
    assert len({title.casefold() for title in shown.values()}) == len(shown) and shown["dcgan"] == titles["deep"]
    assert all(cards.card(name, tmp_path).title == shown[name] for name in titles)


def test_two_models_in_a_file_are_refused(folder):
    from gan_core.models.registry import architecture

    (folder / "two.py").write_text(TINY + "\n\nclass Another(Mine):\n    pass\n")
    with pytest.raises(BadInput, match="two.py cannot be used: .*exactly one GenerativeModel, not 2"):
        architecture("two")
    assert architecture("mine").title == "My own GAN"
    (folder / "mine.py").write_text(TINY.replace("My own GAN", "Another title"))
    assert architecture("mine").title == "Another title", "a file that changed is read anew"


def test_a_folder_that_is_not_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_ZOO", str(tmp_path / "gone"))
    [sentence] = cards.look(None).broken.values()
    assert "gone" in sentence and is_a_sentence(sentence)
    monkeypatch.setenv("GAN_ZOO", "")
    assert cards.look(None).broken == {}


def test_an_architecture_that_is_missed_in_an_unreadable_folder_is_told_with_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_ZOO", str(tmp_path / "gone"))
    answer = cli("train", "shallow", "--data", "ring", workspace=tmp_path / "workspace")
    assert answer.code == 2 and "gone that $GAN_ZOO names cannot be read" in answer.err and is_a_sentence(answer.err)


def test_one_of_a_name_that_the_project_has_is_told_to_who_trains_that(folder, tmp_path):
    (folder / "gan.py").write_text(TINY)
    answer = cli("train", "gan", "--data", "ring", "--steps", 1, workspace=tmp_path / "workspace")
    assert answer.code == 0 and "gan.py cannot be used: the project has an architecture 'gan'" in answer.err


def test_files_import_one_another_and_what_they_share(folder, tmp_path):
    from gan_core.models.registry import architecture

    (folder / "_shared.py").write_text("TITLE = 'Shared'\n")
    (folder / "other.py").write_text(TINY.replace("class Mine", "from gan_zoo import mine\nfrom ._shared import TITLE\n\n\n"
                                                  "class Other").replace('"My own GAN"', "TITLE"))
    (folder / "circle.py").write_text("import gan_zoo.absent\n")
    assert architecture("other").title == "Shared" and architecture("other") is architecture("other")
    assert cards.card("other", tmp_path).title == "Shared"
    (folder / "_shared.py").write_text("TITLE = 'Changed'\n")
    assert architecture("other").title == "Changed", "what it imports changed"
    assert cards.card("other", tmp_path).title == "Changed"
    with pytest.raises(BadInput, match="circle.py cannot be used: ModuleNotFoundError: No module named 'gan_zoo.absent'"):
        architecture("circle")
    assert not (folder / "__pycache__").exists()


# What becomes of a file after a run was trained with it, and what is said of it.
SPOILED = {
    "syntax": ("def", "mine.py cannot be used: SyntaxError: invalid syntax"),
    "leaves": ("import sys; sys.exit('bye')", "mine.py cannot be used: SystemExit: bye"),
    "networks": (TINY + "\n    def networks(self):\n        return 1 / 0\n", "mine.py cannot be used: ZeroDivisionError"),
    "another": (TINY + "\n    def networks(self):\n        from gan_core.models.networks import mlp\n\n"
                "        return mlp.point_networks(self.config.latent, self.data.shape, (9, 9), 1, ())\n",
                "The checkpoint does not fit the architecture 'mine' as it is now"),
}


def test_one_that_is_spoiled_after_it_was_trained_is_a_sentence_everywhere(folder, tmp_path):
    workspace = tmp_path / "workspace"
    assert cli("train", "mine", "--data", "ring", "--steps", 2, workspace=workspace).code == 0
    with contextlib.closing(DiskStore(workspace)) as runs:
        run, = runs.list()
        for text, says in SPOILED.values():
            (folder / "mine.py").write_text(text)
            for command in (("sample", run.id, "--npz", tmp_path / "out.npz"), ("evaluate", run.id),
                            ("do", "networks", run.id)):
                models._models.clear()  # as in a new process
                answer = cli(*command, workspace=workspace)
                assert answer.code == 2 and says in answer.said[-1] and is_a_sentence(answer.said[-1]), (command, answer)
                assert "Traceback" not in answer.err
            record = runs.tasks.create(new_task("score", run.id, status="running"))
            ended = process.work(runs, record.id)
            assert ended.status == "failed" and says in ended.message
            if "cannot be used" in says:
                assert "Traceback" in (workspace / ended.log).read_text()
        answer = cli("resume", run.id, "--steps", 4, workspace=workspace)
        assert answer.code == 1 and "does not fit" in runs.get(run.id).message and is_a_sentence(runs.get(run.id).message)

def test_it_trains_in_a_process_of_its_own_resumes_and_samples(folder, tmp_path, monkeypatch):
    """The folder is named from the working directory, which is not the one of the processes that train."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_ZOO", "zoo")
    workspace = tmp_path / "workspace"
    runs = DiskStore(workspace)
    card = cards.card("mine", workspace / "cache")
    assert card.title == "My own GAN" and "patience" in [knob.name for knob in card.knobs]
    spec = make_spec(card, "ring", DataSpec(POINTS, (2,), tuple(f"mode {i}" for i in range(8))),
                     {knob.name: knob.tiny for knob in card.knobs} | {"steps": 6, "patience": 5})
    run = queue.launch(runs, spec)
    try:
        end = time.monotonic() + 180
        while runs.get(run.id).status not in ENDED:
            assert time.monotonic() < end, log_of(runs, run.id)
            time.sleep(0.2)
        assert runs.get(run.id).status == FINISHED, runs.get(run.id).message
    finally:
        end_all(workspace)
    assert cli("resume", run.id, "--steps", 9, "--workspace", workspace).code == 0
    assert (runs.get(run.id).step, runs.get(run.id).spec["knobs"]["patience"]) == (9, 5)
    out = tmp_path / "samples.npz"
    assert cli("sample", run.id, "--n", 5, "--npz", out, "--workspace", workspace).code == 0
    assert np.load(out)["samples"].shape == (5, 2)
    monkeypatch.delenv("GAN_ZOO")
    answer = cli("sample", run.id, "--n", 5, "--npz", out, "--workspace", workspace)
    assert answer.code == 2 and "no architecture 'mine'" in answer.err and "set GAN_ZOO to the folder" in answer.err
    runs.close()


def test_pages_show_it_as_soon_as_it_is_described_and_say_what_is_broken(store, folder):
    (folder / "syntax.py").write_text("def")
    for page in ("train", "architectures"):
        at = visit(page)
        assert "DCGAN" in texts(at) + str([each.options for each in at.selectbox]), "the others do not wait"
    end = time.monotonic() + 120
    while cards.look(store.workspace / "cache", wait=False).waiting:
        assert time.monotonic() < end
        time.sleep(0.1)
    at = visit("train")
    assert "My own GAN" in at.selectbox(key="train:architecture").options
    at = drawn(at.selectbox(key="train:architecture").set_value("mine").run())
    assert "One of my own." in texts(at) and "knob:mine:patience" in [getattr(widget, "key", None) for widget in at]
    for page in ("train", "architectures"):
        at = visit(page)
        [warning] = at.warning
        assert "syntax" in warning.value and "SyntaxError" in warning.value
    assert "**My own GAN**" in texts(visit("architectures"))
    (folder / "mine.py").unlink()
    assert "My own GAN" not in visit("train").selectbox(key="train:architecture").options
