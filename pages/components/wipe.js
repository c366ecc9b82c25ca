// Two pictures over each other; a slider says how much of the upper one is seen.

function mount(parent) {
  const host = {
    frame: parent.querySelector(".wipe-frame"), upper: parent.querySelector(".wipe-upper"),
    lower: parent.querySelector(".wipe-lower"), slider: parent.querySelector("input"),
  }
  const place = () => host.frame.style.setProperty("--place", `${host.slider.value}%`)
  host.slider.addEventListener("input", place)
  place()
  return host
}

export default function ({ data, parentElement }) {
  const host = parentElement.wipe ??= mount(parentElement)
  host.lower.src = data.lower
  host.lower.alt = data.lower_alt
  host.upper.src = data.upper
  host.upper.alt = data.upper_alt
  host.slider.setAttribute("aria-label", data.label)
  const [left, right] = parentElement.querySelectorAll(".wipe-words span")
  left.textContent = data.left
  right.textContent = data.right
}
