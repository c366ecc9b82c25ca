"""What was set: where runs differ, or all of it of one alone."""

from gan_core.compare import report
from gan_core.reporting.panels.base import TABLE, WORDS, Element, Panel, compared


def drawn(source, run_ids, chosen):
    comparison = compared(source, run_ids)
    if len(comparison.entries) == 1:
        return [Element(TABLE, report.settings_table(comparison, False), "Settings")]
    if table := report.settings_table(comparison, True):
        return [Element(TABLE, table, "Settings that differ"), Element(WORDS, report.TINTED)]
    return [Element(WORDS, "All settings of these runs are the same.")]


PANEL = Panel("Settings", 40, drawn)
