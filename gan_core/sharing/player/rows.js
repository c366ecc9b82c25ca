/* Rows of a table: what the numbers of a sample say, as gan_core/data/columns.py writes them, and lines of text on a canvas. */
"use strict";

const LINE = 26, LETTER = 15, LEAST = 90, WIDEST = 700; // pixels of a line, of its letters, of the narrowest column, of all
const MOST_COLUMNS = 24, LETTERS = 80; // of one row, and of one text where it is shown

/* The texts of one row. */
function cells(values) {
  let end = 0;
  return demo.columns.map((column) => {
    const { kind, categories, mean, deviation, low, high, decimals, way, missing } = column, first = end;
    const optional = missing !== null && missing !== undefined;
    end += kind === "category" ? categories.length : optional ? 3 : 1;
    if (kind === "category") return categories[largest(values.slice(first, end))];
    if (optional && values[first + 2] > values[first + 1]) return missing;
    const number = Math.min(Math.max((Number.isNaN(values[first]) ? 0 : values[first]) * deviation + mean, low), high);
    if (kind === "date") return when(rounded(number, decimals), way);
    return decimals === null ? general(number) : rounded(number, decimals).toFixed(decimals);
  });
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
  "December"];

/* A date of days since 1970, or of seconds where its way has a time, as gan_core/data/dates.py writes it. */
function when(number, way) {
  const time = new Date(/%-?[HI]/.test(way) ? Math.floor(number * 1000) : Math.round(number) * 86400000);
  const two = (value) => String(value).padStart(2, "0"), year = String(time.getUTCFullYear()).padStart(4, "0");
  const name = MONTHS[time.getUTCMonth()], hour = time.getUTCHours();
  const values = { Y: year, y: year.slice(2), m: two(time.getUTCMonth() + 1), d: two(time.getUTCDate()), H: two(hour),
    I: two(hour % 12 || 12), M: two(time.getUTCMinutes()), S: two(time.getUTCSeconds()),
    f: String(Math.round((number - Math.floor(number)) * 1e6) % 1e6).padStart(6, "0"), p: hour < 12 ? "AM" : "PM",
    b: name.slice(0, 3), B: name, "%": "%" };
  return way.replace(/%(-?)([A-Za-z%])/g, (_, bare, code) => bare ? values[code].replace(/^0+/, "") || "0" : values[code]);
}

const largest = (values) => values.reduce((best, value, place) => value > values[best] ? place : best, 0);

/* To the even one where two are as near, as NumPy rounds; large numbers have nothing to round. */
function rounded(number, decimals) {
  if (Math.abs(number) >= 2 ** 53) return number;
  const scale = 10 ** decimals, there = number * scale, whole = Math.round(there);
  return ((Math.abs(there % 1) === 0.5 && whole % 2 ? whole - 1 : whole) / scale) + 0;
}

/* Nine digits that count, as printf's %.9g. */
function general(number) {
  const [digits, exponent] = number.toExponential(8).split("e"), power = +exponent;
  const short = (text) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (power < -4 || power >= 9) return `${short(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return short(number.toFixed(8 - power));
}

const short = (text) => text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text;

/* As much of a text as there is room for. */
function fitting(drawing, text, room) {
  if (drawing.measureText(text).width <= room) return text;
  let letters = text.length;
  while (letters > 1 && drawing.measureText(`${text.slice(0, letters)}…`).width > room) letters--;
  return `${text.slice(0, letters)}…`;
}

const quoted = (text) => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const table = (rows) => [demo.columns.map(({ name }) => name), ...rows.map(cells)].map((row) =>
  `${row.map(quoted).join(",")}\n`).join("");

/* One row has a line for each of its columns; several are a table. */
class Rows {
  constructor(canvas, rows = 1) {
    Object.assign(this, { canvas, rows });
    canvas.classList.add("text");
    const room = Math.min(document.documentElement.clientWidth, WIDEST), fit = Math.max(2, Math.floor(room / LEAST));
    this.shown = Math.min(demo.columns.length, rows === 1 ? MOST_COLUMNS : fit);
    [this.lines, this.width] = rows === 1 ? [this.shown, 360] : [rows + 1, room];
    [canvas.width, canvas.height] = [this.width, LINE * this.lines];
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.heads();
  }

  heads() {
    if (this.rows > 1) this.line(0, demo.columns.map(({ name }) => name), true);
  }

  put(values, place = 0) {
    const texts = cells(values).map(short);
    if (this.rows > 1) return this.line(place + 1, texts);
    for (let line = 0; line < this.lines; line++) this.line(line, [demo.columns[line].name, texts[line]]);
    this.said = demo.columns.slice(0, this.lines).map(({ name }, place) => `${short(name)} ${texts[place]}`).join(", ");
  }

  line(line, texts, heads = false) {
    const { context: drawing, width } = this, style = getComputedStyle(document.body);
    const shown = this.rows > 1 ? texts.slice(0, this.shown) : texts, wide = width / shown.length;
    drawing.fillStyle = style.backgroundColor;
    drawing.fillRect(0, LINE * line, width, LINE);
    drawing.fillStyle = style.color;
    drawing.font = `${heads ? "bold " : ""}${LETTER}px system-ui, sans-serif`;
    drawing.textBaseline = "middle";
    shown.forEach((text, place) => {
      drawing.fillText(fitting(drawing, short(text), wide - 9), place * wide + 3, LINE * (line + 0.5));
    });
  }

  rgba() {
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height).data;
  }
}
