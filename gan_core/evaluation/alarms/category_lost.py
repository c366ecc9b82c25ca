"""A category is lost: one that many rows have is hardly drawn any more."""

from gan_core.evaluation.alarms.base import GROWING, Rule, growth, more_variety


def check(rule, curves, run):
    values = curves.all("rarest_share")
    late = values[-rule.window:]
    if len(values) < 2 * rule.window or not (late < rule.threshold).all():
        return None
    if late[-1] > 0 and growth(values, rule.window) > GROWING:
        return None  # a young generator comes to its categories one by one
    place = curves.all("rarest_place")
    name = _name(run, int(place[-1])) if len(place) else ""
    advice, change = more_variety(run)
    if run.knobs.get("by_categories") is False:
        advice, change = "Draw training rows by their categories, rare ones more often.", {"by_categories": True}
    return (f"{name or 'A category'} is drawn {late[-1]:.2f} times as often as real rows have it, and more than one of "
            f"these in twenty does (under {rule.threshold:g} in {rule.window} probes in a row).", advice, change)


def _name(run, place):
    """The category at a place of an encoded row, with its column; "" where nobody knows."""
    first = 0
    for column in run.spec.get("columns") or ():
        names, optional = column.get("categories") or (), column.get("missing") is not None
        width = len(names) if column.get("kind") == "category" else 3 if optional else 1
        if place < first + width:
            what = names[place - first] if names else ("known", "missing")[place - first - 1]
            return f"{column.get('name')} = {what or 'missing'}"
        first += width
    return ""


RULE = Rule(gravity=51, title="A category is lost", threshold=0.1, window=3, check=check,
            source="a choice of ours: of a thousand rows chance draws 50 of what one in twenty has, and fewer than 5 never")
