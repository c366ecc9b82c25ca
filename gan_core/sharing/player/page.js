/* The page of a demo: controls on the one side, the worker that computes samples on the other.

   Nothing of what people have written is ever anything but text here: elements are made, and their textContent is set. */
"use strict";

const COUNT = demo.grid[0] * demo.grid[1], REACH = 2.5, FRAMES = 40, MANY = 1000;

/* Pictures and points, drawn on a canvas. */
const [height, width, channels] = demo.kind === "images" ? demo.shape : [96, 96, 0];

function pixels(values) {
  const rgba = new Uint8ClampedArray(width * height * 4);
  const level = (value) => Math.round(Math.min(Math.max((value + 1) * 127.5, 0), 255));
  for (let i = 0; i < width * height; i++) {
    const first = i * channels, grey = channels < 3;
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = level(values[first + (grey ? 0 : c)]);
    rgba[4 * i + 3] = channels === 4 ? level(values[first + 3]) : channels === 2 ? level(values[first + 1]) : 255;
  }
  return rgba;
}

class Picture {
  constructor(canvas, rows = 1, columns = 1) {
    Object.assign(this, { canvas, rows, columns });
    canvas.width = width * columns;
    canvas.height = height * rows;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
  }

  put(values, place = 0) {
    const image = new ImageData(pixels(values), width, height);
    this.context.putImageData(image, place % this.columns * width, Math.floor(place / this.columns) * height);
  }

  rgba() {
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height).data;
  }
}

/* Points have one field of their own: all of them, and the one that is chosen. */
class Field {
  constructor(canvas) {
    this.canvas = canvas;
    canvas.width = canvas.height = 480;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.points = new Map();
  }

  put(values, place = 0) {
    this.points.set(place, values);
    const { context: drawing, canvas: { width: side } } = this, [low, high] = demo.range;
    const at = (value) => (value - low) / (high - low) * side;
    drawing.fillStyle = getComputedStyle(document.body).backgroundColor;
    drawing.fillRect(0, 0, side, side);
    drawing.fillStyle = "#d8670f";
    for (const [x, y] of this.points.values()) drawing.fillRect(at(x) - 3, side - at(y) - 3, 6, 6);
  }

  rgba() {
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height).data;
  }
}

/* What shows samples of this kind on a canvas. */
function shower(canvas, rows = 1, columns = 1) {
  if (demo.kind === "table") return new Rows(canvas, rows * columns);
  return demo.kind === "images" ? new Picture(canvas, rows, columns) : new Field(canvas);
}

class Player {
  constructor(computing) {
    this.computing = computing;
    this.chosen = {};
    this.label = "each";
    this.place = 0;
    this.grid = shower($("grid"), ...demo.grid);
    this.large = shower($("large"));
    this.walking = null;
    this.offset = [0, 0];
    this.axes = [null, null]; // of the pad: a direction, or one by chance
    this.sliders = new Map(); // how far along each direction
  }

  /* The inputs of all samples of the seed, with what was chosen in the place of what was drawn. */
  inputs(seed, n) {
    const drawn = drawInputs(demo.inputs, n, seed);
    drawn.forEach((sample, i) => this.choose(sample, i));
    return drawn;
  }

  choose(sample, place) {
    const { labels } = demo;
    if (labels.length && this.label !== "any") sample.label = [this.label === "each" ? place % labels.length : +this.label];
    for (const { name, of, column } of demo.choices) {
      if (!(name in this.chosen)) continue;
      if (column === null) sample[of] = [this.chosen[name]];
      else sample[of][column] = this.chosen[name];
    }
    return sample;
  }

  fresh() {
    this.drawn = this.inputs(BigInt($("seed").value || 0), COUNT);
    if (this.grid.points) this.grid.points.clear();
    this.computing.draw("grid", this.drawn, (values, place) => this.grid.put(values, place));
    this.show(Math.min(this.place, COUNT - 1));
  }

  show(place) {
    this.place = place;
    this.begin(this.drawn[place], `Sample ${place + 1} of seed ${$("seed").value || 0}`);
  }

  /* From here the pad and the sliders go. */
  begin(sample, words) {
    this.base = sample;
    this.offset = [0, 0];
    $("caption").textContent = words + this.classOf(sample);
    drawPad();
    this.draw(this.moved());
  }

  classOf({ label }) {
    return label && demo.labels.length ? `, class ${demo.labels[label[0]]}` : "";
  }

  /* What is shown large. */
  now() {
    return this.blended(this.moved());
  }

  blended(sample) {
    return this.blending ? { ...sample, blend: this.blending } : sample;
  }

  draw(sample) {
    this.computing.draw("large", [this.blended(sample)], (values, _, milliseconds) => {
      if (this.large.points) this.large.points.clear();
      this.large.put(values);
      $("large").setAttribute("aria-label", `One sample, large${this.classOf(sample)}${said(this.large)}`);
      document.body.dataset.milliseconds = milliseconds.toFixed(2);
    });
  }

  /* Away from the chosen sample along the directions of the pad and the sliders, and back onto the shell where noise lies. */
  moved() {
    const there = { ...this.base }, went = (name, vector, share) => {
      if (share) there[name] = Float32Array.from(there[name], (x, i) => x + share * vector[i]);
    };
    this.offset.forEach((at, axis) => {
      const { name, vector, reach } = this.axes[axis] || this.byChance(axis);
      went(name, vector, at / REACH * reach);
    });
    for (const [{ name, vector }, share] of this.sliders) went(name, vector, share);
    for (const { kind, name, size } of demo.inputs) {
      if (kind === "latent" && size > 3 && there[name] !== this.base[name]) {
        const factor = Math.hypot(...this.base[name]) / (Math.hypot(...there[name]) || 1);
        there[name] = there[name].map((x) => x * factor);
      }
    }
    return there;
  }

  byChance(axis) {
    const input = demo.inputs.find(({ kind }) => kind === "latent");
    return input ? { name: input.name, vector: this.directions(input.size)[axis], reach: REACH } : { name: "", reach: 0 };
  }

  /* Two random directions at a right angle, as long as a latent is far from the middle, on the average. */
  directions(size) {
    if (!this.found) {
      const random = new Random([BigInt(this.turned || 0), 77]), long = Math.sqrt(size);
      const [one, other] = [0, 1].map((place) => {
        const stream = random.spawn(place);
        return Float32Array.from({ length: size }, () => stream.normal());
      });
      const unit = (x) => { const all = Math.hypot(...x); return x.map((value) => value / all); };
      const right = unit(one), share = other.reduce((sum, x, i) => sum + x * right[i], 0);
      const up = size > 1 ? unit(other.map((x, i) => x - share * right[i])) : right;
      this.found = [right, up].map((direction) => direction.map((x) => x * long / 2));
    }
    return this.found;
  }

  follow(x, y) {
    this.offset = [x, y];
    drawPad();
    this.draw(this.moved());
  }

  /* From sample to sample, for as long as the button is pressed. */
  walk(pressed) {
    clearInterval(this.walking);
    this.walking = null;
    if (!pressed) return;
    let from = this.base, number = 0, share = 0, to = this.next(number);
    this.walking = setInterval(() => {
      share += 0.03;
      if (share >= 1) {
        [from, to, share] = [to, this.next(++number), 0];
      }
      this.base = onTheWay(demo.inputs, from, to, share);
      this.draw(this.base);
    }, 50);
  }

  next(number) {
    const place = (this.place + 1 + number) % this.drawn.length;
    return this.drawn[place];
  }

  /* Frames of a walk through four samples and back to the first. */
  film(done) {
    const stops = [0, 1, 2, 3].map((number) => this.drawn[(this.place + number) % this.drawn.length]);
    this.frames(stops, (place) => {
      $("gif").textContent = `${place} of ${FRAMES}`;
    }, done);
  }

  /* Pictures of the way through some samples and back to the first: done(pictures, width, height). */
  frames(stops, told, done) {
    const frames = Array.from({ length: FRAMES }, (_, i) => {
      const at = i / FRAMES * stops.length, stop = Math.floor(at);
      return onTheWay(demo.inputs, stops[stop], stops[(stop + 1) % stops.length], at - stop);
    });
    const picture = shower(element("canvas")), made = [];
    this.computing.draw("film", frames, (values) => {
      if (picture.points) picture.points.clear();
      picture.put(values);
      made.push(enlarged(picture));
      told(made.length);
      if (made.length === FRAMES) done(made.map(({ data }) => data), made[0].width, made[0].height);
    });
  }
}

/* A picture at some 200 pixels, so that it can be seen where it is sent. */
function enlarged({ canvas }) {
  const times = Math.max(1, Math.floor(224 / canvas.width)), larger = element("canvas");
  larger.width = canvas.width * times;
  larger.height = canvas.height * times;
  const context = larger.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, larger.width, larger.height);
  return context.getImageData(0, 0, larger.width, larger.height);
}

let player = null;

function drawPad() {
  const pad = $("pad"), side = (pad.width = pad.height = 240), drawing = pad.getContext("2d"), style = getComputedStyle(pad);
  drawing.strokeStyle = style.color;
  drawing.globalAlpha = 0.25;
  drawing.beginPath();
  for (let line = 1; line < 4; line++) {
    drawing.moveTo(line * side / 4, 0);
    drawing.lineTo(line * side / 4, side);
    drawing.moveTo(0, line * side / 4);
    drawing.lineTo(side, line * side / 4);
  }
  drawing.stroke();
  drawing.globalAlpha = 1;
  drawing.fillStyle = "#d8670f";
  const [x, y] = player ? player.offset : [0, 0];
  drawing.beginPath();
  drawing.arc((x / REACH + 1) * side / 2, (1 - y / REACH) * side / 2, 7, 0, 7);
  drawing.fill();
}

/* Controls that the model has: its classes, dials and codes. */
function controls(again) {
  const holder = $("choices");
  if (demo.labels.length) {
    const select = element("select", { id: "label" }, element("option", { value: "each" }, "each in turn"),
      element("option", { value: "any" }, "any"), ...demo.labels.map((name, i) => element("option", { value: i }, name)));
    select.onchange = () => again(() => { player.label = select.value; });
    holder.append(element("div", { class: "choice" }, element("label", { for: "label" }, "Class"), select));
  }
  for (const choice of demo.choices) {
    const { name, low, high, whole, help } = choice, start = choice.default;
    const shown = element("output", {}, start === null ? "by chance" : String(start));
    const range = element("input", { type: "range", min: low, max: high, step: whole ? 1 : (high - low) / 100,
      value: start ?? (whole ? low : (low + high) / 2), title: help, id: `choice-${name}` });
    range.oninput = () => again(() => {
      player.chosen[name] = +range.value;
      shown.textContent = String(+(+range.value).toFixed(2));
    });
    holder.append(element("div", { class: "choice" },
      element("label", { for: range.id, title: help }, choice.title), " ", shown, range));
  }
  if (!holder.children.length) holder.remove();
}

function start(computing) {
  player = new Player(computing);
  const pad = $("pad"), grid = $("grid"), latent = demo.inputs.some(({ kind }) => kind === "latent");
  grid.setAttribute("aria-label", `${COUNT} samples of ${document.title}`);
  controls((change) => {
    change();
    player.fresh();
  });
  if (!latent) [pad.parentElement, $("walk"), $("gif")].forEach((gone) => gone.remove());
  $("fresh").onclick = () => {
    $("seed").value = Math.floor(Math.random() * 1e6);
    player.fresh();
  };
  $("seed").onchange = () => {
    $("seed").value = Math.max(0, Math.floor(+$("seed").value) || 0);
    player.fresh();
  };
  const place = (event) => {
    const box = pad.getBoundingClientRect(), to = (share) => (2 * Math.min(Math.max(share, 0), 1) - 1) * REACH;
    player.follow(to((event.clientX - box.left) / box.width), -to((event.clientY - box.top) / box.height));
  };
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    place(event);
  };
  pad.onpointermove = (event) => (event.pointerType === "mouse" || event.buttons) && place(event);
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  pad.onkeydown = (event) => {
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    player.follow(...player.offset.map((at, axis) => Math.min(Math.max(at + way[axis] * REACH / 20, -REACH), REACH)));
  };
  if ($("turn")) {
    $("turn").onclick = () => {
      player.turned = (player.turned || 0) + 1;
      player.found = null;
      player.follow(...player.offset);
    };
  }
  const [rows, columns] = demo.grid;
  grid.onclick = (event) => {
    if (demo.kind === "points") return;
    const box = grid.getBoundingClientRect(), heads = demo.kind === "table" ? 1 : 0; // lines above the first row
    const row = Math.floor((event.clientY - box.top) / box.height * (rows + heads)) - heads;
    player.show(Math.min(Math.max(row, 0), rows - 1) * columns
      + Math.min(columns - 1, Math.floor((event.clientX - box.left) / box.width * columns)));
  };
  grid.onkeydown = (event) => {
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    player.show((player.place + way[0] - way[1] * columns + COUNT) % COUNT);
  };
  if ($("walk")) {
    $("walk").onclick = ({ currentTarget: button }) => {
      const pressed = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", pressed);
      button.textContent = pressed ? "Stop walking" : "Walk";
      player.walk(pressed);
    };
    $("gif").onclick = ({ currentTarget: button }) => {
      button.disabled = true;
      player.film((frames, wide, high) => {
        save(new Blob([gif(frames, wide, high, 80)], { type: "image/gif" }), `${demo.file}.gif`);
        button.disabled = false;
        button.textContent = "Save a walk as GIF";
      });
    };
  }
  $("png").onclick = () => $("large").toBlob((blob) => save(blob, `${demo.file}-${$("seed").value}-${player.place + 1}.png`));
  $("sheet").onclick = () => $("grid").toBlob((blob) => save(blob, `${demo.file}-${$("seed").value}.png`));
  if (demo.kind === "table") tables($("sheet"));
  if ($("explore")) explore(player);
  else for (const id of ["directions", "blend", "points"]) $(id).remove();
  player.fresh();
  // What is drawn in the colours of the page is drawn anew when those change.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (player.grid.heads) player.grid.heads();
    player.fresh();
    drawPad();
  });
}

const said = ({ said }) => said ? `: ${said}` : "";

/* Of a table rows are saved, many more than are shown. */
function tables(button) {
  const { shown } = player.grid, all = demo.columns.length;
  if (shown < all) {
    $("grid-help").prepend(`Here are the first ${shown} of ${all} columns; the row that is shown large has `
      + `${all > MOST_COLUMNS ? `${MOST_COLUMNS} of them` : "all"}, and the file has all. `);
  }
  button.textContent = `Save ${MANY.toLocaleString("en")} rows as CSV`;
  button.onclick = () => {
    const rows = [];
    player.computing.draw("rows", player.inputs(BigInt($("seed").value || 0), MANY), (values) => {
      if (rows.push(values) === MANY) save(new Blob([table(rows)], { type: "text/csv" }), `${demo.file}-${$("seed").value}.csv`);
    });
  };
}

learned();
if ($("player")) {
  drawPad();
  opened().then(start).then(() => {
    $("state").textContent = demo.says;
  }).catch((error) => {
    $("state").textContent = `The samples cannot be computed in this browser: ${error.message}. A newer one can.`;
  });
}
