"""Runs that were made elsewhere, from event files and CSV: as far as they go, with a sentence on what is left out."""

import io
import json
import struct
from pathlib import Path

import pytest
from PIL import Image
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboardX.proto.tensor_pb2 import TensorProto
from tensorboardX.record_writer import masked_crc32c

import helpers_stores
from gan_core.errors import BadInput, UserError
from gan_core.outside import importing
from gan_core.outside.readers import base, readers, tensorboard
from gan_core.store import FINISHED, artifacts
from gan_core.store.recorder import StoreRecorder
from helpers_runs import cli, is_a_sentence, log_of, make_run
from helpers_stores import table

disk = helpers_stores.disk  # a fixture


def record(event):
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def scalar(step, tag, value, when=1_700_000_000.0):
    return record(Event(wall_time=when + step, step=step,
                        summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)])))


def tensor(step, tag, plugin, **fields):
    """As TensorFlow 2 writes a scalar or a picture."""
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin)) if plugin else None
    return record(Event(wall_time=1.7e9 + step, step=step, summary=Summary(value=[
        Summary.Value(tag=tag, metadata=metadata, tensor=TensorProto(**fields))])))


def picture(form="PNG", size=(16, 12), colour=200):
    file = io.BytesIO()
    Image.new("L", size, colour).save(file, form)
    return file.getvalue()


def image(step, tag, content):
    return record(Event(wall_time=1.7e9, step=step, summary=Summary(value=[
        Summary.Value(tag=tag, image=Summary.Image(height=12, width=16, colorspace=1, encoded_image_string=content))])))


BEGIN = record(Event(wall_time=1.7e9, file_version="brain.Event:2"))


def events(folder, *parts, name="events.out.tfevents.1700000000.host"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join([BEGIN, *parts]))
    return path


def taken(store, path, **options):
    [one] = importing.take_in(store, path, **options)
    return one


# TensorBoard


def test_event_files_become_a_run_with_curves_and_sheets(disk, tmp_path):
    events(tmp_path / "theirs", *(scalar(step, tag, step / 4) for step in range(3) for tag in ("loss/G", "D_loss", "FID")),
           image(0, "real", picture()), image(0, "fake_images", picture("JPEG")), image(2, "fake_images", picture()),
           tensor(1, "epoch_accuracy", "scalars", dtype=1, float_val=[0.5]),
           tensor(2, "epoch_accuracy", "", dtype=1, tensor_content=struct.pack("<f", 0.75)),
           tensor(1, "two", "images", dtype=7, string_val=[b"16", b"12", picture(), picture()]))
    one = taken(disk, tmp_path / "theirs")
    run = disk.get(one.run.id)
    assert (run.name, run.status, run.step, run.steps, run.elsewhere) == ("theirs", FINISHED, 2, 2, True)
    assert one.curves == {"g_loss": 3, "d_loss": 3, "FID": 3, "epoch_accuracy": 2} and one.sheets == 4
    assert (2, "g_loss", 0.5) in table(disk.rows(run.id)) and (2, "epoch_accuracy", 0.75) in table(disk.rows(run.id))
    assert run.seconds == pytest.approx(2.0) and run.started == pytest.approx(1.7e9) and len(run.facts["line"]) == 3
    held = disk.artifacts(run.id)
    assert list(artifacts.sample_sheets(held)) == [0, 2], "what a generator drew stands first"
    assert sorted(view.title for view in artifacts.views(held)) == ["real", "two"]
    for name in [*artifacts.sample_sheets(held).values(), *held.list("views/two/0")]:
        assert held.read(name).startswith(b"\x89PNG")
    assert "loss/G is g_loss" in log_of(disk, run.id)


def test_what_our_own_recorder_writes_is_read_again(disk, tmp_path):
    own = make_run(disk, status="running", attempt=1)
    with StoreRecorder(disk, own) as recorder:
        recorder.metrics(1, {"d_loss": 0.5, "g_loss": float("nan")})
    name, = disk.artifacts(own.id).list("events/")
    path = tmp_path / name.rpartition("/")[2]
    path.write_bytes(disk.artifacts(own.id).read(name))
    assert table(disk.rows(taken(disk, path).run.id)) == [(1, "d_loss", 0.5), (1, "g_loss", None)]


def test_a_run_that_went_on_from_an_earlier_step_has_its_later_steps_once(disk, tmp_path):
    start = record(Event(step=3, session_log=SessionLog(status=SessionLog.START)))
    events(tmp_path / "a", *(scalar(step, "x", 1.0) for step in range(6)), name="events.out.tfevents.1.h")
    events(tmp_path / "a", start, scalar(3, "x", 2.0), name="events.out.tfevents.2.h")
    assert [value for _, _, value in table(disk.rows(taken(disk, tmp_path / "a").run.id))] == [1.0, 1.0, 1.0, 2.0]


def test_a_time_that_is_no_number_takes_nothing_with_it(disk, tmp_path):
    one = taken(disk, events(tmp_path, scalar(1, "x", 1.0, float("nan")), scalar(2, "x", 2.0, float("inf"))))
    assert table(disk.rows(one.run.id)) == [(1, "x", 1.0), (2, "x", 2.0)]


def test_folders_are_not_counted_as_files(disk, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MOST_FILES", 4)
    for number in range(4):
        (tmp_path / "logs" / f"{number}").mkdir(parents=True)
        (tmp_path / "logs" / f"{number}" / "log.csv").write_text("step,x\n1,1\n")
    assert len(importing.take_in(disk, tmp_path / "logs")) == 4, "none is left out in silence"
    (tmp_path / "logs" / "more.csv").write_text("step,x\n1,1\n")
    with pytest.raises(BadInput, match="more than 4 files"):
        importing.take_in(disk, tmp_path / "logs")


def test_folders_below_are_runs_of_their_own(disk, tmp_path):
    for name in ("train", "validation"):
        events(tmp_path / "logs" / name, scalar(1, "loss", 1.0))
    assert [one.run.name for one in importing.take_in(disk, tmp_path / "logs")] == ["logs/train", "logs/validation"]
    named = importing.take_in(disk, tmp_path / "logs", name="Theirs")
    assert [one.run.name for one in named] == ["Theirs/train", "Theirs/validation"]


HUGE = struct.pack("<Q", 2**60)  # a length


@pytest.mark.parametrize("spoil, rows, says", [
    (lambda data: data[:-9], 9, "ends in the midst"), (lambda data: data[:-1], 9, "ends in the midst"),
    (lambda data: data + b"\x07", 10, "ends in the midst"),
    (lambda data: data[:-25] + bytes([data[-25] ^ 255]) + data[-24:], 9, "could not be read"),
    (lambda data: data + b"no event at all, but some text", 10, "damaged there"),
    (lambda data: data + HUGE + struct.pack("<I", masked_crc32c(HUGE)), 10, "ends in the midst")])
def test_what_is_cut_off_or_damaged_is_read_as_far_as_it_goes(disk, tmp_path, spoil, rows, says):
    path = events(tmp_path, *(scalar(step, "x", 1.0) for step in range(10)))
    path.write_bytes(spoil(path.read_bytes()))
    one = taken(disk, path)
    assert len(disk.rows(one.run.id)) == rows
    assert any(says in note for note in one.notes) and all(map(is_a_sentence, one.notes)), one.notes


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and more of a zip", BEGIN, BEGIN[:5]])
def test_what_holds_nothing_is_refused_in_a_sentence(disk, tmp_path, content):
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        importing.take_in(disk, path)
    assert is_a_sentence(str(caught.value)) and disk.list() == []


def test_what_is_too_large_is_passed_over(disk, tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "LARGEST", 200)
    monkeypatch.setattr(base, "MOST_POINTS", 100)
    monkeypatch.setattr(base, "FEWEST", 50)
    monkeypatch.setattr(tensorboard, "HELD", 300)
    monkeypatch.setattr(importing, "MOST_SHEETS", 5)
    small = picture(size=(2, 2))
    path = events(tmp_path, image(1, "fake", picture(size=(400, 400)) + bytes(300)),
                  *(scalar(step, "x", step) for step in range(1000)),
                  *(image(step, "fake", small) for step in range(20)), image(30, "fake", b"GIF89a"))
    one = taken(disk, path)
    assert one.sheets == 5 and 80 <= one.curves["x"] <= 102 and all(map(is_a_sentence, one.notes))
    said = " ".join(one.notes)
    assert "1 event could not be read" in said and "neither PNG nor JPEG" in said and "more than 100 points" in said
    steps = disk.rows(one.run.id).step
    assert steps[0] == 0 and steps[-1] == 999
    assert list(artifacts.sample_sheets(disk.artifacts(one.run.id)))[::4] == [0, 19]


def test_pictures_that_cannot_be_read_are_counted(disk, tmp_path):
    one = taken(disk, events(tmp_path, scalar(1, "x", 1.0), image(1, "fake", b"\x89PNG\r\n\x1a\n and nothing"),
                             image(2, "fake", picture())))
    assert one.sheets == 1 and any("1 picture could not be read" in note for note in one.notes)


# CSV


@pytest.mark.parametrize("text, rows, says", [
    ("step,loss_g,D_loss\n1,0.5,1\n2,,2\n", [(1, "d_loss", 1.0), (1, "g_loss", 0.5), (2, "d_loss", 2.0)], "'step'"),
    ("epoch;loss;note\n0;0,5;a\n1;0,25;b\n", [(0, "loss", 0.5), (1, "loss", 0.25)], "without numbers were left out: note"),
    ("Wall time,Step,Value\n1700000000.5,10,3\n1700000001.5,20,nan\n", [(10, "Value", 3.0), (20, "Value", None)], "'Step'"),
    ("loss\n3\n4\n", [(1, "loss", 3.0), (2, "loss", 4.0)], "--steps COLUMN"),
    ("epoch,step,x\n0.5,1,9\n1,2,8\n", [(1, "x", 9.0), (1, "epoch", 0.5), (2, "x", 8.0), (2, "epoch", 1.0)], "'step'"),
    ("step,x\n1,9\n2,8\nstep,x\n3,7\n3,6\n4", [(1, "x", 9.0), (2, "x", 8.0), (3, "x", 6.0)], "1 line of another number"),
    ("step\tx\n1\t9\n\t8\n", [(1, "x", 9.0)], "1 line without a step"),
    ("# of NumPy\n# step,x\n1.0e+00,9.0e+00\n2.0e+00,8.0e+00\n", [(1, "x", 9.0), (2, "x", 8.0)], "by the column 'step'"),
    ("step,x\n1,9\nnan,8\n3,7\n", [(1, "x", 9.0), (3, "x", 7.0)], "1 line without a step"),
    ("step,x\n5,1\n1,2\n3,3\n3,4\n", [(1, "x", 2.0), (3, "x", 4.0), (5, "x", 1.0)], "1 value of a step that a later line"),
    ("step,x,y\n1,9,a\n2,none,b\n", [(1, "x", 9.0)], "1 value among numbers is no number and was left out"),
    ("epoch,step,train,val\n0,1,9,\n0,2,8,\n0,2,,7\n", [(1, "train", 9.0), (2, "train", 8.0), (2, "val", 7.0),
                                                       (1, "epoch", 0.0), (2, "epoch", 0.0)], "by the column 'step'"),
    ("epoch,batch,x\n" + "".join(f"{at // 4},{at % 4},{at}\n" for at in range(12)),
     [(at + 1, key, float(value)) for at in range(12) for key, value in (("x", at), ("epoch", at // 4), ("batch", at % 4))],
     "'batch' begins anew again"),
    ("step,key,value,time\n1,g_loss,0.5,1700000000.0\n2,g_loss,nan,1700000001.0\n",
     [(1, "g_loss", 0.5), (2, "g_loss", None)], "CSV")])
def test_a_table_of_curves_becomes_a_run(disk, tmp_path, text, rows, says):
    path = tmp_path / "their log.csv"
    path.write_text(text)
    one = taken(disk, path)
    assert sorted(map(str, table(disk.rows(one.run.id)))) == sorted(map(str, rows)) and one.run.name == "their log"
    assert says in " ".join(one.notes) and all(map(is_a_sentence, one.notes)), one.notes


def test_times_are_seconds_whatever_counts_them(disk, tmp_path):
    path = tmp_path / "log.csv"
    for scale in (1, 1000, 10**9):
        lines = "".join(f"{(1_700_000_000 + 60 * step) * scale},{step},1\n" for step in range(3))
        path.write_text(f"timestamp,step,x\n{lines}")
        run = taken(disk, path).run
        assert run.seconds == pytest.approx(120) and disk.rows(run.id).time[0] == pytest.approx(1.7e9)


def test_names_that_differ_by_what_is_not_seen_are_curves_of_their_own(disk, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("step,a  b,a b,loss\u200b,loss,d acc  real,d acc real\n1,1,2,3,4,98,99\n", encoding="utf-8")
    one = taken(disk, path)
    assert table(disk.rows(one.run.id)) == [(1, "a b", 2.0), (1, "a b (2)", 1.0), (1, "d acc real", 99.0),
                                            (1, "d acc real (2)", 98.0), (1, "loss", 4.0), (1, "loss (2)", 3.0)]
    assert "a  b is a b (2)" in " ".join(one.notes)


def test_the_column_of_steps_can_be_said(disk, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("step,seen,half,x\n1,10,0.5,3\n2,20,1,4\n")
    assert {step for step, *_ in table(disk.rows(taken(disk, path, steps="seen").run.id))} == {10, 20}
    for steps, says in (("half", "whole numbers"), ("none", "no column 'none'")):
        with pytest.raises(BadInput, match=says) as caught:
            importing.take_in(disk, path, steps=steps)
        assert is_a_sentence(str(caught.value))
    with pytest.raises(BadInput, match="steps of their own"):
        importing.take_in(disk, events(tmp_path / "e", scalar(1, "x", 1.0)), steps="step")


@pytest.mark.parametrize("content", ["", "\n\n", "1,2\n3,4\n", "step,name\n1,a\n2,b\n", "step,x\n", "\0\0\0",
                                     "step,x\n1," + "9" * 2_000_000])
def test_a_table_without_curves_is_refused_in_a_sentence(disk, tmp_path, content):
    path = tmp_path / "log.csv"
    path.write_text(content)
    with pytest.raises(BadInput) as caught:
        importing.take_in(disk, path)
    assert is_a_sentence(str(caught.value)) and disk.list() == []


def test_percentages_are_not_called_as_our_shares_are(disk, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("step,d_acc_real,d_acc_fake\n1,98,0.5\n2,99,0.25\n")
    assert set(taken(disk, path).curves) == {"d_acc_real", "d_accuracy_fake"}


# All of it, or nothing


def test_what_cannot_be_read_beside_others_is_told_and_left_out(disk, tmp_path):
    (tmp_path / "a.csv").write_text("no numbers\n")
    with pytest.raises(BadInput, match="a.csv"):
        importing.take_in(disk, tmp_path)
    (tmp_path / "b.csv").write_text("step,x\n1,2\n")
    one = taken(disk, tmp_path)
    assert one.run.name == f"{tmp_path.name}/b" and any("a.csv" in note for note in one.notes)
    assert [run.id for run in disk.list()] == [one.run.id]


def test_what_cannot_be_written_leaves_nothing(disk, tmp_path, monkeypatch):
    path = events(tmp_path, scalar(1, "x", 1.0), image(1, "fake", picture()))

    def full(*_):
        raise UserError("The disk is full.")

    monkeypatch.setattr(type(disk.artifacts("x")), "append", full)
    with pytest.raises(UserError):
        importing.take_in(disk, path)
    assert disk.list() == []


def test_the_verb(disk, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("step,loss/G\n1,2\n")
    answer = cli("import", path, "--name", "Theirs", workspace=disk.workspace)
    [run] = disk.list()
    assert answer.code == 0 and answer.out == f"{run.id}\n" and "1 curves" not in answer.err and run.name == "Theirs"
    [told] = json.loads(cli("import", path, "--json", workspace=disk.workspace).out)
    assert told["curves"] == {"g_loss": 1} and told["steps"] == 1 and told["notes"]
    for wrong in (tmp_path / "nowhere", tmp_path / "empty", "\0"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        answer = cli("import", wrong, workspace=disk.workspace)
        assert answer.code == 2 and is_a_sentence(answer.err), answer.err
    answer = cli("show", run.id, workspace=disk.workspace)
    assert answer.code == 0 and "made elsewhere" in answer.out
    for verb in (("resume", run.id), ("sample", run.id, "--out", tmp_path / "s.png"), ("evaluate", run.id),
                 ("demo", run.id, "--out", tmp_path / "d.html"), ("directions", run.id, "--out", tmp_path / "d.png")):
        answer = cli(*verb, workspace=disk.workspace)
        assert answer.code == 2 and is_a_sentence(answer.err) and "made elsewhere" in answer.err, answer.err


def test_it_is_packed_and_unpacked_as_any_other(disk, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("step,g_loss\n1,2\n")
    run = taken(disk, path).run
    assert cli("pack", run.id, "--out", tmp_path / "run.zip", workspace=disk.workspace).code == 0
    answer = cli("unpack", tmp_path / "run.zip", workspace=tmp_path / "other")
    assert answer.code == 0, answer.err
    assert '"made elsewhere"' in cli("show", answer.out.strip(), "--json", workspace=tmp_path / "other").out


def test_it_is_compared_with_ones_own(disk, tmp_path):
    runs = []
    for name in ("a", "b"):
        lines = "".join(f"{step},{1 / step},{step}\n" for step in range(1, 9))
        (tmp_path / f"{name}.csv").write_text(f"step,g_loss,fid\n{lines}")
        runs.append(taken(disk, tmp_path / f"{name}.csv").run)
    own = make_run(disk, status=FINISHED, step=8)
    disk.add_rows(own.id, [(step, "g_loss", 1.0, 0.0) for step in range(1, 9)])
    answer = cli("compare", *(run.id for run in runs), own.id, "--json", "--html", tmp_path / "c.html",
                 workspace=disk.workspace)
    assert answer.code == 0, answer.err
    titles = [entry["title"] for entry in json.loads(answer.out)["entries"]]
    assert titles[:2] == ["a (made elsewhere)", "b (made elsewhere)"] and len(titles) == 3


def test_readers_take_what_is_theirs():
    found = readers()
    assert set(found) == {"tensorboard", "csv_curves"}
    taken_by = {name: [reader for reader in found if found[reader].takes(Path(name))]
                for name in ("a.csv", "events.out.tfevents.1.x", "a.png")}
    assert [*taken_by.values()] == [["csv_curves"], ["tensorboard"], []]
