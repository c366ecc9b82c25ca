"""The laboratory: GANs in the plane that train in the visitor's browser, and all that is played with there, in one page.

``engine.js`` is the numerics, ``knobs.js`` what can be set, ``worker.js`` trains, ``view.js`` shows, ``lessons.js`` are the
guided lessons.  No server has a part in it; the page works from a disk with the network cut.
"""

import json
from pathlib import Path
from string import Template

from gan_core.sharing import page

HERE = Path(__file__).parent
COMPUTING = ("engine.js", "knobs.js", "worker.js")
OF_PLAYER = ("elements.js", "gif.js")  # what demos have, too
PAGE = ("knobs.js", "lessons.js", "drawing.js", "view.js")


def composed(*, embedded=False, state="", train=False):
    """The page, HTML in UTF-8 (bytes).

    Args:
        embedded: whether it stands in a page of the workbench, which it tells what it wants by messages; else it is a file,
            and its state stands in its address.
        state: what to begin with, as it stands in an address: ``game=wgan_gp&data=grid``.
        train: whether the workbench around it can train: then a button takes the game there.
    """
    # In a script "</" would end it, and "<!--" hide it.
    options = json.dumps({"embedded": embedded, "state": str(state)[:4000], "train": train}).replace("<", "\\u003c")
    return Template((HERE / "page.html").read_text()).substitute(
        style=(HERE / "page.css").read_text(), options=options, header="hidden" if embedded else "",
        computing=source(*COMPUTING), script=f"{page.scripts(OF_PLAYER)}\n{source(*PAGE)}").encode()


def source(*names):
    """Scripts of the laboratory, one after the other."""
    return "\n".join((HERE / name).read_text() for name in names)
