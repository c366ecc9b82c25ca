"""A comparison as one HTML file that opens with no network, as CSV, and as text."""

import base64
import collections
import csv
import html
import io
import json
import time

from plotly import graph_objects
from plotly.offline import get_plotlyjs

from gan_core.compare.entries import LETTERS
from gan_core.scorecard import HIGHER, LOWER

COLOURS = ("#2563eb", "#c2410c", "#0d9488", "#9333ea", "#b45309", "#be123c", "#4d7c0f", "#475569")
DASHES = ("solid", "dash", "dot", "dashdot")
CHARTS = (("g_loss", "G loss"), ("d_loss", "D loss"), ("d_accuracy_real", "D accuracy on real"),
          ("d_accuracy_fake", "D accuracy on generated"), ("critic_estimate", "Critic's estimate"),
          ("kernel", "Kernel distance"))
AXIS = {"step": "step", "images": "real images seen", "minutes": "minutes of training"}
LEGEND = ("↓ lower is better, ↑ higher is better. Bold is the best; ≈ cannot be told from it within the noise; ± is the "
          "standard error, over seeds where there are several. Real against real is what a perfect generator could expect.")
LEGEND_LINE = 20  # pixels
POSITIONS = 24  # of the slider in the file: each picture counts


def chart(lines, title, axis, *, height=320):
    """Curves of entries with the spread of their seeds, as a Plotly figure; told apart by dashes as by colour."""
    figure = graph_objects.Figure()
    for line in lines:
        number = LETTERS.index(line.letter[0])  # an entry looks alike in every chart, those included that lack another
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        if line.seeds > 1:
            figure.add_scatter(x=[*line.x, *line.x[::-1]], y=[*line.high, *line.low[::-1]], fill="toself",
                               fillcolor=colour, opacity=0.15, line={"width": 0}, hoverinfo="skip", showlegend=False)
        figure.add_scatter(x=line.x, y=line.mean, mode="lines", name=f"{line.letter} · {line.title}",
                           line={"color": colour, "dash": dash, "width": 2})
    below = 60 + LEGEND_LINE * -(-len(lines) // 2)  # two names a line, if they are long
    figure.update_layout(title=title, height=height + below - 60, margin={"l": 50, "r": 10, "t": 40, "b": below},
                         xaxis_title=AXIS[axis], hovermode="x unified",
                         legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"})
    return figure


def as_csv(comparison):
    """The table and the settings, one figure a row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["figure", "unit", "floor", *(entry.label for entry in comparison.entries)])
    for figure in comparison.figures:
        writer.writerow([figure.title, figure.unit, "" if figure.floor is None else figure.floor,
                         *("" if value is None else value for value in figure.values)])
        if any(figure.errors):
            writer.writerow([f"{figure.title}, standard error", figure.unit, "",
                             *("" if error is None else error for error in figure.errors)])
    for name, values, _ in comparison.settings:
        writer.writerow([f"setting: {name}", "", "", *values])
    return out.getvalue()


def as_text(comparison):
    """The lines of a table for a terminal, after what is to be said."""
    yield from [*comparison.unfair, *comparison.verdict, ""]
    titles = [entry.label for entry in comparison.entries]
    yield f"{'':<24}" + "".join(f"{title[:26]:>28}" for title in titles) + f"{'real against real':>20}"
    for figure in comparison.figures:
        first, alike = figure.best() or (None, ())
        marks = ["*" if i == first else "~" if i in alike else " " for i in range(len(titles))]
        floor = "" if figure.floor is None else format(figure.floor, figure.form)
        yield (f"{figure.title + (f' ({figure.unit})' if figure.unit else ''):<24}"
               + "".join(f"{figure.written(i) + mark:>28}" for i, mark in enumerate(marks)) + f"{floor:>20}")
    yield from ["", "* is the best; ~ cannot be told from it within the noise."]


def as_html(comparison, store, *, title="Comparison", axis="step"):
    """The comparison as one page: verdict, samples with a slider, charts, table, settings."""
    charts = [(key, name) for key, name in CHARTS if key in comparison.keys()]
    figures = [chart(comparison.lines(key, axis), name, axis).to_json() for key, name in charts]
    sheets = comparison.sheets(store, axis)
    places = positions([place for found in sheets.values() for place, _ in found], POSITIONS)
    pictures, order = {}, {letter: [] for letter in sheets}
    for letter, found in sheets.items():
        for place in places:
            path = newest_at(found, place)
            name = f"{letter}-{path.stem}" if path else ""
            if path and name not in pictures:
                pictures[name] = base64.b64encode(path.read_bytes()).decode()
            order[letter].append(name)
    data = {"places": places, "order": order, "pictures": pictures, "axis": AXIS[axis],
            "figures": [json.loads(each) for each in figures]}
    return _PAGE.format(
        title=html.escape(title), when=time.strftime("%Y-%m-%d %H:%M"),
        verdict="".join(f"<p>{html.escape(sentence)}</p>" for sentence in comparison.verdict),
        unfair="".join(f'<p class="unfair">{html.escape(sentence)}</p>' for sentence in comparison.unfair),
        samples="".join(f'<figure><figcaption>{html.escape(entry.label)}</figcaption><img id="{entry.letter}" '
                        f'alt="Samples of {html.escape(entry.label)}"></figure>' for entry in comparison.entries),
        charts="".join(f'<div id="chart{i}" role="img" aria-label="{html.escape(name)}"></div>'
                       for i, (_, name) in enumerate(charts)),
        table=figures_table(comparison), settings=settings_table(comparison, True), style=TABLE_STYLE,
        same=settings_table(comparison, False),
        legend=LEGEND,
        data=json.dumps(data).replace("</", "<\\/"), last=len(places) - 1, plotly=get_plotlyjs())


def positions(places, most):
    """At most ``most`` of the places, evenly among them, the last one included; sorted."""
    places = sorted(set(places))
    if len(places) <= most:
        return places
    return [places[round(i * (len(places) - 1) / (most - 1))] for i in range(most)]


def newest_at(found, place):
    """The path of the newest sheet at or before a place; the first one before all; None when there is none."""
    before = [path for at, path in found if at <= place]
    return before[-1] if before else found[0][1] if found else None


def figures_table(comparison):
    """The figures as an HTML table: the best marked, and what noise does not tell from it."""
    rows = []
    for figure in comparison.figures:
        first, alike = figure.best() or (None, [])
        cells = "".join(_cell((figure.written(i) + (" ≈" if i in alike else "")).replace(" ", "\N{NO-BREAK SPACE}"),
                              "best" if i == first else "")
                        for i in range(len(figure.values)))
        floor = "" if figure.floor is None else format(figure.floor, figure.form)
        title = f"{figure.title} ({figure.unit})" if figure.unit else figure.title
        arrow = {LOWER: " ↓", HIGHER: " ↑"}.get(figure.better, "")
        rows.append(f'<tr><th scope="row">{html.escape(title)}{arrow}</th>{cells}{_cell(floor)}</tr>')
    return _table([entry.label for entry in comparison.entries] + ["real against real"], rows)


def settings_table(comparison, differing):
    """The settings that differ, or those that do not, as an HTML table; "" when there are none.

    Of those that differ the values that are not the usual one are marked; the others have one column for all.
    """
    rows = []
    for name, values, differs in comparison.settings:
        if differs == differing:
            known = [str(value) for value in values if value is not None] or [""]
            usual, count = collections.Counter(known).most_common(1)[0]
            marked = count > len(known) / 2  # where most agree
            cells = "".join(_cell("–" if value is None else str(value),
                                  "odd" if marked and value is not None and str(value) != usual else "")
                            for value in (values if differing else values[:1]))
            rows.append(f'<tr><th scope="row">{html.escape(name.replace("_", " "))}</th>{cells}</tr>')
    return _table([entry.label for entry in comparison.entries] if differing else ["all"], rows) if rows else ""


def _cell(text, kind=""):
    return f'<td class="{kind}">{html.escape(text)}</td>' if kind else f"<td>{html.escape(text)}</td>"


def _table(columns, rows):
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in columns)
    return (f'<div class="compared" tabindex="0"><table><thead><tr><th></th>{head}</tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table></div>')


# Of both themes and of paper: lines and tints are translucent.  The names stay where they are when the rest is scrolled.
TABLE_STYLE = """
.compared { overflow-x: auto } .compared table { border-collapse: collapse; font-size: 14px }
.compared td, .compared th { padding: .3rem .7rem; border: 0; border-bottom: 1px solid rgba(128, 136, 150, .3);
text-align: left; font-weight: normal; vertical-align: top; font-variant-numeric: tabular-nums }
.compared td { overflow-wrap: break-word; min-width: 5.5rem } .compared thead th { font-weight: 600; vertical-align: bottom }
.compared tbody th { white-space: nowrap }
.compared .best { font-weight: 700; background: rgba(13, 148, 136, .16) }
.compared .odd { background: rgba(216, 103, 15, .16) }
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,"><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; padding: 0 1rem; color: #1f2937 }}
h1, h2 {{ line-height: 1.2 }} figure {{ margin: 0; align-self: end }} figcaption {{ font-weight: 600; margin-bottom: .3rem }}
.samples {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 1rem }}
.samples img {{ width: 100%; image-rendering: pixelated }} input[type=range] {{ width: 100% }}
.charts {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(480px, 1fr)); gap: .5rem }}
.verdict {{ background: #eff6ff; padding: .2rem 1rem; border-left: 4px solid #2563eb }} .unfair {{ color: #92400e }}
{style}</style></head><body>
<h1>{title}</h1><p>Made on {when} by the GAN workbench.</p>
<div class="verdict">{verdict}</div>{unfair}
<h2>Samples from the same noise</h2>
<label for="place">At <output id="at"></output></label>
<input type="range" id="place" min="0" max="{last}" value="{last}">
<div class="samples">{samples}</div>
<h2>Curves</h2><div class="charts">{charts}</div>
<h2>Figures</h2><p>{legend}</p>{table}
<h2>Settings</h2>{settings}<details><summary>What is the same</summary>{same}</details>
<script>{plotly}</script><script>
const data = {data};
const place = document.getElementById("place");
function show() {{
  const i = +place.value;
  document.getElementById("at").textContent = data.axis + " " + (+data.places[i].toFixed(1)).toLocaleString();
  for (const [letter, names] of Object.entries(data.order))
    if (names[i]) document.getElementById(letter).src = "data:image/png;base64," + data.pictures[names[i]];
}}
if (data.places.length) {{ place.addEventListener("input", show); show(); }}
data.figures.forEach((figure, i) => Plotly.newPlot("chart" + i, figure.data, figure.layout, {{responsive: true}}));
</script></body></html>
"""
