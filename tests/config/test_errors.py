"""Sentences about what people gave: a name of thousands of letters does not hide what is said of it."""

import pytest

from gan_core.errors import BadInput, RunFailed, StoreError, TaskFailed, UserError
from helpers_runs import cli


@pytest.mark.parametrize("kind", [UserError, BadInput, RunFailed, StoreError, TaskFailed])
def test_the_middle_of_what_is_too_long_is_left_out(kind):
    said = str(kind(f"There is no dataset {'x' * 5000!r}; choose one."))
    assert said.startswith("There is no dataset 'xxx") and said.endswith("xxx'; choose one.") and len(said) < 200
    said = str(kind(f"It is called {'a b ' * 2000}; choose another name."))
    assert said.startswith("It is called a b") and said.endswith("choose another name.") and len(said) < 2000
    path = f"/{'folder/' * 30}log.txt"
    assert str(kind(f"The traceback is in {path}.")) == f"The traceback is in {path}.", "a path is whole"


def test_what_is_said_of_a_field_is_bounded_too():
    assert len(BadInput("No.", {"data": "x" * 5000}).fields["data"]) < 200


@pytest.mark.parametrize("arguments", [("train", "gan", "--data", "x" * 5000), ("train", "x" * 5000, "--data", "ring"),
                                       ("show", "x" * 5000), ("train", "gan", "--data", "ring", "--set", "y" * 5000 + "=1"),
                                       ("datasets", "--delete", "x" * 5000)])
def test_on_the_command_line_a_long_name_is_not_echoed_whole(tmp_path, arguments):
    answer = cli(*arguments, workspace=tmp_path)
    assert answer.code and answer.err.strip() and len(answer.err) < 1200 and "Traceback" not in answer.err
