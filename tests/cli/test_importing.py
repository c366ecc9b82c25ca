"""Files of one's own by the command line: what may be chosen of them, and what is said."""

import json

import numpy as np
import pytest

from gan_core.__main__ import main
from gan_core.config.import_knobs import ImportKnobs
from gan_core.data import Choices
from helpers_data import noise, write_folder
from helpers_runs import is_a_sentence


def asked(capsys, *arguments):
    code = main(list(map(str, arguments)))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_every_choice_has_a_knob_of_the_same_values():
    assert ImportKnobs().choices == Choices() and [knob.name for knob in ImportKnobs.knobs()] == [*vars(Choices())]


def test_files_are_imported_by_choice_and_found_by_the_name_that_is_printed(tmp_path, capsys):
    path = write_folder(tmp_path / "pets", {f"{name}/{k}.png": noise(k) for name in ("cat", "dog", "cow") for k in range(2)})
    workspace = ("--workspace", tmp_path / "workspace")
    code, name, note = asked(capsys, "datasets", "--add", path, "--size", 16, "--import", "rename=cat=pet", "--import",
                             "rename=dog=pet", *workspace)
    assert code == 0 and name.startswith("pets-") and "Classes were renamed: cat=pet,dog=pet." in note
    code, listed, _ = asked(capsys, "datasets", "--json", *workspace)
    info, = [info for info in json.loads(listed) if info["name"] == name.strip()]
    assert info["class_names"] == ["pet", "cow"] and info["shape"] == [16, 16, 3]
    code, printed, _ = asked(capsys, "datasets", "--add", path, "--size", 16, "--json", *workspace)
    assert json.loads(printed)["class_names"] == ["cat", "cow", "dog"]


@pytest.mark.parametrize("choice, says", [
    ("ground=pink", "must be one of auto, white, black, grey, alpha"), ("colour=red", "no knob 'colour'"),
    ("ground", "--import takes CHOICE=VALUE"), ("rename=x=y", "no classes"), ("fit=", "must be one of crop, pad, tiles")])
def test_wrong_choices_are_told(tmp_path, capsys, choice, says):
    np.save(tmp_path / "a.npy", np.arange(2 * 64, dtype=np.uint8).reshape(2, 8, 8))
    code, out, err = asked(capsys, "datasets", "--add", tmp_path / "a.npy", "--import", choice, "--workspace", tmp_path)
    assert (code, out) == (2, "") and says in err and is_a_sentence(err)


@pytest.mark.parametrize("arguments, says", [
    (("--add", ""), "There is no dataset ''"), (("--delete", ""), "Nothing is kept under the name ''"),
    (("--add", "x.zip", "--delete", "x"), "not allowed with"), (("--add", "x.zip", "--choices"), "not allowed with")])
def test_what_is_asked_for_is_done_or_refused(tmp_path, capsys, arguments, says):
    """An empty variable of a script is no success."""
    code, out, err = asked(capsys, "datasets", *arguments, "--workspace", tmp_path)
    assert (code, out) == (2, "") and says in err and is_a_sentence(err)


def test_choices_are_for_what_is_imported(tmp_path, capsys):
    workspace = ("--workspace", tmp_path / "workspace")
    assert asked(capsys, "datasets", "--import", "fit=pad", *workspace)[0] == 2
    code, out, err = asked(capsys, "datasets", "--add", "digits", "--import", "fit=pad", *workspace)
    assert code == 2 and is_a_sentence(err) and "digits is built in" in err
    code, out, _ = asked(capsys, "datasets", "--choices", *workspace)
    assert code == 0 and all(knob.name in out for knob in ImportKnobs.knobs())


def test_what_columns_are_can_be_said_again_and_again(tmp_path, capsys):
    rows = "".join(f"{place % 3},{place}.5,Person {place}\n" for place in range(30))
    (tmp_path / "a.csv").write_text("kind,size,name\n" + rows)
    workspace = ("--workspace", tmp_path / "workspace")
    code, name, note = asked(capsys, "datasets", "--add", tmp_path / "a.csv", "--import", "columns=kind=integer", "--import",
                             "columns=size=out", "--import", "missing=keep", *workspace)
    assert code == 0 and "Whole numbers: kind." in note and "asked for: size." in note and "'name' was left out" in note
    code, listed, _ = asked(capsys, "datasets", *workspace)
    assert "The column 'name' was left out" in listed, "before anybody trains on it"
    code, out, err = asked(capsys, "datasets", "--add", tmp_path / "a.csv", "--import", "columns=kind=fish", *workspace)
    assert (code, out) == (2, "") and "not 'fish'" in err and is_a_sentence(err)
