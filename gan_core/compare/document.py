"""A comparison as one HTML file that opens with no network: verdict, samples with a slider, charts, tables."""

import base64
import functools
import html
import json
import time

from plotly.offline import get_plotlyjs

from gan_core.compare.curves import AXES
from gan_core.compare.parallel import AXES as PARALLEL, parallel, varied
from gan_core.compare.report import (LEGEND, TABLE_STYLE, TINTED, chart, figures_table, newest_at, positions,
                                     settings_table)
from gan_core.compare.verdicts import headline
from gan_core.errors import BadInput
from gan_core.store import lineage
from gan_core.store.artifacts import NoArtifact
from gan_core.store.curves import Series

POSITIONS = 24  # of the slider: each picture counts
BEFORE = "In grey, the curves of the runs that some are forks of, up to where these began."


def as_html(comparison, store, *, title="Comparison"):
    """The comparison as one page.

    Raises:
        BadInput: when a run was deleted meanwhile.
    """
    charts = {key: name for key, name in comparison.charts().items() if comparison.lines(key, AXES[0])}
    past = _past(comparison, store)
    pictures, by_axis = _sheets(comparison, store)
    titles = comparison.axes()
    axes = {axis: {"title": words, **by_axis[axis], "figures": [
        json.loads(chart(comparison.lines(key, axis), name, words, floor=comparison.floor(key),
                         before=comparison.before(key, axis, past)).to_json())
        for key, name in charts.items()]} for axis, words in titles.items()}
    grey = any(comparison.before(key, AXES[0], past) for key in charts)
    data = {"axes": axes, "pictures": pictures, "parallel": _parallel(comparison)}
    left_out = dict.fromkeys(f"{name}: {sentence}" for key, name in comparison.charts().items()
                             for sentence in comparison.left_out(key))
    return _PAGE.format(
        title=html.escape(title), when=time.strftime("%Y-%m-%d %H:%M"),
        verdict=_paragraphs(comparison.verdict), unfair=_paragraphs(comparison.unfair, "unfair"),
        noises=_paragraphs(comparison.noises + comparison.legends()), before=_paragraphs([BEFORE] * grey),
        left_out=_paragraphs(left_out, "unfair"),
        samples_title=html.escape(comparison.sheets_title()),
        samples="".join(f'<figure><figcaption>{html.escape(entry.label)}</figcaption><img id="{entry.letter}" '
                        f'alt="Samples of {html.escape(entry.label)}"></figure>' for entry in comparison.entries),
        axes="".join(f'<option value="{axis}">{words.capitalize()}</option>' for axis, words in titles.items()),
        charts="".join(f'<div id="chart{i}" role="img" aria-label="{html.escape(name)}"></div>'
                       for i, name in enumerate(charts.values())),
        parallel=_PARALLEL.format(by=html.escape(headline(comparison.entries).title)) if data["parallel"] else "",
        table=figures_table(comparison), settings=settings_table(comparison, True), style=TABLE_STYLE,
        same=settings_table(comparison, False), legend=LEGEND,
        explanations=_paragraphs(comparison.explanations()), tinted=TINTED,
        # In a script not only "</" ends something: after "<!--<script" nothing would.
        data=json.dumps(data).replace("<", "\\u003c"), plotly=get_plotlyjs())


def _sheets(comparison, store):
    """``({name: PNG in base64}, {axis: {"places", "order": {letter: name at each place}}})``.

    The sheets are chosen by step, and stand on the other axes where they stand: other ones would be as many again.
    """
    pictures, by_axis, taken = {}, {}, {}
    for axis in AXES:
        by_letter = comparison.sheets(store, axis)
        if taken:
            by_letter = {letter: [sheet for sheet in sheets if sheet[1] in taken[letter]]
                         for letter, sheets in by_letter.items()}
        places = positions([place for sheets in by_letter.values() for place, _ in sheets], POSITIONS)
        shown = {letter: [newest_at(sheets, place) for place in places] for letter, sheets in by_letter.items()}
        taken = taken or {letter: set(names) for letter, names in shown.items()}
        by_axis[axis] = {"places": places, "order": {letter: [name and f"{letter}-{name}" for name in names]
                                                     for letter, names in shown.items()}}
    for entry in comparison.entries:
        held = store.artifacts(entry.run.id)
        pictures |= {f"{entry.letter}-{name}": _read(held, name) for name in taken[entry.letter] if name}
    for run in (run for entry in comparison.entries for run in entry.runs):
        _still_there(store, run)
    return pictures, by_axis


def _past(comparison, store):
    """``past(run)``, the :class:`gan_core.store.lineage.Past` of a run without the part of runs that are shown anyway."""
    series = functools.cache(lambda run_id: Series(store, run_id).refresh())
    pasts = {run.id: lineage.Past(lineage.ancestors(store, run), series, comparison.series)
             for entry in comparison.entries for run in entry.runs if run.parent}
    return lambda run: pasts[run.id]


def _still_there(store, run):
    try:
        store.get(run.id)
    except BadInput as error:
        raise BadInput(f"The run {run.id} was deleted while the report was made; make it again of the others.") from error


def _read(held, name):
    try:
        return base64.b64encode(held.read(name)).decode()
    except NoArtifact:  # its run was deleted, or has gone back to a checkpoint before it
        return ""


def _parallel(comparison):
    """The runs that are scored, if three are and their settings differ."""
    runs = [run for entry in comparison.entries for run in entry.runs if run.id in comparison.scores]
    if len(runs) < 3 or not comparison.ranked or not (names := varied(runs)):
        return None
    by = headline(comparison.entries)
    scores = [comparison.scores[run.id].get(by.key) for run in runs]
    if None in scores:
        return None
    return json.loads(parallel(runs, scores, names[:PARALLEL], by.title).to_json())


def _paragraphs(sentences, kind=""):
    return "".join(f'<p class="{kind}">{html.escape(sentence)}</p>' for sentence in sentences)


_PARALLEL = ('<h2>Settings against score</h2><p>Each line is a run, and its colour the {by}. Drag along an axis '
             'to keep some of them.</p><div id="parallel" role="img" aria-label="Settings against score"></div>')
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; padding: 0 1rem; color: #1f2937 }}
h1, h2 {{ line-height: 1.2 }} figure {{ margin: 0; align-self: end }} figcaption {{ font-weight: 600; margin-bottom: .3rem }}
.samples {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 1rem }}
.samples img {{ width: 100%; image-rendering: pixelated }} input[type=range] {{ width: 100% }}
.charts {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(480px, 100%), 1fr)); gap: .5rem }}
.bar {{ position: sticky; top: 0; background: #fff; padding: .4rem 0; z-index: 2 }}
.verdict {{ background: #eff6ff; padding: .2rem 1rem; border-left: 4px solid #2563eb }} .unfair {{ color: #92400e }}
{style}</style></head><body>
<h1>{title}</h1><p>Made on {when} by the GAN workbench.</p>
<div class="verdict">{verdict}</div>{unfair}
<h2>{samples_title}</h2>{noises}
<div class="bar"><label>Samples and curves by <select id="axis">{axes}</select></label>
<label for="place">at <output id="at"></output></label><input type="range" id="place" min="0"></div>
<div class="samples">{samples}</div>
<h2>Curves</h2>{before}{left_out}<div class="charts">{charts}</div>{parallel}
<h2>Figures</h2><p>{legend}</p>{explanations}{table}
<h2>Settings</h2><p>{tinted}</p>{settings}<details><summary>What is the same</summary>{same}</details>
<script>{plotly}</script><script>
const data = {data};
const [place, axis] = ["place", "axis"].map((id) => document.getElementById(id));
function show() {{
  const {{places, order}} = data.axes[axis.value], i = +place.value;
  if (!places.length) return;
  document.getElementById("at").textContent = (+places[i].toFixed(1)).toLocaleString();
  for (const [letter, names] of Object.entries(order))
    if (data.pictures[names[i]]) document.getElementById(letter).src = "data:image/png;base64," + data.pictures[names[i]];
}}
function draw() {{
  const {{places, figures}} = data.axes[axis.value];
  place.max = Math.max(places.length - 1, 0);
  place.value = place.max;
  show();
  figures.forEach((figure, i) => Plotly.react("chart" + i, figure.data, figure.layout, {{responsive: true}}));
}}
place.addEventListener("input", show);
axis.addEventListener("change", draw);
draw();
if (data.parallel) Plotly.newPlot("parallel", data.parallel.data, data.parallel.layout, {{responsive: true}});
</script></body></html>
"""
