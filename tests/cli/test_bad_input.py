"""What people do wrong: each time one sentence that says what to do, nothing half-written, and the other runs as they
were.

Bad files are treated in detail in test_imported.py; here all go through the command line, as do bad workspaces in
test_bad_workspace.py.
"""

import contextlib
import hashlib
import io
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

import helpers_stores
from gan_core import whole_files
from gan_core.store import FINISHED, DiskStore, artifacts
from helpers_runs import cli, gan, is_a_sentence, make_run

device = helpers_stores.device  # the fixture

TINY = ("--set", "xla=off", "--set", "batch_size=8", "--set", "latent=4", "--set", "width=8")


def contents(workspace):
    """Everything in a workspace that a mistake must leave alone: ``{path: hash}`` and the catalogue's runs."""
    with contextlib.closing(DiskStore(workspace)) as store:
        runs = {run.id: (run, len(store.rows(run.id))) for run in store.list()}
    kept = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in workspace.rglob("*")
            if path.is_file() and "catalogue" not in path.name and path.parent.name != "cache"}
    return runs, kept


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """With a run of another's in it, that must come through everything unharmed, and one that has no checkpoint."""
    path = tmp_path_factory.mktemp("bad") / "workspace"
    with contextlib.closing(DiskStore(path)) as store:
        run = make_run(store, name="bystander", status=FINISHED, step=100)
        store.add_rows(run.id, [(step, "d_loss", 1.0, 0.0) for step in range(50)])
        store.artifacts(run.id).put("samples/000000100.png", b"precious")
        make_run(store, name="empty", status=FINISHED, step=100)
    return path


@pytest.fixture(scope="module")
def empty(workspace):
    with contextlib.closing(DiskStore(workspace)) as store:
        return next(run.id for run in store.list() if run.name == "empty")


@pytest.fixture(scope="module")
def trained(workspace):
    """A run of a few steps on digits."""
    answer = cli("train", "gan", "--data", "digits", "--steps", 4, *TINY, workspace=workspace)
    assert answer.code == 0, answer.err
    return answer.out.strip()


@pytest.fixture
def refused(workspace):
    """``refused(*arguments)`` gives the sentence with which the command line answers, all else as it was."""
    def refuse(*arguments, run=cli, code=2):
        before = contents(workspace)
        answer = run(*arguments, workspace=workspace)
        assert answer.code == code and answer.out == "", answer
        assert is_a_sentence(answer.err) and len(answer.err.splitlines()) == 1, answer.err
        assert contents(workspace) == before
        return answer.err

    return refuse


# Arguments


@pytest.mark.parametrize("arguments, names", [
    ("train nosuch --data digits", "nosuch dcgan"),
    ("train gan --data nosuch", "nosuch digits folder"),
    ("sample 999999-000000-abcdef --n 4 --out x.png", "999999-000000-abcdef runs"),
])
def test_a_person_at_a_shell_sees_one_line_and_nothing_of_tensorflows(refused, arguments, names):
    said = refused(*arguments.split(), run=gan)
    assert all(name in said for name in names.split())


@pytest.mark.parametrize("arguments, names", [
    ("train gan --data digits --set nosuch=1", "nosuch width"),
    ("train gan --data digits --set width=7", "Width 8 1,024"),
    ("train gan --data digits --set width=8.5", "Width whole"),
    ("train gan --data digits --set width=wide", "Width 'wide'"),
    ("train gan --data digits --set width=nan", "Width"),
    ("train gan --data digits --set generator_rate=inf", "rate"),
    ("train gan --data digits --set generator_rate=-1e-4", "Generator"),
    ("train gan --data digits --set loss=none", "Loss minimax"),
    ("train gan --data digits --set discriminator_updates=", "updates"),
    ("train gan --data digits --set width", "--set KNOB=VALUE 'width'"),
    ("train gan --data digits --set =8", "--set KNOB=VALUE"),
    ("train gan --data digits --steps 0", "Steps"),
    ("train gan --data digits --steps -5", "Steps"),
    ("train gan --data digits --steps many", "Steps 'many'"),
    ("train gan --data digits --steps 99999999999", "Steps"),
    ("train gan --data digits --seed -1", "Seed"),
    ("train gan --data digits --seed 1.5", "Seed"),
    ("train gan --data digits --size big", "--size 'big'"),
    ("train gan --data digits --size 3", "size 4 256"),
    ("train gan --data digits --size 100000", "size 256"),
    ("train gan --data digits --size 0", "size"),
    ("train gan --data ring --size 8", "points"),
    ("train dcgan --data ring", "DCGAN points"),
    ("train cgan --data checkerboard", "points"),
    ("train dcgan --data digits --size 30", "multiple 4"),
    ("train dcgan --data digits --size 6", "8"),
    ("train dcgan --data digits --size 200", "128"),
    ("train gan", "--data"),
    ("train", "ARCH"),
    ("train gan --data digits --colour red", "--colour"),
    ("bench nosuch --data digits", "nosuch"),
    ("bench gan --data digits --steps 0", "--steps"),
    ("bench gan --data digits --steps many", "--steps"),
    ("bench gan --data digits --batch-size 0", "Batch"),
    ("datasets --add=", "dataset ''"),
    ("datasets --delete=", "''"),
    ("dance", "dance"),
    ("", "VERB"),
])
def test_a_wrong_argument_is_told_in_a_sentence_that_names_it(refused, arguments, names):
    said = refused(*arguments.split())
    missing = [name for name in names.split() if name not in said]
    assert not missing, said


def test_all_wrong_knobs_are_told_at_once(refused):
    said = refused("train", "dcgan", "--data", "digits", "--size", 30, "--set", "filters=1000", "--set", "nosuch=1",
                   "--set", "dropout=lots", "--steps", 0)
    assert all(each in said for each in ("multiple of 4", "Filters", "'nosuch'", "Dropout", "Steps")), said


@pytest.mark.parametrize("verb", ["resume", "stop", "show", "metrics", "sample --out x.png"])
@pytest.mark.parametrize("run", ["999999-000000-abcdef", "%", "../../etc"])
def test_a_run_that_does_not_exist_is_told_by_every_verb(refused, verb, run):
    verb, *rest = verb.split()
    assert run in refused(verb, run, *rest)


# Sampling


@pytest.mark.parametrize("arguments, names", [
    ("--n 0 --out x.png", "--n 1"),
    ("--n -3 --out x.png", "--n"),
    ("--n some --out x.png", "--n 'some'"),
    ("--n 1000000000 --out x.png", "--n 100000"),
    ("--seed -1 --out x.png", "--seed"),
    ("--seed x --out x.png", "--seed"),
    ("", "--out --npz"),
])
def test_wrong_wishes_for_samples_are_told(refused, empty, arguments, names):
    said = refused("sample", empty, *arguments.split())
    assert all(name in said for name in names.split()), said


def test_sampling_a_run_that_has_no_checkpoint_is_told(refused, empty, tmp_path):
    said = refused("sample", empty, "--n", 4, "--out", tmp_path / "x.png")
    assert empty in said and "no checkpoint" in said and not os.listdir(tmp_path)


def test_a_label_that_a_model_cannot_take_is_told(refused, trained, tmp_path):
    said = refused("sample", trained, "--label", 3, "--out", tmp_path / "x.png")
    assert "no labels" in said and not os.listdir(tmp_path)


@pytest.mark.parametrize("label", ["99", "10", "-1", "seven", "1.5", ""])
def test_a_class_that_does_not_exist_is_told(workspace, refused, tmp_path, label):
    with contextlib.closing(DiskStore(workspace)) as store:
        known = [run.id for run in store.list() if run.architecture == "cgan"]
    run = known[0] if known else cli("train", "cgan", "--data", "digits", "--steps", 1, "--set", "filters=4", "--set",
                                     "batch_size=8", workspace=workspace).out.strip()
    said = refused("sample", run, f"--label={label}", "--out", tmp_path / "x.png")
    assert f"'{label}'" in said and "choose from 0, 1, 2" in said and not os.listdir(tmp_path)


@pytest.mark.parametrize("flag", ["--out", "--npz"])
@pytest.mark.parametrize("where", ["below a file", "on a folder", "unwritable"])
def test_samples_that_cannot_be_written_are_told_and_leave_nothing(refused, trained, tmp_path, flag, where):
    other = ("--npz", tmp_path / "other.npz") if flag == "--out" else ("--out", tmp_path / "other.png")
    if where == "below a file":
        (tmp_path / "file").write_text("a file")
        target = tmp_path / "file" / "x.png"
    elif where == "on a folder":
        target = tmp_path / "folder.png"
        (target / "x").mkdir(parents=True)
    else:
        target = "/proc/nosuch/x.png"  # where not even root may write
    said = refused("sample", trained, "--n", 4, flag, target, *other)
    assert str(target) in said and "could not be written" in said
    left = {path.name for path in tmp_path.rglob("*")}
    assert left <= {"file", "folder.png", "x", other[1].name}, "no partial file"


def test_the_newest_whole_checkpoint_is_used_and_that_is_said(workspace, trained, tmp_path):
    folder = shutil.copytree(workspace, tmp_path / "workspace")
    with contextlib.closing(DiskStore(folder)) as store:
        held = store.artifacts(trained)
        newest = artifacts.checkpoint_name(4)
        held.put(artifacts.checkpoint_name(2), held.read(newest))
        held.put(newest, held.read(newest)[:1000])
    answer = cli("sample", trained, "--n", 4, "--npz", tmp_path / "x.npz", workspace=folder)
    assert answer.code == 0 and newest in answer.err and "Step 2, the newest checkpoint that is whole" in answer.err
    answer = cli("show", trained, workspace=folder)
    assert answer.code == 0 and newest in answer.err
    with contextlib.closing(DiskStore(folder)) as store:
        store.artifacts(trained).put(artifacts.checkpoint_name(2), b"")
    for verb in (["sample", trained, "--n", 4, "--npz", tmp_path / "y.npz"], ["resume", trained, "--steps", 8],
                 ["evaluate", trained]):
        answer = cli(*verb, workspace=folder)
        assert answer.code == 2 and "No checkpoint of this run is whole" in answer.said[-1] and newest in answer.said[-1]


@pytest.mark.parametrize("verb, name", [
    ("sample RUN --out", "x.png"), ("sample RUN --out x.png --npz", "x.npz"), ("compare RUN RUN --html", "x.html"),
    ("compare RUN RUN --csv", "x.csv"), ("demo RUN --out", "x.html"), ("site RUN --out", "x"),
    ("export RUN --out", "x.onnx"),
    ("pack RUN --out", "x.zip"), ("directions RUN --out", "x.png"), ("directions RUN --npz", "x.npz"),
    ("project RUN mine.png --out", "x.png"), ("project RUN mine.png --npz", "x.npz"), ("translate RUN mine.png --out", "x"),
    ("anomalies RUN --out", "x"), ("stylise --content mine.png --style mine.png --out", "x.png"), ("do look --out", "x")])
@pytest.mark.parametrize("where", ["below a file", "unwritable"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(refused, trained, tmp_path, monkeypatch, verb, name, where):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.png").write_bytes(png())
    for work in ("tasks.registry.task", "cli.samples.loading_keras", "cli.restyling.loading_keras", "compare.compare"):
        monkeypatch.setattr(f"gan_core.{work}", lambda *_, **options: pytest.fail("it was done in vain"))
    target = f"/proc/nosuch/{name}" if where == "unwritable" else f"mine.png/{name}"
    said = refused(*(trained if word == "RUN" else word for word in verb.split()), target)
    assert target in said and "could not be written" in said and os.listdir(tmp_path) == ["mine.png"]


def test_a_place_that_was_tried_is_as_it_was(tmp_path):
    (tmp_path / "there.png").write_bytes(b"mine")
    (tmp_path / "link.png").symlink_to(tmp_path / "there.png")
    for name in ("there.png", "link.png", "a/b/c.png"):
        whole_files.try_to_write(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["link.png", "there.png"] and (tmp_path / "link.png").read_bytes() == b"mine"


def test_the_picture_that_is_looked_for_is_not_replaced(refused, trained, tmp_path):
    (tmp_path / "mine.png").write_bytes(png())
    assert "would be replaced" in refused("project", trained, tmp_path / "mine.png", "--out", tmp_path / "mine.png")
    assert (tmp_path / "mine.png").read_bytes() == png()


def test_a_device_stays_one_and_a_full_one_is_told(refused, workspace, trained, device):
    assert cli("sample", trained, "--n", 4, "--npz", device("null"), workspace=workspace).code == 0
    assert "No space left" in refused("sample", trained, "--n", 4, "--npz", device("full"))
    assert all(stat.S_ISCHR(device(name).stat().st_mode) for name in ("null", "full"))


def test_suffixes_may_be_capitals(workspace, trained, tmp_path):
    answer = cli("sample", trained, "--n", 40, "--out", tmp_path / "A.PNG", "--npz", tmp_path / "A.NPZ", workspace=workspace)
    assert answer.code == 0 and Image.open(tmp_path / "A.PNG").format == "PNG"
    for verb in (["train", "gan", "--data", tmp_path / "A.NPZ", "--steps", 1, *TINY],
                 ["score", "--real", tmp_path / "A.NPZ", "--fake", tmp_path / "A.NPZ", "--extractor", "random"]):
        answer = cli(*verb, workspace=tmp_path / "workspace")
        assert answer.code == 0, answer.err


def test_no_folder_for_temporary_files_is_needed(workspace, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert cli("sample", trained, "--n", 4, "--npz", tmp_path / "x.npz", workspace=workspace).code == 0
    assert cli("train", "gan", "--data", "digits", "--steps", 1, *TINY, workspace=tmp_path / "workspace").code == 0


def test_samples_can_go_into_a_folder_that_does_not_exist_yet(workspace, trained, tmp_path):
    answer = cli("sample", trained, "--n", 4, "--out", tmp_path / "a" / "b" / "x.png", workspace=workspace)
    assert answer.code == 0 and (tmp_path / "a" / "b" / "x.png").is_file()


# Images of one's own


def png(seed=0, side=12):
    stream = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def pack(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def bomb(path, promised=2**32 - 2):
    """A zip of a few kilobytes whose directory promises 4 GB, the most that it can without extensions."""
    pack(path, {"a.png": png(), "bomb.png": b"\0" * 10**6})
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")  # the last member's line in the directory; its size unpacked is at 24
    data[entry + 24:entry + 28] = struct.pack("<I", promised)
    path.write_bytes(data)
    return path


def real_bomb(path):
    """A zip that does unpack to a gigabyte: a thousandfold, as zeros do."""
    packer, size = zlib.compressobj(9, zlib.DEFLATED, -15), 10**9
    chunk = b"\0" * 10**6
    packed = b"".join([*(packer.compress(chunk) for _ in range(size // len(chunk))), packer.flush()])
    checksum = 0
    for _ in range(size // len(chunk)):
        checksum = zlib.crc32(chunk, checksum)
    name = b"bomb.png"
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, checksum, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + head + name + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)
    return path


@pytest.mark.parametrize("make, names", [
    (lambda path: pack(path, {"../../evil.png": png(), "a.png": png()}), "outside"),
    (lambda path: pack(path, {"/etc/evil.png": png(), "a.png": png()}), "outside"),
    (lambda path: pack(path, {"..\\evil.png": png(), "a.png": png()}), "outside"),
    (bomb, "unpacks"),
    (real_bomb, "unpacks"),
    (lambda path: pack(path, {"readme.txt": b"none", "deep/nested/": b""}), "no images"),
    (lambda path: pack(path, {}), "no images"),
    (lambda path: pack(path, {"a.png": b"no picture", "b.png": b""}), "usable"),
    (lambda path: path.write_bytes(b"PK\x03\x04 and then nothing") and path, "zip"),
    (lambda path: path.write_bytes(b"") or path, "zip"),
], ids=["../", "absolute", "backslashes", "promised bomb", "real bomb", "no image", "empty", "broken images",
        "broken zip", "empty file"])
def test_a_bad_zip_is_refused(refused, tmp_path, make, names):
    path = make(tmp_path / "images.zip")
    said = refused("train", "gan", "--data", path)
    assert names in said and "images.zip" in said
    assert not list(tmp_path.parent.rglob("evil.png"))


def test_an_empty_folder_is_refused(refused, tmp_path):
    assert "no images" in refused("train", "gan", "--data", tmp_path)


def test_a_truncated_picture_is_skipped_and_counted(workspace, tmp_path):
    whole = {f"deep/nested/{i}.png": png(i) for i in range(8)}
    path = pack(tmp_path / "mostly.zip", whole | {"deep/nested/cut.png": png(9, side=40)[:-200]})
    answer = cli("train", "gan", "--data", path, "--size", 8, "--steps", 1, *TINY, workspace=workspace)
    assert answer.code == 0, answer.err
    noted = cli("datasets", "--json", workspace=workspace).out
    assert "1 that could not be decoded" in noted and '"count": 8' in noted


def test_a_model_that_needs_labels_refuses_data_without(refused, workspace, tmp_path):
    pack(tmp_path / "unlabelled.zip", {f"{i}.png": png(i) for i in range(4)})
    assert cli("train", "gan", "--data", tmp_path / "unlabelled.zip", "--size", 8, "--steps", 1, *TINY,
               workspace=workspace).code == 0
    said = refused("train", "cgan", "--data", tmp_path / "unlabelled.zip", "--size", 8)
    assert "labels" in said and "one folder per class" in said


def test_of_a_run_whose_data_are_gone_that_is_said(tmp_path):
    workspace = tmp_path / "workspace"
    pack(tmp_path / "mine.zip", {f"{i}.png": png(i) for i in range(60)})
    answer = cli("train", "gan", "--data", tmp_path / "mine.zip", "--size", 8, "--steps", 2, *TINY, workspace=workspace)
    run = answer.out.strip()
    with contextlib.closing(DiskStore(workspace)) as store:
        name = store.get(run).data
    assert cli("datasets", "--delete", name, "--force", workspace=workspace).code == 0
    for verb in ("evaluate", "anomalies --method knn", "resume --steps 4", "resume --steps 4 --other-data"):
        verb, *rest = verb.split()
        answer = cli(verb, run, *rest, workspace=workspace)
        said = next(line for line in answer.said if name in line)
        assert answer.code and f"The data {name} of the run {run} are gone; import them again" in said
        assert is_a_sentence(said) and "no dataset" not in answer.err
    assert cli("datasets", "--add", tmp_path / "mine.zip", "--size", 8, workspace=workspace).out.strip() == name
    assert cli("resume", run, "--steps", 5, workspace=workspace).code == 0


def test_data_that_cannot_be_had_is_told_with_the_file_to_place(workspace, tmp_path):
    """With no network: the proxy leads nowhere."""
    nowhere = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    answer = gan("train", "gan", "--data", "mnist", workspace=workspace, GAN_DATA=str(tmp_path),
                 KERAS_HOME=str(tmp_path), **nowhere)
    assert answer.code == 2 and answer.out == ""
    attempt, said = answer.err.splitlines()
    assert attempt.startswith("Downloading") and is_a_sentence(said) and str(tmp_path / "mnist.npz") in said


@pytest.mark.parametrize("damage", ["text", "cut short", "wrong arrays"])
def test_a_damaged_file_in_the_data_folder_is_told_by_its_name(workspace, tmp_path, monkeypatch, damage):
    monkeypatch.setenv("GAN_DATA", str(tmp_path))
    file = tmp_path / "mnist.npz"
    if damage == "wrong arrays":
        np.savez(file, x=np.zeros(3))
    else:
        np.savez(file, **{name: np.zeros((10, 28, 28) if name[0] == "x" else 10, np.uint8)
                          for name in ("x_train", "y_train", "x_test", "y_test")})
        whole = file.read_bytes()
        file.write_bytes(b"not an archive" if damage == "text" else whole[:len(whole) // 2])
    answer = cli("train", "gan", "--data", "mnist", workspace=workspace)
    assert (answer.code, answer.out) == (2, "") and is_a_sentence(answer.err) and str(file) in answer.err, answer.err
