"""A run's curves as small pictures in SVG, for pages without a library of charts."""

import html

import numpy as np

from gan_core.modalities.base import headline_of
from gan_core.store.curves import Series

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 360, 200, 48, 24, 10  # of a picture, and what is kept for the names of its axes
POINTS = 160  # of a line
COLOURS = ("#2f7fd6", "#d8670f", "#0d9488", "#d0478a")


def drawn(store, run, losses):
    """SVG of the losses and of the run's headline score while it trained; "" where there are none.

    ``losses`` are those of :attr:`gan_core.models.base.GenerativeModel.losses`.
    """
    series, headline = Series(store, run.id).refresh(), headline_of(run.kind)
    pictures = [picture("Losses", [(title, *series.curve(key)[:2]) for key, (title, _) in losses.items()]),
                picture(headline.title[:1].upper() + headline.title[1:], [("generated", *series.curve(headline.key)[:2])])]
    return "".join(pictures)


def picture(title, lines):
    """One picture of lines ``(name, steps, values)``; "" where none has two points."""
    lines = [(name, *thinned(steps, values)) for name, steps, values in lines]
    lines = [(name, steps, values) for name, steps, values in lines if len(steps) > 1]
    if not lines:
        return ""
    low, high = (function(np.concatenate([values for _, _, values in lines])) for function in (np.min, np.max))
    high = high if high > low else low + 1.0
    first, last = min(steps[0] for _, steps, _ in lines), max(steps[-1] for _, steps, _ in lines)

    def at(steps, values):
        x = LEFT + (steps - first) / max(last - first, 1) * (WIDTH - LEFT - 8)
        y = ABOVE + (high - values) / (high - low) * (HEIGHT - BELOW - ABOVE)
        return " ".join(f"{one:.1f},{other:.1f}" for one, other in zip(x, y))

    drawn_lines = "".join(f'<polyline points="{at(steps, values)}" fill="none" stroke="{COLOURS[place % len(COLOURS)]}" '
                          'stroke-width="1.5"/>' for place, (_, steps, values) in enumerate(lines))
    names = ", ".join(f'<span style="color:{COLOURS[place % len(COLOURS)]}">{html.escape(name)}</span>'
                      for place, (name, _, _) in enumerate(lines))
    marks = (f'<text x="{LEFT - 6}" y="{ABOVE + 8}" text-anchor="end">{high:.3g}</text>'
             f'<text x="{LEFT - 6}" y="{HEIGHT - BELOW}" text-anchor="end">{low:.3g}</text>'
             f'<text x="{LEFT}" y="{HEIGHT - 6}">{first:,}</text>'
             f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">step {last:,}</text>')
    words = html.escape(f"{title}: from {lines[0][2][0]:.3g} to {lines[0][2][-1]:.3g}")
    return (f'<figure><figcaption>{html.escape(title)}: {names}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{words}">{drawn_lines}{marks}</svg></figure>')


def thinned(steps, values):
    """At most :data:`POINTS` of a line, each the mean of those about it; what is no number is left out."""
    steps, values = np.asarray(steps), np.asarray(values, float)
    sound = np.isfinite(values)
    steps, values = steps[sound], values[sound]
    if len(steps) <= POINTS:
        return steps, values
    parts = np.array_split(np.arange(len(steps)), POINTS)
    return np.array([steps[part[-1]] for part in parts]), np.array([values[part].mean() for part in parts])
