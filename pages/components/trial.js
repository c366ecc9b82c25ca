// One image, and two buttons that say what it is. All that happens in time happens here, in the browser: the image
// comes decoded with a frame of the screen, goes after its time whatever the server does, and the answer's time counts
// from that frame. Streamlit calls the default export when the trial mounts, changes, or the theme does.

const CROSS = 600       // ms to look at the middle before an image that will go again
const TELL = 1100       // ms for which it is told what was right
const AGAIN = 6000      // ms until an answer that nobody took may be given again
const KEYS = { ArrowLeft: "real", f: "real", ArrowRight: "generated", j: "generated" }

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms))
const frame = () => new Promise((wake) => requestAnimationFrame(wake))

function put(root, ...things) {
  root.querySelector(".trial-stage").replaceChildren(...things)
}

function cross() {
  return Object.assign(document.createElement("span"), { className: "trial-cross", textContent: "+" })
}

// Noise in the pixels of the image, in its place: what was seen does not stay on in the eye.
function mask(image, data) {
  const canvas = Object.assign(document.createElement("canvas"), { width: data.side, height: data.side })
  const noise = new ImageData(data.side, data.side)
  for (let i = 0; i < noise.data.length; i += 4) {
    const grey = Math.random() * 256
    for (let k = 0; k < 3; k++) noise.data[i + k] = data.colour ? Math.random() * 256 : grey
    noise.data[i + 3] = 255
  }
  canvas.getContext("2d").putImageData(noise, 0, 0)
  canvas.style.width = image.naturalWidth + "px"
  return canvas
}

function enable(root, yes) {
  for (const button of root.querySelectorAll("button")) button.disabled = !yes
}

function tell(root, data) {
  const line = root.querySelector(".trial-told")
  line.textContent = data ? (data.right ? "✓ " : "✗ ") + data.words : ""
  line.dataset.right = data ? data.right : ""
}

async function begin(root, data) {
  const trial = root.trial = { data, onset: null, shown: null, sent: false }
  const mine = () => root.trial === trial && root.isConnected
  const image = Object.assign(new Image(), { alt: data.alt, draggable: false, src: data.picture })
  const before = root.image
  root.image = image
  root.dataset.number = data.number + 1
  enable(root, false)
  if (data.told && before) {
    put(root, before)
    tell(root, data.told)
    await sleep(TELL)
    if (!mine()) return
  }
  tell(root, null)
  await image.decode()
  if (data.shown_ms && sessionStorage.getItem("trial-over") === data.id) {   // its time is over: the page was left
    put(root, mask(image, data))
    trial.onset = performance.now()
    return enable(root, true)
  }
  if (data.shown_ms) {
    put(root, cross())
    await sleep(CROSS)
  }
  if (!mine()) return
  await frame()
  put(root, image)
  trial.onset = await frame()
  if (!mine()) return
  enable(root, true)
  if (!data.shown_ms) return
  // Half a frame early is nearer than half a frame late.
  let now = trial.onset
  while (now - trial.onset < data.shown_ms - 8) now = await frame()
  if (!mine()) return
  put(root, mask(image, data))
  trial.shown = now - trial.onset
  sessionStorage.setItem("trial-over", data.id)
}

function answer(root, verdict) {
  const trial = root.trial
  if (!trial || trial.onset === null || trial.sent) return
  const seconds = (performance.now() - trial.onset) / 1000
  trial.sent = true
  enable(root, false)
  root.send({ number: trial.data.number, verdict, seconds, shown: trial.shown === null ? null : trial.shown / 1000 })
  setTimeout(() => {
    if (root.trial !== trial) return
    trial.sent = false
    enable(root, true)
  }, AGAIN)
}

function listen(root) {
  for (const button of root.querySelectorAll("button"))
    button.addEventListener("click", () => answer(root, button.dataset.verdict))
  document.addEventListener("keydown", function pressed(event) {
    if (!root.isConnected) return document.removeEventListener("keydown", pressed)
    const verdict = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    const busy = event.target.closest?.("input, textarea, select, [role=slider], [role=radiogroup], [role=dialog]")
    if (!verdict || busy || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    answer(root, verdict)
  })
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".trial")
  root.send = (value) => setTriggerValue("verdict", value)
  if (!root.listens) {
    root.listens = true
    listen(root)
  }
  if (root.trial?.data.id !== data.id) begin(root, data)
}
