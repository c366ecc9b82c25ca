"""Terminals, files and folders as they come: few letters, full disks, devices, pipes, names that would move the cursor."""

import contextlib
import io
import json
import os
import runpy
import stat
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

import helpers_stores
from gan_core.cli import terminal
from gan_core.errors import StoreError
from gan_core.store import FINISHED, DiskStore, workspace_path
from gan_core.store.task_records import new_task
from gan_core.whole_files import replacing, write_whole
from helpers_runs import PROJECT, cli, environment, is_a_sentence, make_run

device = helpers_stores.device  # the fixture

ESCAPES = {"colour": "\x1b[31mred", "title": "\x1b]0;owned\x07", "line up": "\x1b[1A", "return": "good\rbad", "bell": "\a",
           "backspace": "abc\b\b\b", "eight bits": "\x9b2J", "right to left": "\u202egnp.exe", "isolate": "\u2066x",
           "mark": "\u200ex", "line separator": "a\u2028b", "delete": "\x7f", "vertical": "\x0b", "page": "\x0c",
           "null": "\0"}


# What is printed


@pytest.mark.parametrize("how", ESCAPES)
def test_no_name_reaches_the_terminal_as_a_command(tmp_path, how):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        run = make_run(store, name=f"a{ESCAPES[how]}z", status=FINISHED, message=f"b{ESCAPES[how]}y")
    answers = [cli(*verb.split(), workspace=tmp_path / "workspace") for verb in
               ("runs", f"show {run.id}", "runs --json", f"metrics {run.id}", f"show {run.id} --json")]
    answers.append(cli("show", f"no{ESCAPES[how]}run", workspace=tmp_path / "workspace"))
    answers.append(cli("train", f"no{ESCAPES[how]}gan", "--data", "ring", workspace=tmp_path / "workspace"))
    for answer in answers:
        assert terminal.plain(answer.out + answer.err) == answer.out + answer.err, answer
    assert answers[0].code == answers[1].code == 0 and "a" in answers[0].out and "z" in answers[0].out


@pytest.mark.parametrize("verb", ["show {}", "metrics {}", "sample {} --out x.png", "resume {}", "stop {}", "evaluate {}",
                                  "do score {}", "end {}", "compare {} {}", "train gan --data ring --name {}"])
def test_bytes_that_are_no_text_are_told_in_a_sentence(tmp_path, verb):
    answer = cli(*verb.format("caf\udce9", "caf\udce9").split(), workspace=tmp_path / "workspace")
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(answer.err) and "caf\\udce9" in answer.err
    assert not os.listdir(tmp_path / "workspace" / "runs")


def test_one_that_is_interrupted_while_it_starts_says_so(monkeypatch, capsys):
    class Slow(types.ModuleType):
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "gan_core.cli", Slow("gan_core.cli"))
    with pytest.raises(SystemExit) as end:
        runpy.run_module("gan_core.__main__", run_name="__main__")
    assert (end.value.code, capsys.readouterr().err) == (130, "Interrupted.\n")


def test_an_interrupted_import_of_keras_shows_nothing_of_it(capfd, monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)  # where it is loaded there is nothing to hide
    for error, said in ((KeyboardInterrupt, ""), (ImportError, "cannot find a device\n")):
        with pytest.raises(error), terminal.loading_keras():
            os.write(2, b"cannot find a device\n")
            raise error
        assert capfd.readouterr().err == said


def test_json_is_json_whatever_a_run_holds(tmp_path):
    """To other programs NaN is no JSON."""
    odd = float("nan"), float("inf"), -float("inf")
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        facts = {"memory": odd[1], "line": [list(odd)]}
        run, other = (make_run(store, status=FINISHED, step=100, facts=facts) for _ in "ab")
        for each in (run, other):
            store.add_rows(each.id, [(step, "g_loss", value, 0.0) for step, value in enumerate((*odd, 1e308, -1e308) * 6)])
        store.tasks.create(new_task("score", run.id, status=FINISHED, result={"kernel": odd[0], "all": {"x": odd}}))
    for verb in ("runs --json", f"show {run.id} --json", "tasks --work --json", f"compare {run.id} {other.id} --json"):
        answer = cli(*verb.split(), workspace=tmp_path / "workspace")
        assert answer.code == 0, answer
        json.loads(answer.out, parse_constant=lambda name: pytest.fail(f"{verb} prints {name}"))


def test_what_is_no_command_stays_as_it_is():
    text = "ü 数字 🎲 é\n\ttab, ¿qué?, 👩‍🔬\n"
    assert terminal.plain(text) == text and terminal.one_line("a\nb") == "a\\nb"


def test_a_name_of_several_lines_is_one_line(tmp_path):
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        run = make_run(store, name="first\nsecond")
    assert cli("show", run.id, workspace=tmp_path / "workspace").out.splitlines()[0] == "first\\nsecond"
    answer = cli("show", "no\nrun", workspace=tmp_path / "workspace")
    assert answer.code == 2 and is_a_sentence(answer.err)


class Failing(io.StringIO):
    """A stream that cannot be written to."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def write(self, text):
        raise self.error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(5, "Input/output error"),
                                   ValueError("I/O operation on closed file")])
def test_a_stderr_that_fails_ends_nothing(tmp_path, error):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(Failing(error)), terminal.streams():
        print("a word", file=sys.stderr)
        sys.stderr.flush()
        with terminal.progress() as bar:
            bar.told(0.5, "half")
            bar.say("a line")
        print("the result")
    assert out.getvalue() == "the result\n"


def shell(line, *arguments, **changes):
    """A line of a shell, in which $GAN is the command line."""
    return subprocess.run(["sh", "-c", line, "sh", *map(str, arguments)], cwd=PROJECT, capture_output=True, timeout=60,
                          env=environment(GAN=f"{sys.executable} -m gan_core", PYTHONPATH=str(PROJECT), **changes))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
@pytest.mark.parametrize("line, code, said", [
    ("$GAN modalities --json > /dev/full", 1, b"No space left on device"),
    ("$GAN modalities > /dev/full 2> /dev/full", 1, b""),
    ("$GAN show x 2> /dev/full", 2, b""),
    ("$GAN modalities | head -1 > /dev/null", 0, b""),
    ("$GAN modalities >&-", 0, b""),
    ("$GAN modalities 2>&-", 0, b""),
    ("$GAN runs <&- >&- 2>&-", 0, b""),
    ("LC_ALL=C PYTHONIOENCODING=ascii $GAN datasets", 0, b""),
    ("PYTHONIOENCODING=cp1252 $GAN zoo", 0, b""),
    ("COLUMNS=1 NO_COLOR=1 TERM=dumb $GAN --help", 0, b""),
    ("PYTHONOPTIMIZE=2 $GAN --help", 0, b""),
    ("TMPDIR=/nowhere $GAN runs", 0, b""),
])
def test_streams_as_shells_give_them(tmp_path, line, code, said):
    answer = shell(line, GAN_WORKSPACE=str(tmp_path / "workspace"))
    assert answer.returncode == code and said in answer.stderr
    assert b"Traceback" not in answer.stderr and b"Exception" not in answer.stderr


# What is written


def kinds(folder):
    """``{name: path}`` of everything that a person may give in the place of a file."""
    (folder / "there.bin").write_bytes(b"old")
    (folder / "link.bin").symlink_to("there.bin")
    (folder / "new-link.bin").symlink_to("not-there.bin")
    (folder / "folder.bin").mkdir()
    os.mkfifo(folder / "pipe.bin")
    return {path.stem: path for path in folder.iterdir()}


def test_a_device_is_written_to_and_stays_one(device):
    write_whole(device("null"), b"data")
    assert stat.S_ISCHR(device("null").stat().st_mode) and sorted(os.listdir(device("."))) == ["full", "null"]


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    path, heard = kinds(tmp_path)["pipe"], []
    reader = threading.Thread(target=lambda: heard.append(path.read_bytes()))
    reader.start()
    write_whole(path, b"data")
    reader.join(10)
    assert heard == [b"data"] and stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("name, target", [("there", "there.bin"), ("link", "there.bin"), ("new-link", "not-there.bin")])
def test_a_link_stays_one_and_what_it_points_to_is_replaced(tmp_path, name, target):
    path = kinds(tmp_path)[name]
    was_link = path.is_symlink()
    write_whole(path, b"new")
    assert path.is_symlink() == was_link and (tmp_path / target).read_bytes() == b"new"
    assert not list(tmp_path.glob(".partial*"))


def test_a_folder_is_refused_and_stays(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_whole(kinds(tmp_path)["folder"], b"data")
    assert (tmp_path / "folder.bin").is_dir() and not list(tmp_path.glob(".partial*"))


def test_a_name_as_long_as_can_be_is_written_whole(tmp_path):
    path = tmp_path / ("x" * 251 + ".bin")
    write_whole(path, b"data")
    assert path.read_bytes() == b"data"


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda number: done.append(
        "folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file"))
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda *names: done.append("named") or replace(*names))
    write_whole(tmp_path / "x", b"data")
    with contextlib.closing(DiskStore(tmp_path / "workspace")) as store:
        store.artifacts(make_run(store).id).put("samples/x.png", b"data")
    assert done == ["file", "named", "folder"] * 4, "the reserve of the workspace and the run's config.json, too"


def test_a_disk_that_cannot_be_asked_is_believed(tmp_path, monkeypatch):
    def fsync(number):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(tmp_path / "x", b"data")
    assert (tmp_path / "x").read_bytes() == b"data"


def test_one_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    def fsync(number):
        raise OSError(5, "Input/output error")

    write_whole(tmp_path / "x", b"old")
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input"):
        write_whole(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old" and os.listdir(tmp_path) == ["x"]


def test_partial_is_the_path_itself_where_nothing_can_be_replaced(device):
    for path in (device("null"), "/dev/stdout"):  # the second is a link, on some systems to a file
        with replacing(path) as partial:
            assert partial == Path(path)


# Where the workspace is


PATHS = ["what?", "a%41b", "%2e%2e", "hash#tag", "a b", "it's", 'say "x"', "new\nline", "数字", "[a]", "*", "x=1&y=2", "a;b",
         ":memory:", "file:x", "~x~", "\\", "-x", "e\u0301", "caf\udce9"]


@pytest.mark.parametrize("name", PATHS)
def test_a_workspace_is_in_the_folder_of_its_name_and_nowhere_else(tmp_path, name):
    others = {}
    for folder in (tmp_path / "one" / name, tmp_path / "one" / f"{name}2"):
        with contextlib.closing(DiskStore(folder)) as store:
            others[folder] = make_run(store).id
            store.artifacts(others[folder]).put("samples/x", b"x")
    for folder, run in others.items():
        assert (folder / "catalogue.sqlite").is_file()
        with contextlib.closing(DiskStore(folder)) as store:
            assert [listed.id for listed in store.list()] == [run] and "samples/x" in store.artifacts(run).list()
            store.artifacts(run).sweep()
    assert len(list((tmp_path / "one").iterdir())) == 2 and os.listdir(tmp_path) == ["one"]


@pytest.mark.parametrize("verb, where", [("runs", "~nobody-of-this-name/x"), ("runs", "nul\0l"), ("runs", "x" * 5000),
                                         ("runs", "/dev/null"), ("datasets --kept", "/proc/nowhere")])
def test_a_workspace_that_cannot_be_is_a_sentence(verb, where):
    answer = cli(*verb.split(), workspace=where)
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(answer.err) and "GAN_WORKSPACE" in answer.err


def test_a_workspace_below_a_folder_that_is_gone_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(StoreError, match="cannot be found"):
        workspace_path("relative")
