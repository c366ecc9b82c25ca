// One view after the other of a strip of them: dragged by mouse or finger, or by the arrow keys.

const WHOLE = 1.5  // widths of a view that a finger goes for one whole turn

function mount(parent) {
  const root = parent.querySelector(".turntable"), words = parent.querySelector(".turntable-words")
  const host = { root, words, views: root.querySelectorAll(".turntable-view"), place: 0, data: null, held: null }
  root.addEventListener("pointerdown", (event) => {
    host.held = { x: event.clientX, place: host.place }
    root.setPointerCapture(event.pointerId)
  })
  root.addEventListener("pointermove", (event) => {
    if (!host.held) return
    const gone = (host.held.x - event.clientX) / (WHOLE * host.views[0].clientWidth)
    turn(host, host.held.place + gone * host.data.angles.length)
  })
  for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, () => { host.held = null })
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }
  root.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return
    event.preventDefault()
    turn(host, Math.round(host.place) + steps[event.key])
  })
  return host
}

function turn(host, place) {
  const count = host.data.angles.length
  host.place = host.data.round ? ((place % count) + count) % count : Math.min(Math.max(place, 0), count - 1)
  const shown = Math.round(host.place) % count
  const share = count > 1 ? 100 * shown / (count - 1) : 0
  for (const view of host.views) view.style.backgroundPosition = `${share}% 0`
  const angle = Math.round(host.data.angles[shown])
  host.root.setAttribute("aria-valuenow", angle)
  host.root.setAttribute("aria-valuetext", `${angle} degrees`)
  host.words.textContent = `${angle} degrees. Drag it, or press the arrow keys.`
}

export default function ({ data, parentElement }) {
  const host = parentElement.turntable ??= mount(parentElement)
  host.data = data
  const pictures = [data.views, data.depth]
  host.views.forEach((view, number) => {
    view.style.display = pictures[number] ? "" : "none"
    view.style.backgroundImage = pictures[number] ? `url(${pictures[number]})` : ""
    view.style.backgroundSize = `${100 * data.angles.length}% 100%`
  })
  host.root.setAttribute("aria-label", data.alt)
  host.root.setAttribute("aria-valuemin", Math.round(data.angles[0]))
  host.root.setAttribute("aria-valuemax", Math.round(data.angles[data.angles.length - 1]))
  turn(host, host.place)
}
