"""How a page asks for what another process computes: the newest question of each place counts, the answers are kept."""

import collections
import concurrent.futures
import functools
import threading
import uuid

import streamlit as st

from gan_core.store import workspace_path
from gan_core.tasks.asking import Question, Superseded
from pages.components import markdown, shell

LOOK = 0.2  # seconds between two looks whether the visitor has moved on
KEPT, KEPT_BYTES = 300, 64 * 2**20  # answers that the server keeps for all visitors


class Answers:
    """The latest answers, as many as there is room for."""

    def __init__(self, most=KEPT, most_bytes=KEPT_BYTES):
        self._most, self._most_bytes, self._bytes = most, most_bytes, 0
        self._kept, self._lock = collections.OrderedDict(), threading.Lock()

    def get(self, question):
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
            return self._kept.get(question)

    def put(self, question, result):
        with self._lock:
            self._bytes += _size(question, result) - _size(question, self._kept.pop(question, None))
            self._kept[question] = result
            while len(self._kept) > self._most or self._bytes > self._most_bytes and len(self._kept) > 1:
                self._bytes -= _size(*self._kept.popitem(last=False))


def answer(task, checkpoint=None, /, *, words="Computing", slot="", keep=True, **knobs):
    """What a task answers: :class:`gan_core.tasks.base.Result`.

    While it is computed, ``words`` stand on the page.  A visitor who changes something meanwhile is not kept waiting: the
    question is given up, and the page drawn anew.

    Args:
        checkpoint: :class:`gan_core.tasks.asking.Checkpoint` that it is about, None for none.
        slot: a place on the page, which has one question at a time; the task's name by default.
        keep: whether an equal question may have the same answer.

    Raises:
        UserError: a sentence.
    """
    question = Question.of(task, workspace_path(), checkpoint, **knobs)
    if keep and (kept := _answers().get(question)) is not None:
        return kept
    with st.spinner(markdown.plain(words)):
        beat = st.empty()
        request = shell.compute().ask(question, visitor=_visitor(), slot=slot or task)
        try:
            while not concurrent.futures.wait([request], LOOK).done:
                beat.empty()  # here Streamlit leaves this run of the page when a newer one is due
            result = request.result()
        except Superseded:
            st.stop()
        finally:
            if not request.done():
                request.abandon()
    if keep:
        _answers().put(question, result)
    return result


@functools.cache
def _answers():
    return Answers()


def _visitor():
    return st.session_state.setdefault("asking:visitor", uuid.uuid4().hex)


def _size(question, result):
    """Bytes, about: of an answer's files, and of what was asked, which may be long, too."""
    if result is None:
        return 0
    return sum(map(len, result.files.values())) + sum(len(str(value)) for _, value in question.knobs)
