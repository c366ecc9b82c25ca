"""Markdown files that the Hugging Face Hub reads: their head, and text in them that is shown as it is."""

import json
import re


def front_matter(values):
    """The head of a README: YAML, of which JSON is a part; what is empty is left out."""
    lines = [f"{name}: {json.dumps(value)}" for name, value in values.items() if value not in (None, "", [], {})]
    return "\n".join(["---", *lines, "---", ""])


def plain(text):
    """Text in one line that Markdown leaves as it is."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~&:$-])", r"\\\1", " ".join(str(text).split()))


def table(head, rows):
    """A table in Markdown; cells are text."""
    lines = [f"| {' | '.join(map(plain, head))} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(map(plain, row))} |" for row in rows)])
