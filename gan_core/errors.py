"""Errors that are meant to be read by the person who caused them.

Every message is one sentence (or two) that says what is wrong and what to do; the command line prints it
without a traceback and the pages show it beside the field it speaks of.
"""


class UserError(Exception):
    """Something the user can put right.  ``str(error)`` is the sentence to show."""

    exit_code = 2


class BadInput(UserError, ValueError):
    """An argument, a knob or a file that cannot be used.

    ``fields`` maps the name of each offending field to its own sentence, so that a form can show every
    error at its place; it is empty when the error belongs to no single field.
    """

    def __init__(self, message, fields=None):
        super().__init__(message)
        self.fields = dict(fields or {})


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
