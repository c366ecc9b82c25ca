// Keys for all pages. Streamlit calls the default export when it mounts and when its data change; the listener is the
// document's, and works on what the page shows when a key is pressed.

const PACE = 600   // ms between sheets
// Where sheets are stepped through: sliders of Streamlit's in the Gallery and on the Monitor, and that of a comparison.
const SLIDERS = '[class*="st-key-gallery-"] input[type="range"], .st-key-monitor-sheet input[type="range"], ' +
  '.sheets-label input'
const SEARCHES = ".st-key-runs-text input", CHOICES = '.stMain [class*="-run"] [role="combobox"], ' +
  '.stMain [class*="-runs"] [role="combobox"], .stMain [class*="-run"] input, .stMain [class*="-runs"] input'
const FIELDS = 'input:not([type="range"], [type="checkbox"], [type="radio"], [type="button"]), textarea, select, ' +
  '[contenteditable], [role="textbox"]'
// What does something of its own with arrows and the space bar, and what with the space bar alone: the focus is there when
// it was pressed, or has closed a dialog.
const TAKEN = 'input, canvas, iframe, audio, video, [role="slider"], [role="tab"], [role="radio"], [role="toolbar"], ' +
  '[role="option"], [role="combobox"], [role="menuitem"], [role="grid"], .live-chart, .compared'
const PRESSED = `${TAKEN}, button, a, summary, [role="button"]`
const DIALOG = '[role="dialog"]'   // Streamlit's dialogs and popovers; the list of keys is a <dialog>

const all = (selector) => [...document.querySelectorAll(selector)].filter((found) => found.checkVisibility())
const visible = (selector) => all(selector)[0]

// What has the focus, in whichever shadow it lies.
function focused() {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}

const atEnd = (slider) => +slider.value >= +slider.max

function press(slider, key) {
  if (slider.closest(".sheets-label")) {
    slider.value = key === "Home" ? slider.min : +slider.value + (key === "ArrowRight" ? 1 : -1)
    slider.dispatchEvent(new Event("input", { bubbles: true }))
  } else {
    for (const type of ["keydown", "keyup"]) {
      slider.dispatchEvent(new KeyboardEvent(type, { key, code: key, bubbles: true, cancelable: true }))
    }
  }
}

function stop(host) {
  clearInterval(host.playing)
  host.playing = null
}

function play(host, slider) {
  const place = all(SLIDERS).indexOf(slider)   // of several; Streamlit may draw it anew meanwhile
  if (atEnd(slider)) press(slider, "Home")
  host.playing = setInterval(() => {
    const now = all(SLIDERS)[place]
    if (!now || atEnd(now)) stop(host)
    else if (!document.hidden) press(now, "ArrowRight")
  }, PACE)
}

function pressed(host, event) {
  // Those that are not trusted are pressed here, see press().
  if (!event.isTrusted || event.defaultPrevented || event.isComposing) return
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const at = focused(), { key } = event
  if (key === "Escape" && at && at === host.field) {
    host.field = null
    setTimeout(() => at.blur())   // after whoever draws the field has closed its list
  }
  if (host.list.open) {
    if (key !== "?") return
    event.preventDefault()
    return host.list.close()
  }
  if (at?.matches?.(FIELDS) || visible(DIALOG)) return
  const slider = at?.matches?.(SLIDERS) ? at : visible(SLIDERS)
  if (key === "?") {
    stop(host)
    host.list.showModal()
  } else if (key === "/" && (host.field = visible(SEARCHES) ?? visible(CHOICES))) {
    host.field.focus()
    host.field.scrollIntoView({ block: "nearest" })
  } else if (slider && !at?.closest?.(TAKEN) && (key === "ArrowLeft" || key === "ArrowRight")) {
    stop(host)
    press(slider, key)
  } else if (slider && key === " " && (at === slider || !at?.closest?.(PRESSED))) {
    if (host.playing) stop(host)
    else if (!event.repeat) play(host, slider)
  } else return
  event.preventDefault()
}

function mount(parent) {
  const host = { list: parent.querySelector("dialog"), field: null, playing: null }
  host.heard = (event) => pressed(host, event)
  document.addEventListener("keydown", host.heard)
  parent.querySelector(".keyboard").hidden = false   // the line promises keys, so it is shown once they are heard
  return host
}

export default function ({ data, parentElement }) {
  const host = parentElement.keyboard ??= mount(parentElement)
  parentElement.querySelector("dl").replaceChildren(...data.keys.flatMap(([key, does]) => {
    const name = document.createElement("dt"), words = document.createElement("dd")
    name.append(Object.assign(document.createElement("kbd"), { textContent: key }))
    words.textContent = does
    return [name, words]
  }))
  // Streamlit calls this too when newer data overtake a call that still waits: look whether the line is gone.
  return () => setTimeout(() => {
    if (parentElement.isConnected) return
    stop(host)
    document.removeEventListener("keydown", host.heard)
    delete parentElement.keyboard
  })
}
