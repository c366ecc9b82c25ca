"""The live chart in a real browser: what was done to it by hand must outlive the updates."""

import json
import time
from pathlib import Path

import pytest

START = {"points": 300, "gap": False, "smooth": 0, "mode": "", "log_y": False, "title": "", "away": False}
# There is no shadow root around the chart; _fullLayout and _fullData are what Plotly made of its input.
STATE = """() => {
    const host = document.querySelector('.live-chart'), full = host._fullLayout
    return {
        x: [...full.xaxis.range], y: [...full.yaxis.range], follows: full.xaxis.autorange && full.yaxis.autorange,
        points: host._fullData.at(-1).y.length, visible: host._fullData.map(trace => trace.visible),
        text: full.font.color, back: full.paper_bgcolor, width: full.width, room: host.offsetWidth,
        dragging: Boolean(host._dragging), marked: Boolean(host.marked),
    }
}"""
HAS_POINTS = "points => document.querySelector('.live-chart')?._fullData?.at(-1)?.y.length === points"


class Chart:
    """The page of live_chart_app.py, with the file that says what the chart shows."""

    def __init__(self, page, url: str, file: Path):
        self.page, self.url, self.file = page, url, file
        self.shown = dict(START)

    def write(self, **changes):
        self.shown |= changes
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.shown))
        new.replace(self.file)  # in one step: the page never reads half a file

    def open(self):
        self.page.goto(self.url)
        self.wait_for_points()
        # A mark on the element and one on the window show later that neither was replaced.
        self.page.evaluate("() => { document.querySelector('.live-chart').marked = window.marked = true }")
        return self

    def show(self, **changes):
        """Writes the changes and waits until the chart has drawn that many points."""
        self.write(**changes)
        self.wait_for_points()

    def wait_for_points(self):
        self.page.wait_for_function(HAS_POINTS, arg=self.shown["points"])

    def update_unseen(self, **changes):
        """Writes the changes and waits until the page, but not necessarily the chart, has them."""
        self.write(**changes)
        self.page.get_by_text(f"{self.shown['points']} points", exact=True).wait_for()

    def grow(self, times: int = 3):
        for _ in range(times):
            self.show(points=self.shown["points"] + 5)

    def state(self) -> dict:
        return self.page.evaluate(STATE)

    def wait_until(self, what, seconds: float = 10) -> dict:
        """Waits until what(state) is true of the chart's state, and returns that state."""
        end = time.monotonic() + seconds
        while not what(state := self.state()):
            assert time.monotonic() < end, f"not reached: {state}"
            self.page.wait_for_timeout(50)
        return state

    def at(self, right: float, down: float) -> tuple[float, float]:
        box = self.page.locator(".live-chart .nsewdrag").bounding_box()
        return box["x"] + right * box["width"], box["y"] + down * box["height"]

    def press(self, start=(0.3, 0.2), end=(0.6, 0.8)):
        """Presses the mouse and moves it, without letting go."""
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=5)

    def zoom(self) -> dict:
        self.press()
        self.page.mouse.up()
        return self.wait_until(lambda now: not now["follows"] and not now["dragging"])

    def hide_generator(self):
        self.page.locator(".live-chart .legendtoggle").nth(1).click()
        self.wait_until(lambda now: now["visible"][-1] == "legendonly")


@pytest.fixture(scope="module")
def app(serve, tmp_path_factory):
    file = tmp_path_factory.mktemp("live_chart") / "state.json"
    return serve(Path(__file__).with_name("live_chart_app.py"), env={"LIVE_CHART_STATE": file}), file


@pytest.fixture
def chart(app, page):
    server, file = app
    chart = Chart(page, server.url, file)
    chart.write()
    return chart


def same_view(a: dict, b: dict) -> bool:
    return a["x"] == pytest.approx(b["x"], abs=1e-9) and a["y"] == pytest.approx(b["y"], abs=1e-9)


def test_axes_follow_the_data_until_they_are_moved(chart):
    chart.write(title="Losses")
    chart.open()
    first = chart.state()
    assert first["follows"] and first["x"] == pytest.approx([0, 299])
    chart.grow()
    assert chart.state()["x"] == pytest.approx([0, 314])
    assert chart.state()["marked"]
    host = chart.page.locator(".live-chart")
    assert chart.page.get_by_text("Losses", exact=True).is_visible()
    assert host.get_attribute("role") == "img"
    assert host.get_attribute("aria-label") == "Losses of the discriminator and the generator over 315 steps."


def test_zoom_and_legend_click_survive_updates_and_a_full_rerun(chart):
    chart.open()
    chart.hide_generator()
    zoomed = chart.zoom()
    assert zoomed["x"][0] > 5 and zoomed["visible"] == [True, "legendonly"]
    chart.grow()
    assert same_view(chart.state(), zoomed) and chart.state()["visible"] == zoomed["visible"]

    chart.page.get_by_role("button", name="Run again").click()
    chart.page.get_by_text("run 2", exact=True).wait_for()
    chart.grow()
    after = chart.state()
    assert same_view(after, zoomed) and after["visible"] == zoomed["visible"]
    assert after["marked"] and chart.page.evaluate("() => window.marked")


def test_it_is_drawn_for_who_looks(chart):
    chart.open()
    place = "pixels => { document.querySelector('.live-chart').parentElement.style.marginTop = pixels + 'px' }"
    chart.page.evaluate(place, 5000)
    chart.page.wait_for_function("() => !document.querySelector('.live-chart').chart.seen")
    chart.update_unseen(points=305)
    chart.page.wait_for_timeout(500)
    assert chart.state()["points"] == 300
    chart.page.evaluate(place, 0)
    chart.wait_for_points()
    assert chart.state()["x"] == pytest.approx([0, 304])


def test_a_held_drag_stands_still_and_the_chart_catches_up_afterwards(chart):
    chart.open()
    chart.press()
    before = chart.state()
    for points in (320, 340, 360):
        chart.update_unseen(points=points)
    held = chart.state()
    assert held["dragging"] and same_view(held, before) and held["points"] == before["points"]
    chart.page.mouse.up()
    chart.wait_for_points()  # although nothing new arrives
    zoomed = chart.state()
    assert not zoomed["follows"] and zoomed["x"][1] < 299


def test_a_double_click_follows_the_data_again(chart):
    chart.open()
    chart.zoom()
    chart.page.mouse.dblclick(*chart.at(0.5, 0.5))
    chart.wait_until(lambda now: now["follows"])
    chart.grow()
    assert chart.state()["follows"] and chart.state()["x"] == pytest.approx([0, 314])


def test_the_theme_changes_the_colours_and_keeps_the_zoom(chart):
    chart.open()
    chart.hide_generator()
    light = chart.zoom()
    chart.page.emulate_media(color_scheme="dark")
    dark = chart.wait_until(lambda now: now["text"] != light["text"] and now["back"] != light["back"])
    assert same_view(dark, light) and dark["visible"] == light["visible"] and dark["marked"]
    chart.grow()
    assert same_view(chart.state(), light)


def test_the_width_follows_the_window_and_the_sidebar(chart):
    chart.open()
    zoomed = chart.zoom()
    assert zoomed["width"] == zoomed["room"]
    chart.page.set_viewport_size({"width": 1000, "height": 900})
    narrow = chart.wait_until(lambda now: now["width"] == now["room"] < zoomed["width"] - 100)
    chart.page.get_by_test_id("stSidebarHeader").hover()
    chart.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    wide = chart.wait_until(lambda now: now["width"] == now["room"] > narrow["width"] + 100)
    assert same_view(wide, zoomed)


def test_a_new_mode_or_scale_follows_the_data_again_and_keeps_the_legend_click(chart):
    chart.open()
    chart.hide_generator()
    chart.zoom()
    chart.show(mode="epochs", points=310)
    assert chart.state()["follows"] and chart.state()["visible"] == [True, "legendonly"]
    chart.zoom()
    chart.show(log_y=True, points=320)
    after = chart.state()
    assert after["follows"] and after["y"][0] < 0, "the log10 of a loss below 1"
    zoomed = chart.zoom()
    chart.grow()
    assert same_view(chart.state(), zoomed)


def test_nan_and_infinity_are_drawn_as_gaps(chart):
    chart.write(gap=True)
    chart.open()
    assert chart.page.locator(".live-chart .scatterlayer .trace").count() == 2
    for curve in chart.page.locator(".live-chart .scatterlayer .trace").all():
        assert curve.locator("path.js-line").count() == 2, "one piece before the gap, one after it"
    assert all(map(lambda bound: abs(bound) < 10, chart.state()["y"]))


def test_without_points_there_are_words_instead_of_axes(chart):
    words = chart.page.get_by_text("Waiting for the first step")
    chart.write(points=0)
    chart.page.goto(chart.url)
    words.wait_for()
    assert chart.page.locator(".live-chart svg").count() == 0
    chart.show(points=1)
    assert words.count() == 0
    chart.show(points=50)
    chart.zoom()
    chart.write(points=0)
    words.wait_for()
    assert chart.page.locator(".live-chart svg").count() == 0
    chart.show(points=60)
    assert chart.state()["follows"] and words.count() == 0


def test_a_raw_curve_stands_faint_behind_its_smooth_one(chart):
    chart.write(smooth=0.9)
    chart.open()
    assert chart.page.locator(".live-chart .legendtext").all_text_contents() == ["discriminator loss", "generator loss"]
    chart.hide_generator()
    assert chart.state()["visible"] == [True, "legendonly", True, "legendonly"]
    chart.show(smooth=0, points=310)  # fewer curves: the click belongs to a name, not to a place in the list
    assert chart.state()["visible"] == [True, "legendonly"]


def test_keys_zoom_pan_and_reset(chart):
    chart.open()
    chart.page.locator(".live-chart").focus()
    start, end = chart.state()["x"]
    chart.page.keyboard.press("+")
    assert chart.wait_until(lambda now: not now["follows"])["x"] == pytest.approx([74.75, 224.25])
    chart.page.keyboard.press("ArrowRight")
    panned = chart.wait_until(lambda now: now["x"][0] > 100)
    chart.grow()
    assert same_view({**chart.state(), "y": panned["y"]}, panned)
    chart.page.keyboard.press("0")
    chart.wait_until(lambda now: now["follows"])


def test_updates_that_arrive_before_plotly_js_are_drawn_once_it_is_there(chart):
    held = []
    chart.page.route("**/PlotlyChart*.js", lambda route: held.append(route))
    chart.page.goto(chart.url)
    for points in (310, 320):
        chart.update_unseen(points=points)
    chart.page.wait_for_timeout(300)
    assert len(held) == 1 and chart.page.locator(".live-chart svg").count() == 0
    held[0].continue_()
    chart.wait_for_points()
    chart.page.wait_for_timeout(300)
    assert chart.page.locator(".live-chart .nsewdrag").count() == 1, "the calls that were overtaken took it down"
    zoomed = chart.zoom()
    chart.grow()
    assert same_view(chart.state(), zoomed)


def test_equal_data_are_not_drawn_again(chart):
    chart.open()
    chart.page.evaluate(
        "() => { window.drawn = 0; document.querySelector('.live-chart').on('plotly_afterplot', () => window.drawn++) }"
    )
    chart.page.get_by_role("button", name="Run again").click()
    chart.page.get_by_text("run 2", exact=True).wait_for()
    chart.page.wait_for_timeout(500)
    assert chart.page.evaluate("() => window.drawn") == 0
    chart.grow(1)
    assert chart.page.evaluate("() => window.drawn") == 1


def test_a_chart_that_leaves_the_page_is_taken_down(chart):
    chart.open()
    chart.page.evaluate("() => { window.gone = document.querySelector('.live-chart') }")
    chart.write(away=True)
    chart.page.wait_for_function("() => !window.gone.isConnected && !window.gone._fullLayout")
    chart.show(away=False, points=310)
    assert not chart.state()["marked"]


def test_the_page_fixture_notices_requests_to_other_hosts(page, page_errors):
    page.route("http://elsewhere.test/**", lambda route: route.abort())
    page.evaluate("() => fetch('http://elsewhere.test/font.woff2').catch(() => 0)")
    assert "request to another host: http://elsewhere.test/font.woff2" in page_errors.unexpected()
    page_errors.allow("elsewhere.test|net::ERR_FAILED")
    assert not page_errors.unexpected()
