"""What pages do not tell visitors of this machine: where things lie on it, and tracebacks, which stay in the logs."""

import os
import re
from pathlib import Path

from gan_core.store import workspace_path

PROJECT = Path(__file__).parents[2]
_END = r"(?![\w.-])"
# A path of two folders or more: all but its last name goes.
_PATH = re.compile(r"""(?<![\w.:/~…<])(?:/|[A-Za-z]:\\)(?:[^\s/\\'",:;()<>]+[/\\])+(?=[^\s/\\'",:;()<>])""")
_AT_HOME = re.compile(r"""~/(?:[^\s/\\'",:;()<>]+/)+(?=[^\s/\\'",:;()<>])""")
_BETWEEN = ("During handling of the above exception", "The above exception was the direct cause")


def without_paths(text):
    """Text in which folders of this machine have the names that people know, or none."""
    text = str(text)
    workspace = str(workspace_path().absolute())
    known = [(f"workspace {workspace}", "workspace"), (workspace, "the workspace"), (str(PROJECT), "the project")]
    known += [(folder, f"${variable}") for variable in ("GAN_ZOO", "GAN_DATA")
              if len(folder := os.environ.get(variable, "").rstrip("/")) > 1]
    known += [(home, "~")] if len(home := os.path.expanduser("~")) > 1 else []
    for path, name in known:
        text = re.sub(re.escape(path) + _END, lambda _, name=name: name, text)
    return _PATH.sub("…/", _AT_HOME.sub("…/", text))


def has_traceback(text):
    """Whether :func:`without_tracebacks` would leave one out."""
    return "Traceback (most recent call last)" in text


def without_tracebacks(text):
    """A log in which each traceback is the line of its error alone, and no paths."""
    kept, inside = [], False
    for line in text.splitlines():
        if has_traceback(line):
            inside = True
        elif line.startswith(_BETWEEN) or inside and (not line.strip() or line[:1].isspace()):
            continue
        else:
            inside = False
            kept.append(without_paths(line))
    return "\n".join(kept)
