/* A canvas on which a map of labels is drawn: each pixel is the number of a colour, so that no edge is blurred. `tell` is called
   after each stroke with {labels, empty}; the workbench's page and a demo have it in common. */

const STEPS_BACK = 50
const KEYS = { b: "brush", r: "rectangle", f: "fill", e: "eraser" }

const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
const encode = (labels) => {
  let text = ""
  for (let i = 0; i < labels.length; i += 4096) text += String.fromCharCode(...labels.subarray(i, i + 4096))
  return btoa(text)
}

class Doodle {
  constructor(root) {
    this.root = root
    this.canvas = root.querySelector("canvas")
    this.told = root.querySelector("[role=status]")
    this.tool = "brush"
    this.colour = 1
    this.size = 3
    this.cursor = null
    this.anchor = null
    this.past = []
    this.future = []
    this.listen()
  }

  begin(data) {
    const fresh = this.key !== data.key
    this.data = data
    if (fresh) {
      this.key = data.key
      this.side = [data.width, data.height]
      this.canvas.width = data.width
      this.canvas.height = data.height
      this.labels = new Uint8Array(data.width * data.height)
      this.past = []
      this.future = []
      this.colour = Math.min(1, data.colours.length - 1)
      this.size = Math.max(1, Math.round(data.width / 24))
      this.root.querySelector("[data-size]").value = this.size
      this.example = ""
    }
    if (data.example && this.example !== data.example.id) {
      if (!fresh) this.remember()
      this.example = data.example.id
      this.labels = decode(data.example.labels)
      this.send()
    } else if (fresh && data.drawn) {
      this.labels = decode(data.drawn)
    }
    this.palette()
    this.draw()
  }

  palette() {
    const place = this.root.querySelector(".doodle-palette")
    place.replaceChildren(...this.data.colours.map((colour, number) => {
      const button = Object.assign(document.createElement("button"), { type: "button", title: this.data.names[number] })
      const patch = Object.assign(document.createElement("i"), { ariaHidden: "true" })
      patch.style.background = `rgb(${colour.join(" ")})`
      const name = Object.assign(document.createElement("span"), { textContent: this.data.names[number] })
      button.append(patch, name)
      button.setAttribute("aria-pressed", number === this.colour)
      button.addEventListener("click", () => {
        this.colour = number
        if (this.tool === "eraser") this.choose("brush")
        this.palette()
      })
      return button
    }))
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.setAttribute("aria-pressed", button.dataset.tool === this.tool)
    this.root.querySelector("[data-do=undo]").disabled = !this.past.length
    this.root.querySelector("[data-do=redo]").disabled = !this.future.length
  }

  choose(tool) {
    this.tool = tool
    this.anchor = null
    this.palette()
    this.draw()
  }

  remember() {
    this.past.push(this.labels.slice())
    if (this.past.length > STEPS_BACK) this.past.shift()
    this.future = []
  }

  draw(preview) {
    const [width, height] = this.side
    const context = this.canvas.getContext("2d")
    const image = context.createImageData(width, height)
    for (let i = 0; i < this.labels.length; i++) {
      const [red, green, blue] = this.data.colours[this.labels[i]] ?? this.data.colours[0]
      image.data.set([red, green, blue, 255], 4 * i)
    }
    context.putImageData(image, 0, 0)
    if (preview) {
      const [left, top, right, bottom] = preview
      context.fillStyle = `rgb(${this.data.colours[this.paint].join(" ")})`
      context.fillRect(left, top, right - left + 1, bottom - top + 1)
    }
    if (this.cursor && document.activeElement === this.canvas && this.keyboard) {
      context.strokeStyle = "#888"
      context.lineWidth = Math.max(1, width / 128)
      context.strokeRect(this.cursor[0] - 0.5, this.cursor[1] - 0.5, 2, 2)
    }
  }

  get paint() {
    return this.tool === "eraser" ? 0 : this.colour
  }

  // Where on the map a pointer is.
  at(event) {
    const box = this.canvas.getBoundingClientRect()
    return [Math.floor((event.clientX - box.left) / box.width * this.side[0]),
            Math.floor((event.clientY - box.top) / box.height * this.side[1])]
  }

  dot(x, y) {
    const [width, height] = this.side, reach = (this.size - 1) / 2
    for (let row = Math.ceil(y - reach); row <= y + reach; row++)
      for (let column = Math.ceil(x - reach); column <= x + reach; column++)
        if (row >= 0 && row < height && column >= 0 && column < width &&
            (column - x) ** 2 + (row - y) ** 2 <= (reach + 0.3) ** 2)
          this.labels[row * width + column] = this.paint
  }

  line([x, y], [toX, toY]) {
    const steps = Math.max(Math.abs(toX - x), Math.abs(toY - y), 1)
    for (let i = 0; i <= steps; i++) this.dot(x + (toX - x) * i / steps, y + (toY - y) * i / steps)
  }

  between([x, y], [toX, toY]) {
    const [width, height] = this.side
    const within = (value, most) => Math.min(Math.max(value, 0), most - 1)
    return [within(Math.min(x, toX), width), within(Math.min(y, toY), height),
            within(Math.max(x, toX), width), within(Math.max(y, toY), height)]
  }

  rectangle(from, to) {
    const [left, top, right, bottom] = this.between(from, to)
    for (let row = top; row <= bottom; row++)
      this.labels.fill(this.paint, row * this.side[0] + left, row * this.side[0] + right + 1)
  }

  fill([x, y]) {
    const [width, height] = this.side
    if (x < 0 || y < 0 || x >= width || y >= height) return
    const before = this.labels[y * width + x], waiting = [[x, y]]
    if (before === this.paint) return
    while (waiting.length) {
      const [column, row] = waiting.pop()
      if (column < 0 || row < 0 || column >= width || row >= height || this.labels[row * width + column] !== before) continue
      this.labels[row * width + column] = this.paint
      waiting.push([column + 1, row], [column - 1, row], [column, row + 1], [column, row - 1])
    }
  }

  // A stroke is done: what was drawn goes to the model.
  send() {
    this.palette()
    this.draw()
    this.tell({ labels: encode(this.labels), empty: this.labels.every((label) => label === this.labels[0]) })
  }

  undo(from, to) {
    if (!from.length) return
    to.push(this.labels.slice())
    this.labels = from.pop()
    this.send()
  }

  act(what) {
    if (what === "undo") this.undo(this.past, this.future)
    else if (what === "redo") this.undo(this.future, this.past)
    else if (what === "clear") {
      this.remember()
      this.labels.fill(0)
      this.send()
    }
  }

  listen() {
    let last = null
    const canvas = this.canvas
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return
      event.preventDefault()
      canvas.focus()
      this.keyboard = false
      canvas.setPointerCapture(event.pointerId)
      this.remember()
      last = this.at(event)
      if (this.tool === "fill") {
        this.fill(last)
        last = null
        this.send()
      } else if (this.tool === "rectangle") {
        this.anchor = last
        this.draw(this.between(last, last))
      } else {
        this.line(last, last)
        this.draw()
      }
    })
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return
      const here = this.at(event)
      if (this.tool === "rectangle") return this.draw(this.between(this.anchor, here))
      for (const passed of event.getCoalescedEvents?.() ?? [event]) {
        const there = this.at(passed)
        this.line(last, there)
        last = there
      }
      this.draw()
    })
    const end = (event) => {
      if (!last) return
      if (this.tool === "rectangle") {
        this.rectangle(this.anchor, this.at(event))
        this.anchor = null
      }
      last = null
      this.send()
    }
    canvas.addEventListener("pointerup", end)
    canvas.addEventListener("pointercancel", end)
    canvas.addEventListener("keydown", (event) => this.pressed(event))
    canvas.addEventListener("blur", () => this.draw())
    for (const button of this.root.querySelectorAll("[data-tool]"))
      button.addEventListener("click", () => this.choose(button.dataset.tool))
    for (const button of this.root.querySelectorAll("[data-do]"))
      button.addEventListener("click", () => this.act(button.dataset.do))
    this.root.querySelector("[data-size]").addEventListener("input", (event) => { this.size = Number(event.target.value) })
  }

  // Rectangles by the keyboard: arrows move, Enter sets one corner and then the other.
  pressed(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault()
      return this.act(event.shiftKey ? "redo" : "undo")
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const [width, height] = this.side
    this.cursor ??= [width >> 1, height >> 1]
    const far = event.shiftKey ? Math.max(1, width >> 3) : Math.max(1, width >> 6)
    const moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      this.keyboard = true
      this.cursor = [Math.min(Math.max(this.cursor[0] + move[0], 0), width - 1),
                     Math.min(Math.max(this.cursor[1] + move[1], 0), height - 1)]
      this.draw(this.anchor && this.between(this.anchor, this.cursor))
      this.say(`${this.anchor ? "To" : "At"} ${this.cursor[0] + 1}, ${this.cursor[1] + 1}`)
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault()
      this.keyboard = true
      if (this.tool === "fill") {
        this.remember()
        this.fill(this.cursor)
        this.send()
      } else if (this.anchor) {
        this.remember()
        this.rectangle(this.anchor, this.cursor)
        this.anchor = null
        this.send()
        this.say("Rectangle drawn")
      } else {
        this.anchor = [...this.cursor]
        this.draw(this.between(this.anchor, this.cursor))
        this.say("First corner set; move with the arrows and press Enter again")
      }
    } else if (event.key === "Escape" && this.anchor) {
      this.anchor = null
      this.draw()
    } else if (KEYS[event.key]) this.choose(KEYS[event.key])
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= this.data.colours.length) {
      this.colour = Number(event.key) - 1
      this.palette()
      this.say(this.data.names[this.colour])
    }
  }

  say(words) {
    this.told.textContent = words
  }
}
