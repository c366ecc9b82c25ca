"""Demos of several runs as a folder for any static host: an index, and a page for each."""

import base64
import html
from dataclasses import dataclass
from pathlib import Path
from string import Template

from gan_core.evaluation import score_names
from gan_core.modalities.base import headline_of
from gan_core.sharing.readme import front_matter, plain
from gan_core.store import artifacts, scores

PAGE = Path(__file__).parent / "player"
INDEX, README = "index.html", "README.md"


@dataclass(frozen=True)
class Demo:
    """One demo of a site: the file it is in, what it is called, a line below that, its picture (PNG, or None), its page."""

    file: str
    title: str
    line: str
    picture: bytes | None
    page: bytes


def demo_of(store, run, step, card, page, title=""):
    """The :class:`Demo` of a run whose page is made."""
    held = store.artifacts(run.id)
    sheets = [name for name in artifacts.sample_sheets(held).values() if name.endswith(artifacts.SHEET)]
    line = f"{card.title} on {run.data}, {step:,} steps"
    headline = headline_of(run.kind)
    if result := scores.of(held, step, headline):
        score = next(score for score in score_names.SCORES if score.key == headline.key)
        floor = result.get(f"{headline.key}_floor")
        line += (f"; {score.title} {result[headline.key]:.4g}" + ("" if floor is None else f", real samples {floor:.4g}")
                 + f" ({score_names.BETTER[score.better]})")
    return Demo(f"{run.id}.html", title or run.name, line, held.read(sheets[-1]) if sheets else None, page)


def files(demos, title="Generative models to play with"):
    """``{name: bytes}`` of a site: its index, a page for each demo, and a README that Hugging Face's static Spaces take."""
    cards = "".join(
        f'<a class="demo" href="{html.escape(demo.file)}">' + (
            "" if demo.picture is None else f'<img alt="Samples of {html.escape(demo.title)}" '
            f'src="data:image/png;base64,{base64.b64encode(demo.picture).decode()}">')
        + f'<h2>{html.escape(demo.title)}</h2><p class="quiet">{html.escape(demo.line)}</p></a>' for demo in demos)
    index = Template((PAGE / "index.html").read_text()).substitute(
        title=html.escape(title), demos=cards, style=(PAGE / "page.css").read_text())
    return {INDEX: index.encode(), README: _readme(title, demos).encode(), **{demo.file: demo.page for demo in demos}}


def _readme(title, demos):
    """What Hugging Face reads, and what is there, in plain words."""
    lines = [f"- {plain(demo.title)}: {plain(demo.line)}" for demo in demos]
    head = front_matter({"title": " ".join(title.split())[:60], "sdk": "static", "app_file": INDEX, "pinned": False})
    return (f"{head}\nOpen `index.html`. Each page computes its samples in the visitor's browser, and asks no network.\n\n"
            + "\n".join(lines) + "\n")
