// A line chart that plotly.js redraws in place. Streamlit calls the default export when the chart
// mounts, when its data change and when the theme changes; every call may be repeated or overtaken.
// This text travels with every update: lines that are only a comment are taken out first, keep the rest small.

const WAIT = 30000   // ms for plotly.js to arrive: it comes with the code of st.plotly_chart

async function plotly() {
  const end = Date.now() + WAIT
  while (!window.Plotly) {
    if (Date.now() > end) throw new Error("plotly.js did not load")
    await new Promise((wake) => setTimeout(wake, 40))
  }
  return window.Plotly
}

function theme(host) {
  const style = getComputedStyle(host)
  const css = (name) => style.getPropertyValue("--st-" + name).trim()
  return { text: css("text-color"), back: css("background-color"), line: css("border-color"), grid: css("border-color-light"),
    icon: css("gray-text-color"), font: css("font") }
}

function layout(data, look) {
  // While its uirevision stays the same, an axis that was moved by hand, with the mouse or the keyboard, stays where it was put.
  const axis = (name) => ({
    uirevision: data.view, gridcolor: look.grid, linecolor: look.line, zeroline: false, automargin: true,
    tickfont: { size: 12 }, ...data[name], title: { text: data[name].title, standoff: 8, font: { size: 12.5 } },
  })
  return {
    uirevision: "keep",   // legend clicks and the choice between zoom and pan
    autosize: true, height: data.height,
    margin: { l: 48, r: 14, t: data.title ? 58 : 34, b: 36 },
    paper_bgcolor: look.back, plot_bgcolor: look.back,   // opaque for the downloaded picture
    font: { color: look.text, family: look.font, size: 13 },
    title: data.title && { text: data.title, font: { size: 15, weight: 600 }, x: 0, xref: "paper", y: 1, yref: "container",
      yanchor: "top", pad: { t: 6 } },
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", itemwidth: 36, font: { size: 13 } },
    hovermode: "x unified",
    hoverlabel: { bgcolor: look.back, bordercolor: look.line, font: { color: look.text, family: look.font, size: 13 }, namelength: -1 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: look.icon, activecolor: look.text },
    // A finger that drags wants to scroll the page.
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
    xaxis: { ...axis("xaxis"), showline: true, showspikes: true, spikemode: "across", spikethickness: 1, spikedash: "solid",
      spikecolor: look.line, spikesnap: "hovered data" },
    yaxis: axis("yaxis"),
  }
}

async function draw(host) {
  const chart = host.chart
  if (chart.data.message) {   // no points: words instead of blank axes
    window.Plotly?.purge(host)
    host.replaceChildren(Object.assign(document.createElement("p"), { textContent: chart.data.message }))
    chart.drawn = null
    return
  }
  const Plotly = await plotly()
  const data = chart.data, look = theme(host), skin = Object.values(look).join()   // the newest, after the wait
  if (data.message || !host.isConnected || (chart.drawn === data && chart.skin === skin)) return
  if (host._dragging) return   // a redraw would move the box under the pointer; the end of the drag calls again
  if (!chart.drawn) host.replaceChildren()
  const figure = [data.traces.map((trace) => ({ ...trace })), layout(data, look)]   // Plotly writes into both
  Object.assign(chart, { drawn: data, skin })
  await Plotly.react(host, ...figure, {
    displaylogo: false, showTips: false, doubleClick: "autosize",
    modeBarButtons: [["zoom2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "autoScale2d"], ["toImage"]],
    toImageButtonOptions: { filename: data.file, scale: 2 },
  })
}

function keys(event) {
  const host = event.currentTarget, axis = host._fullLayout?.xaxis
  if (!axis || event.ctrlKey || event.metaKey || event.altKey) return
  const [a, b] = axis.range, w = (b - a) / 4
  const moves = { "+": [a + w, b - w], "=": [a + w, b - w], "-": [a - 2 * w, b + 2 * w], ArrowLeft: [a - w, b - w], ArrowRight: [a + w, b + w] }
  if (event.key in moves) window.Plotly.relayout(host, { "xaxis.range": moves[event.key], "xaxis.autorange": false })
  else if (event.key === "0") window.Plotly.relayout(host, { "xaxis.autorange": true, "yaxis.autorange": true })
  else return
  event.preventDefault()
  event.stopPropagation()
}

function mount(host) {
  const resized = new ResizeObserver(() => {
    const full = host._fullLayout   // the sidebar and tabs change the width without a resize of the window
    if (host.chart.drawn && !host._dragging && host.offsetWidth && host.offsetWidth !== full?.width) window.Plotly.Plots.resize(host)
  })
  const released = () => setTimeout(() => draw(host), 350)   // longer than a double click takes
  resized.observe(host)
  host.addEventListener("keydown", keys)
  window.addEventListener("mouseup", released)
  host.chart = { leave() {
    resized.disconnect()
    window.removeEventListener("mouseup", released)
    window.Plotly?.purge(host)
  } }
}

export default async function ({ data, parentElement }) {
  const host = parentElement.querySelector(".live-chart")
  if (!host.chart) mount(host)
  host.chart.data = data
  host.style.height = data.height + "px"
  host.setAttribute("aria-label", data.alt)
  await draw(host)
  // Streamlit also runs this when new data overtake a call that still waits; only a chart that has left the page is taken down.
  return () => setTimeout(() => host.isConnected || host.chart.leave())
}
