/* The page of a demo that makes pictures of pictures: of examples, of the visitor's own, of what is drawn.

   What a model enlarges is taken in tiles with their surroundings, so that no seam is to be seen. */
"use strict";

const MOST = 200;  // pixels of the longer side of what is enlarged here
const level = (value) => Math.round(Math.min(Math.max((value + 1) * 127.5, 0), 255));

function canvasOf(width, height) {
  return Object.assign(element("canvas"), { width, height });
}

/* The pixels of a canvas as a model takes them: numbers in [-1, 1], the nearest colours of maps of labels. */
function numbers(canvas, channels, palette) {
  const { data } = canvas.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height);
  const made = new Float32Array(canvas.width * canvas.height * channels);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    let [red, green, blue] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    if (channels === 1) red = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    let colour = channels === 1 ? [red] : [red, green, blue];
    if (palette) colour = nearest(colour, palette);
    for (let c = 0; c < channels; c++) made[i * channels + c] = colour[c] / 127.5 - 1;
  }
  return made;
}

function nearest(colour, palette) {
  const far = (other) => other.reduce((sum, value, c) => sum + (value - colour[c]) ** 2, 0);
  return palette.reduce((best, other) => (far(other) < far(best) ? other : best));
}

/* Numbers (height, width, channels) on a canvas, from a place in them. */
function put(canvas, values, [height, width, channels], at = [0, 0], from = [0, 0], size = [height, width]) {
  const context = canvas.getContext("2d", { willReadFrequently: true }), image = context.createImageData(size[1], size[0]);
  for (let y = 0; y < size[0]; y++) {
    for (let x = 0; x < size[1]; x++) {
      const first = ((y + from[0]) * width + x + from[1]) * channels, to = 4 * (y * size[1] + x);
      for (let c = 0; c < 3; c++) image.data[to + c] = level(values[first + (channels < 3 ? 0 : c)]);
      image.data[to + 3] = 255;
    }
  }
  context.putImageData(image, at[1], at[0]);
}

class Pictures {
  constructor(workers) {
    this.workers = workers;
    this.way = demo.ways[0];
    this.asked = 0;
  }

  /* A source, an image or a canvas, as the model takes it: its middle as a square, or all of what is enlarged. */
  taken(image) {
    const width = image.naturalWidth || image.width, height = image.naturalHeight || image.height;
    if (this.way.surroundings === null) {
      const [tall, wide] = this.way.source, least = Math.min(width, height), square = canvasOf(wide, tall);
      const context = square.getContext("2d", { willReadFrequently: true });
      context.imageSmoothingEnabled = !demo.palette;
      context.drawImage(image, (width - least) / 2, (height - least) / 2, least, least, 0, 0, wide, tall);
      return square;
    }
    const share = Math.min(1, MOST / Math.max(width, height));
    const whole = canvasOf(Math.max(1, Math.round(width * share)), Math.max(1, Math.round(height * share)));
    whole.getContext("2d", { willReadFrequently: true }).drawImage(image, 0, 0, whole.width, whole.height);
    return whole;
  }

  ask(channel, values) {
    return new Promise((tell) => this.workers[demo.ways.indexOf(this.way)].draw(channel, [{ source: values }], tell));
  }

  async show(source, target = null) {
    const asked = ++this.asked, began = performance.now(), { way } = this;
    const made = way.surroundings === null ? await this.square(source) : await this.tiles(source, () => asked === this.asked);
    if (!made || asked !== this.asked) return;
    const plain = way.times > 1;
    $("left").textContent = plain ? "Enlarged without a model" : "Source";
    for (const [id, canvas] of [["before", source], ["after", made]]) {
      const shown = $(id);
      shown.width = made.width;
      shown.height = made.height;
      const context = shown.getContext("2d", { willReadFrequently: true });
      context.imageSmoothingEnabled = plain;
      context.drawImage(canvas, 0, 0, made.width, made.height);
    }
    $("wiped").hidden = $("png").hidden = false;
    $("truth").hidden = !target;
    if (target) {
      $("target").width = target.naturalWidth;
      $("target").height = target.naturalHeight;
      $("target").getContext("2d").drawImage(target, 0, 0);
    }
    $("state").textContent = `Made in ${((performance.now() - began) / 1000).toFixed(1)} s, here in your browser.`;
  }

  async square(source) {
    const [height, width, channels] = this.way.made, made = canvasOf(width, height);
    put(made, await this.ask("one", numbers(source, this.way.source[2], demo.palette)), [height, width, channels]);
    return made;
  }

  /* A picture of any size, in tiles that overlap by what a pixel depends on; beyond its edge the edge goes on. */
  async tiles(source, wanted) {
    const { surroundings: around, times, source: [side, , channels], made: [tall, wide, colours] } = this.way;
    const inner = side - 2 * around, made = canvasOf(source.width * times, source.height * times);
    const all = numbers(source, channels, null);
    const tops = range(source.height, inner), lefts = range(source.width, inner);
    let done = 0;
    for (const top of tops) {
      for (const left of lefts) {
        const tile = new Float32Array(side * side * channels);
        for (let y = 0; y < side; y++) {
          const row = Math.min(Math.max(top - around + y, 0), source.height - 1);
          for (let x = 0; x < side; x++) {
            const column = Math.min(Math.max(left - around + x, 0), source.width - 1);
            for (let c = 0; c < channels; c++) {
              tile[(y * side + x) * channels + c] = all[(row * source.width + column) * channels + c];
            }
          }
        }
        const values = await this.ask("tile", tile);
        if (!wanted()) return null;
        const size = [Math.min(inner, source.height - top) * times, Math.min(inner, source.width - left) * times];
        put(made, values, [tall, wide, colours], [top * times, left * times], [around * times, around * times], size);
        $("state").textContent = `Enlarging, ${Math.round(100 * ++done / (tops.length * lefts.length))} % …`;
      }
    }
    return made;
  }
}

function range(length, by) {
  return Array.from({ length: Math.ceil(length / by) }, (_, i) => i * by);
}

function loaded(address) {
  return new Promise((tell, fail) => {
    const image = new Image();
    image.onload = () => tell(image);
    image.onerror = () => fail(new Error("this is no picture that can be read"));
    image.src = address;
  });
}

function examples(pictures) {
  const holder = $("examples");
  holder.replaceChildren(...demo.examples.filter(({ way }) => way === pictures.way.name).map(({ source, target }, i) => {
    const button = element("button", { type: "button", class: "example", "aria-label": `Example ${i + 1}` },
      element("img", { src: source, alt: "" }));
    button.onclick = async () => {
      $("doodle").hidden = true;
      pictures.show(pictures.taken(await loaded(source)), target && await loaded(target));
    };
    return button;
  }));
  holder.firstChild?.click();
}

/* The canvas to draw on, where sources are maps of few colours. */
function drawing(pictures) {
  if (!demo.palette) return;
  $("draw").hidden = false;
  const [height, width] = demo.ways[0].source;
  const colours = demo.palette.map((colour) => (colour.length === 1 ? [colour[0], colour[0], colour[0]] : colour));
  let doodle = null;
  $("draw").onclick = () => {
    $("doodle").hidden = !$("doodle").hidden;
    if (doodle || $("doodle").hidden) return;
    doodle = new Doodle($("doodle"));
    doodle.tell = () => pictures.show(pictures.taken(doodle.canvas));
    doodle.begin({ key: "demo", width, height, colours, names: demo.names });
  };
}

async function begun() {
  const weights = await weightsOf();
  const workers = await Promise.all(demo.ways.map(({ graph, bytes: [first, end] }) => opened(graph, weights.slice(first, end))));
  const pictures = new Pictures(workers);
  $("state").textContent = demo.says;
  if (demo.ways.length > 1) {
    $("ways").hidden = false;
    $("way").append(...demo.ways.map(({ title }, i) => element("option", { value: i }, title)));
    $("way").onchange = () => {
      pictures.way = demo.ways[+$("way").value];
      examples(pictures);
    };
  }
  $("wipe").oninput = () => $("wiped").style.setProperty("--place", `${$("wipe").value}%`);
  $("own").onchange = async () => {
    const [file] = $("own").files;
    if (!file) return;
    const address = URL.createObjectURL(file);
    try {
      $("doodle").hidden = true;
      await pictures.show(pictures.taken(await loaded(address)));
    } catch (error) {
      $("state").textContent = `It cannot be used: ${error.message}.`;
    }
    URL.revokeObjectURL(address);
  };
  $("png").onclick = () => $("after").toBlob((blob) => save(blob, `${demo.file}.png`));
  drawing(pictures);
  examples(pictures);
}

learned();
begun().catch((error) => {
  $("state").textContent = `Pictures cannot be made in this browser: ${error.message}. A newer one can.`;
});
