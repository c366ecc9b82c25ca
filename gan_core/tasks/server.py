"""The body of a computing process: questions from stdin, answers on stdout.  See :mod:`gan_core.tasks.compute`.

Its parent never loads Keras or holds a dataset.  It ends when stdin closes, whatever it is doing: its parent is gone.
"""

import os
import pickle
import queue
import sys
import threading
import time
import traceback

from gan_core.config import backends
from gan_core.errors import Broken, Stopped, UserError
from gan_core.tasks import asking

TOLD = 200  # letters of a knob in the log
# What may take the place of a question.
GIVE_UP = "give up"  # nobody waits for the answer any more
WARM_UP = "warm up"  # somebody may ask soon: load what takes longest; there is no answer


def serve():
    """Answer until stdin closes.  Messages are ``(number, question)``, answers ``(number, result, error)``."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the GPU belongs to training
    os.nice(5)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    questions, given_up = queue.SimpleQueue(), set()
    threading.Thread(target=_listen, args=(questions, given_up), daemon=True).start()
    while True:
        number, question = questions.get()
        if question == WARM_UP:
            _load()
            continue
        pickle.dump((number, *_answer(question, lambda number=number: number in given_up)), answers)
        answers.flush()
        given_up.discard(number)


def _listen(questions, given_up):
    try:
        while True:
            number, question = pickle.load(sys.stdin.buffer)
            if question == GIVE_UP:
                given_up.add(number)
            else:
                questions.put((number, question))
    except EOFError:
        os._exit(0)  # not sys.exit: whatever is being computed, nobody waits for it


def _load():
    try:
        from gan_core.tasks import models  # noqa: F401  Keras, and with it seconds
    except Exception as error:  # who asks is told
        traceback.print_exception(error)


def _answer(question, should_stop):
    """``(result, error)``; an error that is not for people as its type and words: unpickling a library's own would load
    that library into the parent.  The whole story goes to stderr, which is a log."""
    try:
        backends.use()
        return asking.answer(question, should_stop), None
    except (UserError, Stopped) as error:
        if isinstance(error, Broken):
            _log(question, error.__cause__)
        return None, error
    except (Exception, SystemExit) as error:  # somebody's code may also leave the process
        _log(question, error)
        return None, (type(error).__name__, str(error))


def _log(question, error):
    asked = {name: value if len(str(value)) <= TOLD else f"{str(value)[:TOLD]}…" for name, value in question.knobs}
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {question.task} {asked} of {question.checkpoint}", file=sys.stderr)
    traceback.print_exception(error)
    sys.stderr.flush()


if __name__ == "__main__":
    # Under its own name: what it pickles must not be of __main__.
    from gan_core.tasks.server import serve as serve_under_its_name

    serve_under_its_name()
