"""Curves of training and scores of checkpoints, of all runs over one another."""

from gan_core.compare.curves import AXES
from gan_core.reporting.panels.base import WORDS, Element, Panel, compared

USUAL = 2


def choices(source, run_ids):
    return compared(source, run_ids).charts()


def drawn(source, run_ids, chosen):
    comparison = compared(source, run_ids)
    charts, elements = comparison.charts(), []
    for key in chosen or list(charts)[:USUAL]:
        lines = comparison.lines(key, AXES[0]) if key in charts else []
        if lines:
            elements.append(Element.curves(lines, charts[key], comparison.axes()[AXES[0]], comparison.floor(key)))
        else:
            elements.append(Element(WORDS, f"There is no curve {charts.get(key, key)} of these runs yet."))
        elements += [Element(WORDS, sentence) for sentence in comparison.left_out(key)]
    return elements or [Element(WORDS, "These runs have no curves yet.")]


PANEL = Panel("Curves", 20, drawn, choices, USUAL)
