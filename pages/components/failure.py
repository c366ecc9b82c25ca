"""When something fails on a page: a sentence there says what, and a log in the workspace holds the traceback."""

import os
import threading
import time
import traceback

import streamlit as st

from gan_core.errors import UserError
from gan_core.store import workspace_path
from pages.components import machine, markdown

LOG = "logs/pages.log"  # in the workspace
FULL = 1_000_000  # bytes, from which on the log begins anew; one older log is kept
LONGEST = 300  # characters of an error that go into a sentence

_lock = threading.Lock()


def unhandled(error):
    """What Streamlit calls with every error that a page leaves to it: of its body, of a fragment, of a callback.

    Returns True: nothing else is to be shown.
    """
    tell("This page", error)
    return True


def tell(what, error):
    """Say that ``what`` ("The sample", "This page") could not be made, and keep the traceback in the log.

    A :class:`UserError` is its own sentence, and needs no log.
    """
    if isinstance(error, UserError):
        st.error(markdown.told(error), icon=":material/error:")
        return
    st.error(markdown.filled("{} failed: {}. {}", what, in_words(error), _kept(what, error)), icon=":material/error:")


def in_words(error):
    """An error's type and its first line, without the paths of this machine."""
    line = (str(error).strip().splitlines() or [""])[0]
    line = machine.without_paths(line)
    if len(line) > LONGEST:
        line = line[:LONGEST] + " ..."
    return f"{type(error).__name__}: {line}".rstrip(" .:")


def _kept(what, error):
    """Write the traceback; the sentence that says where."""
    text = "".join(traceback.format_exception(error))
    try:
        _write(workspace_path() / LOG, f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {what} failed\n{text}\n")
    except OSError:
        return f"The traceback is in what the server prints: {LOG} of the workspace could not be written."
    return f"The traceback is in {LOG} of the workspace."


def _write(path, text):
    with _lock:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > FULL:
            os.replace(path, path.with_suffix(".old.log"))
        with path.open("a") as log:
            log.write(text)
