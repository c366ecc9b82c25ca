"""A computing process without TensorFlow, for the tests of computing processes::

    python tests/helpers/helpers_compute.py

It answers questions of ``look``, whose ``data`` say what to do: "sleep 0.5", "deaf 5" (and hears nothing), "eat 600" (MiB),
"die", "raise TEXT", "refuse TEXT" or "say TEXT".  What it begins it writes, a line each,
to the file ``begun`` in the workspace, and what it has done to ``computed``.
"""

import os
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COMMAND = (sys.executable, str(Path(__file__)))


def question(workspace, order):
    """What asks this process to do something."""
    from gan_core.tasks.asking import Question

    return Question.of("look", workspace, data=order)


def answer(question, should_stop):
    from gan_core.errors import BadInput, Stopped
    from gan_core.tasks.base import Result

    order, _, rest = dict(question.knobs)["data"].partition(" ")
    with open(Path(question.workspace) / "begun", "a") as file:
        file.write(f"{order} {rest}\n")
    if order in ("sleep", "deaf"):
        end = time.monotonic() + float(rest.split()[0])
        while time.monotonic() < end:
            if order == "sleep" and should_stop():
                raise Stopped
            time.sleep(0.01)
    elif order == "eat":
        eaten = bytearray(int(rest) * 2**20)
        eaten[::4096] = b"x" * len(eaten[::4096])
        time.sleep(60)
    elif order == "die":
        print("I am dying of it.", file=sys.stderr, flush=True)
        os._exit(3)
    elif order == "raise":
        raise ValueError(f"{rest}\nSecond line.")
    elif order == "refuse":
        raise BadInput(rest, {"data": rest})
    with open(Path(question.workspace) / "computed", "a") as file:
        file.write(f"{order} {rest}\n")
    return Result(rest, {"pid": os.getpid(), "backend": os.environ["KERAS_BACKEND"]})


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    from gan_core.tasks import asking, server

    asking.answer, server._load = answer, lambda: print("It is warm.", file=sys.stderr, flush=True)
    server.serve()
