// A line chart that plotly.js redraws in place. Streamlit calls the default export when the chart mounts,
// when its data change and when the theme changes; any call may be repeated or overtaken by the next.
// This text travels with every update: comment lines are taken out first, the rest should stay short.

const PATIENCE = 30000   // ms for plotly.js to arrive; it comes with the code of st.plotly_chart
const MARGIN = "200px"   // a chart this near to what is on the screen is drawn already
const SETTLE = 350       // ms after a drag: longer than Plotly waits for a second click

async function plotly() {
  const end = Date.now() + PATIENCE
  while (!window.Plotly) {
    if (Date.now() > end) throw new Error("plotly.js did not load")
    await new Promise((wake) => setTimeout(wake, 40))
  }
  return window.Plotly
}

function theme(host) {
  const style = getComputedStyle(host)
  const css = (name) => style.getPropertyValue("--st-" + name).trim()
  return {
    text: css("text-color"), back: css("background-color"), line: css("border-color"),
    grid: css("border-color-light"), icon: css("gray-text-color"), family: css("font"),
  }
}

function layout(data, look) {
  const font = (size) => ({ color: look.text, family: look.family, size })
  // While its uirevision stays the same, an axis that was moved by hand stays where it was put.
  const axis = (given) => ({
    uirevision: data.view, gridcolor: look.grid, linecolor: look.line, zeroline: false, automargin: true,
    tickfont: font(12), ...given, title: { text: given.title, standoff: 8, font: font(12.5) },
  })
  return {
    uirevision: "keep",   // of legend clicks and the choice between zoom and pan
    autosize: true, height: data.height, margin: { l: 48, r: 14, t: 30, b: 36 },
    paper_bgcolor: look.back, plot_bgcolor: look.back,   // opaque, for the picture that can be downloaded
    font: font(13),
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", itemwidth: 36, tracegroupgap: 0, maxheight: 0.3 },
    hovermode: "x unified",
    hoverlabel: { bgcolor: look.back, bordercolor: look.line, font: font(13) },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: look.icon, activecolor: look.text },
    // A finger that drags wants to scroll the page.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    xaxis: {
      ...axis(data.xaxis), showline: true,
      spikemode: "across", spikethickness: 1, spikedash: "solid", spikecolor: look.line, spikesnap: "hovered data",
    },
    yaxis: axis(data.yaxis),
  }
}

async function draw(host) {
  const chart = host.chart
  if (!chart.seen || document.hidden) return   // drawn when somebody looks: the processor is for training
  if (chart.data.message) {   // nothing to draw: words instead of blank axes
    window.Plotly?.purge(host)
    host.replaceChildren(Object.assign(document.createElement("p"), { textContent: chart.data.message }))
    chart.drawn = null
    return
  }
  const Plotly = await plotly()
  const data = chart.data   // only now: newer ones may have come during the wait
  const look = theme(host), skin = Object.values(look).join()
  if (data.message || !host.isConnected || (chart.drawn === data && chart.skin === skin)) return
  // A redraw would move the axes under the pointer; the end of the drag calls again.
  if (host._dragging) return
  if (!chart.drawn) host.replaceChildren()
  Object.assign(chart, { drawn: data, skin })
  // Copies: Plotly writes legend clicks into the traces, and a change of theme comes with the same data.
  await Plotly.react(host, data.traces.map((trace) => ({ ...trace })), layout(data, look), {
    displaylogo: false, showTips: false, doubleClick: "autosize",
    modeBarButtons: [["zoom2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "autoScale2d"], ["toImage"]],
    toImageButtonOptions: { filename: data.file, scale: 2 },
  })
}

function keys(event) {
  const host = event.currentTarget
  if (!host._fullLayout || event.ctrlKey || event.metaKey || event.altKey) return
  const [a, b] = host._fullLayout.xaxis.range, step = (b - a) / 4
  const range = {
    "+": [a + step, b - step], "=": [a + step, b - step], "-": [a - 2 * step, b + 2 * step],
    ArrowLeft: [a - step, b - step], ArrowRight: [a + step, b + step],
  }[event.key]
  if (range) window.Plotly.relayout(host, { "xaxis.range": range })
  else if (event.key === "0") window.Plotly.relayout(host, { "xaxis.autorange": true, "yaxis.autorange": true })
  else return
  event.preventDefault()
  event.stopPropagation()
}

function mount(host) {
  const redraw = () => setTimeout(() => draw(host), SETTLE)
  const ends = ["mouseup", "touchend"], shown = () => draw(host)
  const seen = new IntersectionObserver((entries) => {
    host.chart.seen = entries.at(-1).isIntersecting
    draw(host)
  }, { rootMargin: MARGIN })
  seen.observe(host)
  // The sidebar and tabs change the width without resizing the window.
  const resized = new ResizeObserver(() => {
    const room = host.offsetWidth
    if (host.chart.drawn && room && room !== host._fullLayout?.width) window.Plotly.Plots.resize(host)
  })
  resized.observe(host)
  host.addEventListener("keydown", keys)
  ends.forEach((end) => window.addEventListener(end, redraw))
  document.addEventListener("visibilitychange", shown)
  host.chart = {
    leave() {
      resized.disconnect()
      seen.disconnect()
      document.removeEventListener("visibilitychange", shown)
      ends.forEach((end) => window.removeEventListener(end, redraw))
      window.Plotly?.purge(host)
    },
  }
}

export default async function ({ data, parentElement }) {
  const host = parentElement.querySelector(".live-chart")
  if (!host.chart) mount(host)
  host.chart.data = data
  host.style.height = data.height + "px"
  host.setAttribute("aria-label", data.alt)
  parentElement.querySelector(".live-chart-title").textContent = data.title
  await draw(host)
  // Streamlit calls this too when newer data overtake a call that still waits: look whether the chart is gone.
  return () => setTimeout(() => host.isConnected || host.chart.leave())
}
