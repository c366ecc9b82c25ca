"""The table of scores and costs: the best marked, and what noise does not tell from it."""

from gan_core.compare import report
from gan_core.reporting.panels.base import TABLE, WORDS, Element, Panel, compared


def drawn(source, run_ids, chosen):
    comparison = compared(source, run_ids)
    said = [*comparison.unfair, *comparison.verdict]
    return [*(Element(WORDS, sentence) for sentence in said), Element(TABLE, report.figures_table(comparison), "Figures"),
            Element(WORDS, report.LEGEND), *(Element(WORDS, sentence) for sentence in comparison.explanations())]


PANEL = Panel("Scores", 30, drawn)
