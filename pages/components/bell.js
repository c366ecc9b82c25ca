// Tells by the browser's own notices what happens to the run of this page; who asked for it is remembered in this browser.

const WISH = "gan-workbench:bell", TOLD = "gan-workbench:told", MOST = 200

function read(name, otherwise) {
  try { return JSON.parse(localStorage.getItem(name)) ?? otherwise } catch { return otherwise }
}

function keep(name, value) {
  try { localStorage.setItem(name, JSON.stringify(value)) } catch { /* private windows may keep nothing */ }
}

// Whether nobody has told it yet: of several windows of this browser one does.
function first(key) {
  const told = read(TOLD, [])
  if (told.includes(key)) return false
  keep(TOLD, [...told, key].slice(-MOST))
  return true
}

function show(host) {
  const able = "Notification" in window && window.isSecureContext
  const wanted = able && Notification.permission === "granted" && read(WISH, false)
  const { over } = host.data
  host.root.style.display = over ? "none" : ""
  host.button.style.display = able && Notification.permission !== "denied" ? "" : "none"
  host.button.textContent = wanted ? "Do not tell me" : "Tell me in this browser when it ends"
  host.button.setAttribute("aria-pressed", wanted)
  host.words.textContent = !able ? "This browser tells nothing here: notices need https, or localhost." :
    Notification.permission === "denied" ? "This browser was told to show no notices of this site." :
    wanted ? "This browser tells when it ends, or when something goes wrong, while this page is open." : ""
  return wanted
}

function mount(parent) {
  const root = parent.querySelector(".bell")
  const host = { root, button: root.querySelector(".bell-button"), words: root.querySelector(".bell-words"), known: null }
  host.button.addEventListener("click", async () => {
    const wanted = show(host)
    if (!wanted && Notification.permission !== "granted") await Notification.requestPermission()
    keep(WISH, !wanted && Notification.permission === "granted")
    show(host)
  })
  return host
}

export default function ({ data, parentElement }) {
  const host = parentElement.bell ??= mount(parentElement)
  // What was so when the page was opened is seen, and no news.
  const fresh = host.known === null || host.data.run !== data.run
  host.data = data
  const wanted = show(host), keys = data.events.map((event) => event.key)
  if (fresh) host.known = new Set(keys)
  for (const event of data.events) {
    if (host.known.has(event.key)) continue
    host.known.add(event.key)
    if (!wanted || !first(event.key)) continue
    try {
      const notice = new Notification(event.title, { body: event.text, tag: event.key })
      notice.onclick = () => { window.focus(); notice.close() }
    } catch { /* phones show notices from service workers alone */ }
  }
}
