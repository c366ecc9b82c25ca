"""Runs side by side: what differs, what was reached, and what can be said of it.

Reads the store alone: nothing here loads Keras.
"""

from gan_core.compare.comparison import Comparison, compare
from gan_core.compare.entries import Entry, differing, entries
from gan_core.compare.fairness import unfair
from gan_core.compare.figures import Figure, table
from gan_core.compare.verdicts import verdict

__all__ = ["Comparison", "Entry", "Figure", "compare", "differing", "entries", "table", "unfair", "verdict"]
