"""A line chart for numbers that are still arriving: it is redrawn in place, so a zoom outlives every update.

`st.plotly_chart` remounts whenever its data change and loses the zoom, the legend clicks and a drag in progress.
This is a keyed component that calls `Plotly.react` on one element instead. Use it in `st.fragment(run_every=...)`.
"""

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gan_core.compare.report import GREY, drawn_text

POINTS = 1000  # buckets a trace is cut into before it is sent; each gives its lowest and its highest point
EXACT_FLOAT32 = 2**24  # float32 holds every whole number up to here
TITLE = 26  # pixels
FEW = 10  # points of a curve up to which they are marked: one alone is no line


class Style(NamedTuple):
    color: str
    dash: str
    symbol: str


# The colours have a contrast of 3 to 1 or more on Streamlit's light and dark backgrounds, main and sidebar, which
# makes them about equally bright: dash and symbol tell them apart in grey, on paper and for colour-blind eyes.
ROLES = {
    "discriminator": Style("#2f7fd6", "solid", "circle"),
    "generator": Style("#d8670f", "7px,3px", "diamond"),
    "critic": Style("#8a63d2", "solid", "square"),
    "real": Style("#0d9488", "solid", "triangle-up"),
    "fake": Style("#d0478a", "2px,3px", "x"),
}
# Traces without a role take these in turn; the symbols have another period than the colours and dashes.
COLORS = ("#2f7fd6", "#d8670f", "#0d9488", "#d0478a", "#8a63d2", "#a17a00", "#0891b2", "#b0673c")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "cross", "triangle-down", "star", "pentagon")
DASHES = ("solid", "7px,3px", "2px,3px", "9px,3px,2px,3px")


@dataclass(frozen=True, eq=False)
class Trace:
    """One curve: `y` over `x`, both of shape (points,), in any numeric type. NaN and infinity are drawn as gaps.

    name: the entry in the legend, by which a click on it is remembered.
    role: "discriminator", "generator", "critic", "real", "fake" or "": gives colour, dash and symbol.
    dash: overrides the role's: "solid", "dash", "dot", "dashdot" or lengths as "5px,2px".
    width: of the line, in pixels.
    faint: drawn pale, behind and without a legend entry: the raw curve beside a smooth one of the same name and role.
    past: drawn in grey, thin and behind, without a legend entry: what came before the run.
    slot: for a trace without a role, which of the colours it takes; by default the order in which names appear. A page
        with several charts of the same runs gives each run its slot.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    role: str = ""
    dash: str = ""
    width: float = 1.8
    faint: bool = False
    past: bool = False
    slot: int | None = None

    def __post_init__(self):
        if np.ndim(self.x) != 1 or np.shape(self.x) != np.shape(self.y):
            raise ValueError(f"{self.name}: x has shape {np.shape(self.x)}, y {np.shape(self.y)}; both need (points,)")
        if self.role and self.role not in ROLES:
            raise ValueError(f"{self.name}: no role {self.role!r}; there are {', '.join(ROLES)}")


def bucketed(x, y, points: int = POINTS):
    """Thins a curve to the lowest and the highest point of each of at most `points` buckets.

    A bucket is a power of two of neighbours and starts at a multiple of it, so the curve that is already
    drawn does not flicker as points are appended: only the last bucket changes, and now and then all merge in pairs.

    Returns x and y of at most 2 * points + 2 points in their order: the first and the last point are kept, and so is
    one NaN or infinity of every bucket that has any, so that a gap stays a gap (at worst another `points`).
    """
    x, y = np.asarray(x), np.asarray(y)
    width = 1
    while math.ceil(len(y) / width) > points:
        width *= 2
    if width <= 2:
        return x, y

    gap = ~np.isfinite(y)
    even = len(y) // width * width
    kept = np.zeros(len(y), bool)
    kept[[0, -1]] = True
    for part in (slice(0, even), slice(even, None)):  # the whole buckets at once, then the one still filling
        if not (size := len(y[part])):
            continue
        shape = (-1, min(width, size))
        start = np.arange(part.start, part.start + size, shape[1])
        low, high = (np.where(gap[part], fill, y[part]).reshape(shape) for fill in (np.inf, -np.inf))
        kept[start + low.argmin(axis=1)] = True
        kept[start + high.argmax(axis=1)] = True
        gaps = gap[part].reshape(shape)
        kept[(start + gaps.argmax(axis=1))[gaps.any(axis=1)]] = True
    return x[kept], y[kept]


def smoothed(y, weight: float) -> np.ndarray:
    """The exponential moving average that TensorBoard draws, with the bias towards its zero start divided out.

    weight: of the past, 0 (no smoothing) <= weight < 1. NaN and infinity come out where they went in, and count for
        nothing.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"a smoothing weight is at least 0 and below 1, not {weight}")
    out = np.array(y, dtype=float)
    finite = np.isfinite(out)
    average = (1 - weight) * out[finite]
    # sum_j weight^j * value[i - j], by doubling the number of terms until the next ones no longer matter.
    terms, factor = 1, weight
    while terms < len(average) and factor > 1e-18:
        average[terms:] += factor * average[:-terms]
        terms, factor = 2 * terms, factor * factor
    average[:terms] /= 1 - weight ** np.arange(1, min(terms, len(average)) + 1)
    out[finite] = average
    return out


def packed(values, dtype: str = "f4") -> dict:
    """Plotly's compact form of an array: base64 of its bytes. JSON has no NaN, and losses do."""
    values = np.asarray(values, dtype="<" + dtype)
    return {"dtype": dtype, "bdata": base64.b64encode(values.tobytes()).decode()}


def load_plotly_js(key: str = "page"):
    """Draws a hidden, empty st.plotly_chart, whose code leaves `window.Plotly` behind: `live_chart` waits for it.

    Call it once in the script or fragment that draws live charts, with a key of its own. A chart does not do so by
    itself: ten charts that are refreshed every second would drag ten hidden ones along.
    """
    # The <i> keeps the style here: Streamlit moves an element that is nothing but style to a place all fragments share.
    st.html('<style>[class*="st-key-plotly-js-"] { display: none }</style><i></i>')
    st.plotly_chart(go.Figure(layout={"template": "none"}), theme=None, height=10, key=f"plotly-js-{key}")


def source(path: Path) -> str:
    """A component's script without comment lines and indentation: the text travels with every update."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


# Not isolated: plotly.js puts its stylesheet in the <head>, where a shadow root does not see it.
_component = st.components.v2.component(
    "live_chart",
    html='<div class="live-chart-title"></div><div class="live-chart" role="img" tabindex="0"></div>',
    css=f"""
.live-chart-title {{
  height: {TITLE}px; font-weight: 600; overflow: hidden; white-space: nowrap; text-overflow: ellipsis;
}}
.live-chart-title:empty {{ display: none }}
.live-chart {{ position: relative; font-variant-numeric: tabular-nums }}
.live-chart:focus {{ outline: none }}
.live-chart:focus-visible::after {{
  content: ""; position: absolute; inset: 0; border: 2px solid var(--st-primary-color); border-radius: 4px;
  pointer-events: none;
}}
.live-chart > p {{ position: absolute; inset: 0; display: grid; place-items: center; margin: 0; opacity: .7 }}
""",
    js=source(Path(__file__).with_suffix(".js")),
    isolate_styles=False,
)


def live_chart(
    key: str,
    traces: Sequence[Trace],
    *,
    x_title: str,
    y_title: str,
    height: int = 300,
    log_y: bool = False,
    mode: str = "",
    title: str = "",
    percent: bool = False,
    alt: str,
) -> None:
    """Draws the traces, or redraws them in the chart that has this key.  `load_plotly_js` must stand beside it.

    mode: names what is shown, for instance the unit of x. When it or `log_y` changes, the axes follow the data again;
        otherwise a zoom or pan made by hand outlives updates, reruns and changes of theme. Legend clicks always do.
    height: in pixels, of everything, the title too.
    percent: y is a fraction, written as a percentage.
    alt: what the chart shows, for those who cannot see it: one or two sentences.
    """
    _component(
        key=key,
        data=_figure(traces, log_y=log_y, percent=percent)
        | {
            "xaxis": _x_axis(x_title, traces),
            "yaxis": _y_axis(y_title, log_y, percent, traces),
            "view": f"{mode} {'log' if log_y else 'linear'}",
            "title": title,
            "height": height - TITLE if title else height,
            "alt": alt,
            "file": key,
        },
        height=height,
    )


def _figure(traces: Sequence[Trace], log_y: bool, percent: bool) -> dict:
    names = list(dict.fromkeys(trace.name for trace in traces))
    hover = "%{y:.1%}" if percent else "%{y:.4g}"
    drawn = [
        _drawn(trace, names.index(trace.name) if trace.slot is None else trace.slot, hover)
        for trace in sorted(traces, key=lambda trace: (not trace.past, not trace.faint))  # behind the others
    ]
    return {"traces": drawn, "message": _message(traces, log_y)}


def _message(traces: Sequence[Trace], log_y: bool) -> str:
    """What to say instead of drawing; "" when there is something to draw."""
    if not any(len(trace.x) for trace in traces):
        return "Waiting for the first step"
    if any(np.any(np.isfinite(trace.y) & ((np.asarray(trace.y) > 0) | (not log_y))) for trace in traces):
        return ""
    return "No positive values to draw on a logarithmic axis" if log_y else "No finite values to draw"


def _drawn(trace: Trace, slot: int, hover: str) -> dict:
    style = ROLES.get(trace.role) or Style(
        COLORS[slot % len(COLORS)], DASHES[slot // len(COLORS) % len(DASHES)], SYMBOLS[slot % len(SYMBOLS)]
    )
    # Up to 3 * POINTS + 2 is what `bucketed` may return: what a page has thinned is not thinned again.
    x, y = (trace.x, trace.y) if len(trace.x) <= 3 * POINTS + 2 else bucketed(trace.x, trace.y)
    x = np.asarray(x, float)
    y = np.asarray(y, float)
    exact = not np.any(np.abs(x) > EXACT_FLOAT32)
    drawn = {
        # Legend clicks are remembered by this; hexadecimal, for Plotly puts it into a CSS selector.
        "uid": hashlib.sha256(f"{trace.name} {'past' if trace.past else trace.faint}".encode()).hexdigest()[:16],
        "name": drawn_text(trace.name),
        "legendgroup": trace.name,  # a click hides the faint curve along with the other
        "x": packed(x, "f4" if exact else "f8"),
        "y": packed(np.where(np.isfinite(y), y, np.nan)),
    }
    if trace.faint:
        line = {"color": style.color, "width": 1}
        return drawn | {"mode": "lines", "line": line, "opacity": 0.28, "showlegend": False, "hoverinfo": "skip"}
    if trace.past:
        return drawn | {"mode": "lines" if len(x) >= FEW else "lines+markers", "showlegend": False,
                        "line": {"color": GREY, "dash": style.dash, "width": 1.2}, "marker": {"color": GREY, "size": 4},
                        "hovertemplate": hover + "  %{fullData.name}, before<extra></extra>"}
    return drawn | {
        "mode": "lines+markers",
        "line": {"color": style.color, "dash": trace.dash or style.dash, "width": trace.width},
        "marker": {"color": style.color, "symbol": style.symbol, "size": 6.5, "maxdisplayed": 9},
        "cliponaxis": False,
        "hovertemplate": hover + "  %{fullData.name}<extra></extra>",  # numbers one below the other
    }


def _x_axis(title: str, traces: Sequence[Trace]) -> dict:
    title = drawn_text(title)
    x = np.concatenate([np.asarray(trace.x, float) for trace in traces] or [[]])
    x = x[np.isfinite(x)]
    axis = {"title": title, "unifiedhovertitle": {"text": f"{title} %{{x:{',d' if np.all(x % 1 == 0) else ',.6~g'}}}"}}
    if len(x) and x.min() < x.max():  # without the room that Plotly leaves for markers at both ends
        axis["autorangeoptions"] = {"clipmin": float(x.min()), "clipmax": float(x.max())}
    return axis


def _y_axis(title: str, log_y: bool, percent: bool, traces: Sequence[Trace]) -> dict:
    axis = {"title": drawn_text(title), "type": "log" if log_y else "linear"}
    y = np.concatenate([np.asarray(trace.y, float) for trace in traces] or [[]])
    y = y[np.isfinite(y)]
    largest = np.abs(y).max(initial=0)
    if 0 < largest < 1e-2:  # 2 x 10^-4; by itself Plotly writes 200 micro
        axis["exponentformat"] = "power"
    # Around one value Plotly shows one unit to each side, in which a learning rate of 2e-4 lies on zero.
    if not log_y and 0 < largest <= 1 and np.ptp(y) <= 1e-6 * largest:
        low, high = sorted((0.0, 1.0 if percent else 2 * float(y.mean())))
        axis["autorangeoptions"] = {"clipmin": low, "clipmax": high}
    if log_y:  # 1, 2, 5, 10, 20 ... written out: by itself Plotly puts small digits between the powers of ten
        axis |= {"nticks": 3, "tickformat": ".4~g"}
    if percent:
        axis |= {"tickformat": ".3~p"}
    return axis
