"""A report with its panels drawn: what a page shows, and the whole as one HTML file that opens with no network."""

import base64
import html
import json
import time
from typing import NamedTuple

from plotly.offline import get_plotlyjs

from gan_core.compare.report import TABLE_STYLE
from gan_core.errors import BadInput
from gan_core.reporting.panels import panel
from gan_core.reporting.panels.base import FIGURE, PICTURE, TABLE, VERBATIM, WORDS, Block
from gan_core.reporting.text import as_html as text_as_html, tables_alone
from gan_core.store.reports import TEXT


class Shown(NamedTuple):
    """A part of a report: the HTML of a text, or the blocks of a panel and when it was frozen, None where it is live."""

    text: str
    blocks: list
    frozen: float | None = None


def shown(source, part):
    """A part as a :class:`Shown`.  What a panel cannot show is said in its place."""
    if part["kind"] == TEXT:
        return Shown(text_as_html(part["text"]), [])
    if frozen := part.get("frozen"):
        return Shown("", [Block(block["kind"], block["content"], block["title"]) for block in frozen["blocks"]],
                     frozen["when"])
    return Shown("", drawn(source, part))


def drawn(source, part):
    """The blocks of a panel as they are now."""
    try:
        return panel(part["kind"]).drawn(source, part["runs"], part.get("chosen", []))
    except BadInput as error:
        return [Block(WORDS, str(error))]


def as_html(source, report):
    """The report as one page, of runs that are in a :class:`gan_core.reporting.panels.base.Source`."""
    figures, body = [], []
    for part in report["parts"]:
        seen = shown(source, part)
        body.append(seen.text or "".join(_block(block, figures) for block in seen.blocks))
        if seen.frozen is not None:
            body.append(f'<p class="when">As it was on {_date(seen.frozen)}.</p>')
    scripts = ""
    if figures:
        # In a script not only "</" ends something: after "<!--<script" nothing would.
        data = json.dumps(figures).replace("<", "\\u003c")
        scripts = (f"<script>{get_plotlyjs()}</script><script>{data}.forEach((figure, i) => Plotly.newPlot("
                   '"chart" + i, figure.data, figure.layout, {responsive: true}));</script>')
    return _PAGE.format(title=html.escape(report["title"]), when=_date(time.time()), body="".join(body), style=TABLE_STYLE,
                        scripts=scripts)


def _block(block, figures):
    title = html.escape(block.title)
    above = f"<figcaption>{title}</figcaption>" if title else ""
    try:
        if block.kind == FIGURE:
            figures.append(json.loads(block.figure().to_json()))
            return f'<div id="chart{len(figures) - 1}" role="img" aria-label="{title}"></div>'
        if block.kind == PICTURE:
            png = base64.b64encode(block.png()).decode()
            return f'<figure>{above}<img alt="Samples of {title}" src="data:image/png;base64,{png}"></figure>'
    except BadInput as error:
        return f"<p>{html.escape(str(error))}</p>"
    if block.kind == TABLE:
        return f"<figure>{above}{tables_alone(str(block.content))}</figure>"
    if block.kind == VERBATIM:
        return f"<figure>{above}<pre>{html.escape(str(block.content))}</pre></figure>"
    return f"<p>{html.escape(str(block.content))}</p>"


def _date(seconds):
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>
body {{ font: 15px/1.55 system-ui, sans-serif; max-width: 960px; margin: 2rem auto; padding: 0 1rem; color: #1f2937 }}
h1, h2, h3 {{ line-height: 1.2 }} figure {{ margin: 1rem 0 }} figcaption {{ font-weight: 600; margin-bottom: .3rem }}
figure img {{ max-width: 100%; image-rendering: pixelated }} pre {{ overflow-x: auto; background: #f3f4f6; padding: .6rem }}
blockquote {{ margin-left: 0; padding-left: 1rem; border-left: 3px solid #d1d5db }} .when {{ color: #6b7280 }}
table {{ border-collapse: collapse }} td, th {{ padding: .3rem .6rem; border-bottom: 1px solid #d1d5db; text-align: left }}
{style}</style></head><body><h1>{title}</h1><p class="when">Made on {when} by the GAN workbench.</p>
{body}{scripts}</body></html>
"""
