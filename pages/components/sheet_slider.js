// One slider for the sheets of several runs. Streamlit calls the default export when it mounts and when its data change.
// This text travels with every update: comment lines are taken out first, the rest should stay short.

const AHEAD = 4   // places to each side whose sheets are fetched before they are asked for
const OPENING = 1500   // ms that a page has for the rest of itself

function address(path) {
  return new URL(path, location.origin).href
}

// Kept by the host: a browser takes a picture that a living element shows from memory.
function fetched(host, path) {
  if (!host.fetched.has(path)) {
    const picture = new Image()
    picture.src = address(path)
    host.fetched.set(path, picture)
  }
  return host.fetched.get(path)
}

function around(data, place, reach) {
  return data.rows.flatMap((row) => row.sheets.slice(Math.max(0, place - reach), place + reach + 1)).filter(Boolean)
    .map((sheet) => sheet.address)
}

async function show(host) {
  const { data, place } = host
  host.slider.setAttribute("aria-valuetext", data.places[place])
  host.output.textContent = data.places[place]
  // All at once: a sheet of another step beside the new ones would compare what is not alike.
  await Promise.all(around(data, place, 0).map((path) => fetched(host, path).decode().catch(() => {})))
  if (host.data !== data || host.place !== place) return   // moved on meanwhile
  data.rows.forEach((row, i) => {
    const [title, image, caption] = host.grid.children[i].children
    const sheet = row.sheets[place]
    const there = sheet && fetched(host, sheet.address).naturalWidth > 0
    title.textContent = row.title
    image.hidden = !there
    if (there) image.src = address(sheet.address)
    image.alt = there ? sheet.alt : "No samples"
    caption.textContent = there ? sheet.caption : sheet ? "This sheet is gone." : "No samples yet"
  })
  const near = new Set(around(data, place, AHEAD))
  for (const path of host.fetched.keys()) if (!near.has(path)) host.fetched.delete(path)
  // Not while the page opens: the rest of it comes first.
  setTimeout(() => host.data === data && host.place === place && near.forEach((path) => fetched(host, path)),
    host.name ? 0 : OPENING)
}

function mount(parent) {
  const host = {
    fetched: new Map(), grid: parent.querySelector(".sheets"), output: parent.querySelector("output"),
    slider: parent.querySelector("input"),
  }
  host.slider.addEventListener("input", () => {
    host.place = +host.slider.value
    host.name = host.data.places[host.place]
    show(host)
  })
  return host
}

export default function ({ data, parentElement }) {
  const host = parentElement.sheets ??= mount(parentElement)
  const last = data.places.length - 1
  // A chosen place stays while the runs go on and get more of them.
  const kept = host.data?.mode === data.mode ? data.places.indexOf(host.name) : -1
  Object.assign(host, { data, place: kept < 0 ? last : kept })
  if (kept < 0) host.name = undefined
  parentElement.querySelector(".sheets-label").hidden = !last
  parentElement.querySelector(".sheets-label span").textContent = data.label
  host.slider.setAttribute("aria-label", data.label)
  host.slider.max = last
  host.slider.value = host.place
  host.grid.style.setProperty("--columns", data.columns)
  host.grid.replaceChildren(...data.rows.map(() => {
    const figure = document.createElement("figure")
    figure.append(...["b", "img", "small"].map((name) => document.createElement(name)))
    figure.children[1].hidden = true
    return figure
  }))
  show(host)
}
