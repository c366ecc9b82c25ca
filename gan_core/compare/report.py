"""A comparison as charts, tables, CSV and text; the whole as one file is in :mod:`gan_core.compare.document`."""

import collections
import csv
import html
import io

from plotly import graph_objects

from gan_core.compare.entries import LETTERS
from gan_core.compare.noise import AT_LEAST
from gan_core.evaluation.score_names import HIGHER, LOWER, NEARER

COLOURS = ("#2563eb", "#c2410c", "#0d9488", "#9333ea", "#b45309", "#be123c", "#4d7c0f", "#475569")
DASHES = ("solid", "dash", "dot", "dashdot")
GREY = "#808896"  # of what no entry has done
ARROWS = {LOWER: " ↓", HIGHER: " ↑", NEARER: " →"}
LEGEND = ("↓ lower is better, ↑ higher, → nearer to what real samples score against real ones. Bold is the best; ≈ cannot "
          "be told from it within the noise (at 95 %, by Student's distribution where it comes from few seeds). ± is the "
          "standard error: over seeds where there are several, else of another draw of samples. Where it is missing nobody "
          f"knows it, and a difference below {AT_LEAST} counts as none. Real against real is what a perfect generator "
          "could expect. What has no arrow ranks nobody.")
TINTED = "Tinted is what differs from most."
LEGEND_LINE, LONG_NAME = 20, 24  # pixels; letters from which on a name may have a line of the legend for itself


def chart(lines, title, x_title, *, floor=None, before=(), height=320):
    """Curves of entries with the spread of their seeds, as a Plotly figure; told apart by dashes as by colour.

    ``floor``, where it is known, is drawn as a line of its own, and what led to forks, lines ``before`` them, in grey.
    """
    figure = graph_objects.Figure()
    for line in before:
        figure.add_scatter(x=line.x, y=line.mean, mode="lines", name=drawn_text(line.title), showlegend=False,
                           line={"color": GREY, "dash": "solid", "width": 1.5})
    for line in lines:
        number = LETTERS.index(line.letter[0])  # an entry looks alike in every chart, those included that lack another
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        if line.seeds > 1:
            figure.add_scatter(x=[*line.x, *line.x[::-1]], y=[*line.high, *line.low[::-1]], fill="toself",
                               fillcolor=colour, opacity=0.15, line={"width": 0}, hoverinfo="skip", showlegend=False)
        figure.add_scatter(x=line.x, y=line.mean, mode="lines+markers" if line.points else "lines",
                           name=drawn_text(f"{line.letter} · {line.title}"),
                           line={"color": colour, "dash": dash, "width": 2})
    if floor is not None:
        figure.add_hline(y=floor, line={"color": GREY, "width": 1, "dash": "dot"},
                         annotation={"text": "real against real", "font": {"size": 11, "color": GREY}})
    a_line = 1 if any(len(line.title) > LONG_NAME for line in lines) else 2
    below = 60 + LEGEND_LINE * -(-len(lines) // a_line)
    figure.update_layout(title=drawn_text(title), height=height + below - 60, margin={"l": 50, "r": 10, "t": 40, "b": below},
                         xaxis_title=x_title, hovermode="x unified",
                         legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"})
    return figure


def drawn_text(text):
    """Text for a Plotly figure, which takes tags, links among them, and entities in it for what they are in HTML."""
    return html.escape(str(text), quote=False)


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
    yield from [*comparison.unfair, *comparison.noises, *comparison.verdict, ""]
    titles = [entry.label for entry in comparison.entries]
    yield f"{'':<24}" + "".join(f"{title[:26]:>28}" for title in titles) + f"{'real against real':>20}"
    for figure in comparison.figures:
        first, alike = figure.best() or (None, ())
        marks = ["*" if i == first else "~" if i in alike else " " for i in range(len(titles))]
        floor = "" if figure.floor is None else format(figure.floor, figure.form)
        yield (f"{figure.title + (f' ({figure.unit})' if figure.unit else ''):<24}"
               + "".join(f"{figure.written(i) + mark:>28}" for i, mark in enumerate(marks)) + f"{floor:>20}")
    if any(figure.best() for figure in comparison.figures):
        yield from ["", "* is the best; ~ cannot be told from it within the noise."]
    yield from comparison.explanations()


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
        arrow = ARROWS.get(figure.better, "")
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


def positions(places, most):
    """At most ``most`` of the places, evenly among them, the last one included; sorted."""
    places = sorted(set(places))
    if len(places) <= most:
        return places
    return [places[round(i * (len(places) - 1) / (most - 1))] for i in range(most)]


def newest_at(sheets, place):
    """The name of the newest sheet at or before a place; the first one before all; None when there is none."""
    before = [name for at, name in sheets if at <= place]
    return before[-1] if before else sheets[0][1] if sheets else None


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
