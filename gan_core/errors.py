"""Errors that are meant to be read by the person who caused them.

Every message is one sentence (or two) that says what is wrong and what to do; the command line prints it
without a traceback and the pages show it beside the field it speaks of.
"""

import re

_LONGEST_WORD, _LONGEST, _ENDS = 300, 2000, (80, 40)  # letters: paths are whole; what is left of a longer one


def bounded(message):
    """A sentence in which nobody's name of thousands of letters hides what it says: the middle is left out of a word, and of
    what is too long as a whole."""
    begin, end = _ENDS
    text = re.sub(rf"\S{{{_LONGEST_WORD},}}", lambda word: f"{word[0][:begin]}…{word[0][-end:]}", str(message))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST // 2]} … {text[-_LONGEST // 4:]}"


class UserError(Exception):
    """Something the user can put right.  ``str(error)`` is the sentence to show."""

    exit_code = 2

    def __init__(self, message=""):
        super().__init__(bounded(message))


class BadInput(UserError, ValueError):
    """An argument, a knob or a file that cannot be used.

    ``fields`` maps the name of each offending field to its own sentence, so that a form can show every
    error at its place; it is empty when the error belongs to no single field.
    """

    def __init__(self, message, fields=None):
        super().__init__(message)
        self.fields = {name: bounded(sentence) for name, sentence in (fields or {}).items()}


class Broken(BadInput):
    """Code that somebody added, and that raised its ``__cause__``, whose traceback belongs in the log of who keeps one."""


class StoreError(UserError):
    """The workspace cannot be read or written: read-only, full, or made by a newer version."""


class DiskFull(StoreError):
    """There is no room for what is to be written."""


class RunFailed(UserError):
    """A run that started and did not end well."""

    exit_code = 1


class Superseded(RunFailed):
    """A process that was taken for dead came back, and its run goes on elsewhere: it must end, and write nothing more."""


class Stopped(RunFailed):
    """Someone asked for a long computation to stop, through its ``should_stop``."""

    def __init__(self, message="It was stopped before its end."):
        super().__init__(message)


class TaskFailed(RunFailed):
    """Work on a trained model that began and did not end well; the sentence says what happened, and which log says more."""
