"""What the live chart makes of numbers before they travel to the browser."""

import base64
import time

import numpy as np
import pytest

from pages.components import live_chart
from pages.components.live_chart import COLORS, ROLES, SYMBOLS, Trace, bucketed, packed, smoothed

# Main and sidebar, light and dark: of the dashboard's theme, then of Streamlit's own.
BACKGROUNDS = ("#ffffff", "#f4f6f9", "#11151c", "#1a2029", "#f8f8f7", "#171614", "#2d2b27")


def walk(points, seed=0):
    return np.arange(points), np.random.default_rng(seed).normal(size=points).cumsum()


def unpacked(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), "<" + array["dtype"])


def contrast(a, b):
    """WCAG 2's contrast ratio of two colours "#rrggbb"."""

    def luminance(color):
        rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("points", [0, 1, 2, 1999, 2000])
def test_short_curves_are_left_alone(points):
    x, y = walk(points)
    for was, now in zip((x, y), bucketed(x, y, 1000), strict=True):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize("points", [2001, 4095, 4096, 4097, 123_457, 200_000])
def test_buckets_keep_ends_and_extremes(points):
    x, y = walk(points)
    bx, by = bucketed(x, y, 1000)
    assert 500 <= len(bx) <= 2002
    assert np.all(np.diff(bx) > 0) and np.array_equal(y[bx], by)
    assert (bx[0], bx[-1]) == (0, points - 1)
    assert (by.min(), by.max()) == (y.min(), y.max())


def test_each_bucket_gives_its_lowest_and_highest_point():
    x, y = walk(1000)
    bx, _ = bucketed(x, y, 100)  # buckets of 16: the smallest power of two that makes at most 100
    expected = {0, 999}
    for start in range(0, 1000, 16):
        part = y[start : start + 16]
        expected |= {start + part.argmin(), start + part.argmax()}
    assert set(bx) == expected


def test_bucket_edges_stay_put_as_points_arrive():
    x, y = walk(70_000)
    before, _ = bucketed(x[:66_000], y[:66_000])
    after, _ = bucketed(x, y)  # buckets of 128 in both
    settled = 66_000 // 128 * 128
    assert np.array_equal(before[before < settled], after[after < settled])


def test_buckets_keep_gaps():
    x, y = walk(20_000)
    y[5_000:5_100] = np.nan
    y[12_345] = np.inf
    y[-1] = np.nan
    bx, by = bucketed(x, y)
    lost = bx[~np.isfinite(by)]
    assert lost.min() == 5_000 and 12_345 in lost and lost[-1] == 19_999
    assert np.all((lost < 5_100) | (lost >= 12_345))
    seen = np.isfinite(y)
    assert (np.nanmin(by[np.isfinite(by)]), by[np.isfinite(by)].max()) == (y[seen].min(), y[seen].max())


def test_buckets_of_nothing_but_nan_are_one_gap_each():
    bx, by = bucketed(np.arange(10_000), np.full(10_000, np.nan))
    assert np.isnan(by).all() and len(bx) <= 1002


def test_smoothing_is_what_tensorboard_draws():
    y = np.random.default_rng(1).normal(size=500).cumsum()
    y[[3, 200]] = np.nan
    y[77] = np.inf
    for weight in (0.0, 0.3, 0.9, 0.999):
        last, count, expected = 0.0, 0, []
        for value in y:
            if np.isfinite(value):
                last = last * weight + (1 - weight) * value
                count += 1
                value = last / (1 - weight**count)
            expected.append(value)
        np.testing.assert_allclose(smoothed(y, weight), expected, rtol=1e-9)


def test_smoothing_starts_at_the_first_value_and_keeps_a_constant():
    assert smoothed([7.0, 1.0], 0.99)[0] == pytest.approx(7)
    np.testing.assert_allclose(smoothed(np.full(5000, 0.3), 0.995), 0.3)
    assert smoothed([], 0.5).shape == (0,)
    assert np.isnan(smoothed([np.nan], 0.5)).all()


@pytest.mark.parametrize("weight", [-0.1, 1, 2])
def test_smoothing_refuses_other_weights(weight):
    with pytest.raises(ValueError, match="weight"):
        smoothed([1.0], weight)


def test_long_runs_are_thinned_and_smoothed_quickly():
    x, y = walk(200_000)

    def fastest(work):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return min(times)

    # Measured on two cores: 0.3 ms and 1.1 ms. The bound leaves room for a busy machine.
    assert fastest(lambda: bucketed(x, y)) < 0.05
    assert fastest(lambda: smoothed(y, 0.99)) < 0.05


def test_arrays_travel_as_float32_unless_a_step_needs_more():
    y = np.array([1.5, np.inf, -np.inf, np.nan])
    short = live_chart._drawn(Trace("a", np.arange(4), y), 0, "")
    assert short["x"]["dtype"] == short["y"]["dtype"] == "f4"
    np.testing.assert_array_equal(unpacked(short["y"]), [1.5, np.nan, np.nan, np.nan])
    steps = 2**24 + np.arange(4)
    long = live_chart._drawn(Trace("a", steps, y), 0, "")
    assert long["x"]["dtype"] == "f8"
    np.testing.assert_array_equal(unpacked(long["x"]), steps)
    np.testing.assert_array_equal(unpacked(packed([1, 2, 3])), [1, 2, 3])


def test_colours_read_on_light_and_dark():
    for color in {*COLORS, *(style.color for style in ROLES.values())}:
        for background in BACKGROUNDS:
            assert contrast(color, background) >= 3, (color, background)


def test_players_differ_in_colour_dash_and_symbol():
    for one, other in (("discriminator", "generator"), ("critic", "generator"), ("real", "fake")):
        assert not set(ROLES[one]) & set(ROLES[other])
    colors, _, symbols = zip(*ROLES.values(), strict=True)
    for values in (colors, symbols, COLORS, SYMBOLS):
        assert len(set(values)) == len(values)


def test_traces_without_a_role_take_colours_in_turn_and_faint_ones_their_partner_s():
    x = np.arange(3)
    traces = [Trace(name, x, x, faint=faint) for name in ("a", "b") for faint in (True, False)]
    drawn = live_chart._figure(traces, log_y=False, percent=False)["traces"]
    assert "".join(trace["name"] for trace in drawn) == "abab"
    assert [trace["line"]["color"] for trace in drawn] == [*COLORS[:2], *COLORS[:2]]
    assert [trace.get("showlegend", True) for trace in drawn] == [False, False, True, True]
    assert drawn[0]["legendgroup"] == drawn[2]["legendgroup"] and len({trace["uid"] for trace in drawn}) == 4
    fixed = live_chart._figure([Trace("b", x, x, slot=1)], log_y=False, percent=False)["traces"][0]
    assert fixed["line"]["color"] == COLORS[1]


def test_names_are_text_and_not_markup():
    x = np.arange(2)
    drawn = live_chart._drawn(Trace("<b>run</b> & %{y}", x, x), 0, "%{y}")
    assert drawn["name"] == "&lt;b&gt;run&lt;/b&gt; &amp; %{y}"
    assert drawn["uid"].isalnum(), "Plotly makes a CSS selector of it"


@pytest.mark.parametrize(
    ("y", "log_y", "message"),
    [
        ([], False, "Waiting for the first step"),
        ([np.nan, np.inf], False, "No finite values to draw"),
        ([-1.0, 0.0], True, "No positive values to draw on a logarithmic axis"),
        ([-1.0, np.nan], False, ""),
    ],
)
def test_a_chart_with_nothing_to_draw_says_why(y, log_y, message):
    trace = Trace("a", np.arange(len(y)), np.array(y))
    assert live_chart._figure([trace], log_y, percent=False)["message"] == message
    assert live_chart._figure([], log_y, percent=False)["message"] == "Waiting for the first step"


def test_wrong_traces_are_refused():
    with pytest.raises(ValueError, match="shape"):
        Trace("a", np.arange(3), np.arange(4))
    with pytest.raises(ValueError, match="role"):
        Trace("a", np.arange(3), np.arange(3), role="judge")


def test_what_travels_with_every_update_is_small():
    source = live_chart.source(live_chart.Path(live_chart.__file__).with_suffix(".js"))
    assert "// A line chart" not in source and len(source) < 7000


def y_axis(*values, log_y=False, percent=False):
    traces = [Trace(str(i), np.arange(len(y)), np.array(y)) for i, y in enumerate(values)]
    return live_chart._y_axis("y", log_y, percent, traces)


def test_a_flat_curve_lies_in_the_middle_of_an_axis_of_its_own_size():
    flat = y_axis([2e-4] * 9, [2e-4 * (1 + 1e-9)] * 9)
    assert flat["autorangeoptions"] == {"clipmin": 0.0, "clipmax": pytest.approx(4e-4)} and "power" in flat.values()
    assert y_axis([-0.5, np.nan, -0.5])["autorangeoptions"] == {"clipmin": -1.0, "clipmax": 0.0}
    assert y_axis([1.0, 1.0], percent=True)["autorangeoptions"] == {"clipmin": 0.0, "clipmax": 1.0}
    for axis in (y_axis([2e-4, 1e-4]), y_axis([0.0, 0.0]), y_axis([640.0, 640.0]), y_axis([]), y_axis(),
                 y_axis([1e-4, 1e-4], log_y=True)):
        assert "autorangeoptions" not in axis
