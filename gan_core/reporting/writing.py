"""A report with its panels drawn: what a page shows, and the whole as one HTML file that opens with no network."""

import base64
import html
import itertools
import json
import time
from typing import NamedTuple

from plotly.offline import get_plotlyjs

from gan_core.compare.report import TABLE_STYLE
from gan_core.errors import BadInput
from gan_core.reporting.panels import panel
from gan_core.reporting.panels.base import FIGURE, PICTURE, TABLE, VERBATIM, WORDS, Element
from gan_core.reporting.text import STYLE, as_html as text_as_html, tables_alone
from gan_core.store.reports import TEXT


class Shown(NamedTuple):
    """A part of a report: the HTML of a text, or the elements of a panel and when it was frozen, None where it is live."""

    text: str
    elements: list
    frozen: float | None = None


def shown(source, part):
    """A part as a :class:`Shown`.  What a panel cannot show is said in its place."""
    if part["kind"] == TEXT:
        return Shown(text_as_html(part["text"]), [])
    if frozen := part.get("frozen"):
        return Shown("", [Element(element["kind"], element["content"], element["title"]) for element in frozen["elements"]],
                     frozen["when"])
    return Shown("", drawn(source, part))


def drawn(source, part):
    """The elements of a panel as they are now."""
    try:
        return panel(part["kind"]).drawn(source, part["runs"], part.get("chosen", []))
    except BadInput as error:
        return [Element(WORDS, str(error))]


def as_html(source, report):
    """The report as one page, of runs that are in a :class:`gan_core.reporting.panels.base.Source`."""
    figures, body = [], []
    for part in report["parts"]:
        seen = shown(source, part)
        body.append(seen.text or "".join(
            _side_by_side([_element(element, figures) for element in some]) if kind == PICTURE else
            "".join(_element(element, figures) for element in some)
            for kind, some in itertools.groupby(seen.elements, lambda element: element.kind)))
        if seen.frozen is not None:
            body.append(f'<p class="when">As it was on {_date(seen.frozen)}.</p>')
    scripts = ""
    if figures:
        # In a script not only "</" ends something: after "<!--<script" nothing would.
        data = json.dumps(figures).replace("<", "\\u003c")
        scripts = (f"<script>{get_plotlyjs()}</script><script>{data}.forEach((figure, i) => Plotly.newPlot("
                   '"chart" + i, figure.data, figure.layout, {responsive: true}));</script>')
    return _PAGE.format(title=html.escape(report["title"]), when=_date(time.time()), body="".join(body),
                        style=TABLE_STYLE + STYLE, scripts=scripts)


def _side_by_side(pictures):
    return f'<div class="pictures">{"".join(pictures)}</div>'


def _element(element, figures):
    title = html.escape(element.title)
    above = f"<figcaption>{title}</figcaption>" if title else ""
    try:
        if element.kind == FIGURE:
            figures.append(json.loads(element.figure().to_json()))
            return f'<div id="chart{len(figures) - 1}" role="img" aria-label="{title}"></div>'
        if element.kind == PICTURE:
            png = base64.b64encode(element.png()).decode()
            return f'<figure>{above}<img alt="Samples of {title}" src="data:image/png;base64,{png}"></figure>'
    except BadInput as error:
        return f"<p>{html.escape(str(error))}</p>"
    if element.kind == TABLE:
        return f"<figure>{above}{tables_alone(str(element.content))}</figure>"
    if element.kind == VERBATIM:
        return f"<figure>{above}<pre>{html.escape(str(element.content))}</pre></figure>"
    return f"<p>{html.escape(str(element.content))}</p>"


def _date(seconds):
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>
body {{ font: 15px/1.55 system-ui, sans-serif; max-width: 960px; margin: 2rem auto; padding: 0 1rem; color: #1f2937 }}
h1, h2, h3 {{ line-height: 1.2 }} figure {{ margin: 1rem 0 }} figcaption {{ font-weight: 600; margin-bottom: .3rem }}
figure img {{ max-width: 100%; image-rendering: pixelated }} pre {{ overflow-x: auto; background: #f3f4f6; padding: .6rem }}
.pictures {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 0 1rem }}
.when {{ color: #6b7280 }}
table {{ border-collapse: collapse }} td, th {{ padding: .3rem .6rem; border-bottom: 1px solid #d1d5db; text-align: left }}
{style}</style></head><body><h1>{title}</h1><p class="when">Made on {when} by the GAN workbench.</p>
{body}{scripts}</body></html>
"""
