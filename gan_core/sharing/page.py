"""The page of a demo: what is known of a run, and the player, in one file.  Light: the server composes it, too."""

from pathlib import Path
from string import Template

PLAYER = Path(__file__).parent / "player"
COMPUTING = ("shapes.js", "operations.js", "worker.js")
PAGE = ("elements.js", "common.js", "shapes.js", "random.js", "inputs.js", "gif.js", "rows.js", "explore.js", "page.js")
PICTURES = ("elements.js", "common.js", "shapes.js", "doodle.js", "pictures.js")


def composed(parts):
    """The page, HTML in UTF-8 (bytes), of what :func:`gan_core.sharing.demo.parts` gives: texts that are HTML already."""
    pictures = parts.get("pictures", False)
    player = "pictures.html" if pictures else "controls.html"
    explorer = (PLAYER / "explore.html").read_text() if parts["explorable"] else ""
    return Template((PLAYER / "page.html").read_text()).substitute(
        {name: text for name, text in parts.items() if name not in ("explorable", "pictures")},
        style=(PLAYER / "page.css").read_text(), player=(PLAYER / player).read_text() + explorer,
        computing=scripts(COMPUTING), script=scripts(PICTURES if pictures else PAGE)).encode()


def scripts(names):
    """Scripts of the player, one after the other."""
    return "\n".join((PLAYER / name).read_text() for name in names)
