"""Each run's newest samples."""

from gan_core.errors import BadInput
from gan_core.modalities.base import is_picture, mime_of
from gan_core.reporting.panels.base import TABLE, VERBATIM, WORDS, Element, Panel
from gan_core.reporting.text import tables_alone
from gan_core.store.artifacts import NoArtifact, sample_sheets


def drawn(source, run_ids, chosen):
    return [_of(source.store, run_id) for run_id in run_ids]


def _of(store, run_id):
    try:
        run = store.get(run_id)
        held = store.artifacts(run_id)
        sheets = sample_sheets(held)
        if not sheets:
            return Element(WORDS, f"{run.name} has no samples yet.")
        step = max(sheets)
        content = held.read(sheets[step])
    except (BadInput, NoArtifact):
        return Element(WORDS, f"The run {run_id} is not here any more.")
    title = f"{run.name}, step {step:,}"
    if is_picture(sheets[step]):
        return Element.picture(content, title)
    if mime_of(sheets[step]) == "text/html":
        return Element(TABLE, tables_alone(content.decode(errors="replace")), title)
    if mime_of(sheets[step]).startswith("text/"):
        return Element(VERBATIM, content.decode(errors="replace"), title)
    return Element(WORDS, f"The samples of {run.name} can be heard on its Monitor page.")


PANEL = Panel("Samples", 10, drawn)
