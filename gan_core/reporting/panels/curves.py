"""Curves of training and scores of checkpoints, of all runs over one another."""

from gan_core.compare.curves import AXES
from gan_core.reporting.panels.base import WORDS, Block, Panel, compared

USUAL = 2


def choices(source, run_ids):
    return compared(source, run_ids).charts()


def drawn(source, run_ids, chosen):
    comparison = compared(source, run_ids)
    charts, blocks = comparison.charts(), []
    for key in chosen or list(charts)[:USUAL]:
        lines = comparison.lines(key, AXES[0]) if key in charts else []
        if lines:
            blocks.append(Block.curves(lines, charts[key], comparison.axes()[AXES[0]], comparison.floor(key)))
        else:
            blocks.append(Block(WORDS, f"There is no curve {charts.get(key, key)} of these runs yet."))
        blocks += [Block(WORDS, sentence) for sentence in comparison.left_out(key)]
    return blocks or [Block(WORDS, "These runs have no curves yet.")]


PANEL = Panel("Curves", 20, drawn, choices, USUAL)
