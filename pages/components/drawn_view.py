"""What an architecture draws: samples after the minutes that the zoo's table gives each, where docs/zoo has some."""

import functools
import io

from PIL import Image

from gan_core.modalities.base import Artifact
from pages.components import artifact_view
from pages.components.machine import PROJECT

SHEETS, ROWS, OF = PROJECT / "docs" / "zoo", 2, 8  # rows of a tile, of those of a sheet


def show(card, *, few=False):
    """Draw the sheet of a card's architecture, or the ``few`` first samples of it; nothing where there is none."""
    if data := _samples(card.name, few):
        caption = None if few else "Two minutes of training on MNIST on one processor core, by the preset for a quick look."
        artifact_view.show(Artifact(data, "image/png", f"Samples of {card.title}, trained for two minutes on MNIST"),
                           caption=caption, width="stretch" if few else 320)


@functools.cache
def _samples(name, few):
    path = SHEETS / f"{name}.png"
    if not path.is_file():
        return b""
    if not few:
        return path.read_bytes()
    with Image.open(path) as sheet:
        part = sheet.crop((0, 0, sheet.width, 2 + (sheet.height - 2) * ROWS // OF))
        file = io.BytesIO()
        part.save(file, "PNG", optimize=True)
    return file.getvalue()
