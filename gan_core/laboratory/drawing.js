/* What is drawn of a game: its picture in layers, and curves.  Nothing here asks or answers. */
"use strict";

const REAL = [0, 121, 140], MADE = [214, 96, 12];  // blue and orange: also apart for those who see few colours
const scheme = () => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["ground", "text", "quiet", "line"].map((name) => [name,
    style.getPropertyValue(`--${name}`).trim()]));
};
const dark = () => getComputedStyle(document.documentElement).getPropertyValue("--dark").trim() === "1";
const rgb = ([red, green, blue], opacity = 1) => `rgba(${red}, ${green}, ${blue}, ${opacity})`;
const lighter = ([red, green, blue]) => dark() ? [red, green, blue].map((level) => Math.min(255, level + 70)) :
  [red, green, blue];

/* How a logit is read: -1 is generated, 1 is real.  A critic has no scale but its own, that of what is seen. */
function reader(picture) {
  if (picture.scale === "odds") return { read: (logit) => 2 * sigmoidOf(logit) - 1, labels: ["generated", "½", "real"] };
  if (picture.scale === "target") {
    return { read: (logit) => 2 * Math.min(Math.max(logit, 0), 1) - 1, labels: ["0 generated", "½", "1 real"] };
  }
  let low = Infinity, high = -Infinity;
  for (const logit of picture.heat ?? []) {
    low = Math.min(low, logit);
    high = Math.max(high, logit);
  }
  const middle = (low + high) / 2, half = Math.max((high - low) / 2, 1e-9);
  return { read: (logit) => (logit - middle) / half, labels: [low, middle, high].map(short) };
}

const sigmoidOf = (a) => 1 / (1 + Math.exp(-a));

function short(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 0.001 || size >= 10000) ? value.toExponential(1) : value.toPrecision(3);
  return (text.includes("e") ? text : String(Number(text))).replace("-", "−");
}

/* The colour of what is read, into data[i .. i + 3]. */
function blended(value, data, i, ground) {
  const share = Math.min(Math.abs(value), 1) * 0.55, towards = value > 0 ? REAL : MADE;
  for (let c = 0; c < 3; c++) data[i + c] = ground[c] + (towards[c] - ground[c]) * share;
  data[i + 3] = 255;
}

/* The picture of a game: `reals` and its own points, as far as `layers` ask for them.  Returns the labels of the scale. */
function drawScene(canvas, picture, reals, layers, emphasis = "") {
  const context = canvas.getContext("2d", { willReadFrequently: true }), side = canvas.width;
  const ground = dark() ? [18, 22, 28] : [255, 255, 255];
  const x = (value) => (value / 1.6 + 1) / 2 * side, y = (value) => side - x(value), unit = side / 500;
  const { read, labels } = reader(picture);
  context.globalAlpha = 1;
  context.fillStyle = rgb(ground);
  context.fillRect(0, 0, side, side);
  if (picture.heat && layers.includes("heat")) {
    const image = new ImageData(picture.side, picture.side);
    for (let i = 0; i < picture.heat.length; i++) blended(read(picture.heat[i]), image.data, 4 * i, ground);
    const small = drawScene.small ??= document.createElement("canvas");
    small.width = small.height = picture.side;
    small.getContext("2d").putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(small, 0, 0, side, side);
  }
  if (picture.manifold && layers.includes("manifold")) {
    const { manifold, net } = picture;
    context.strokeStyle = rgb(lighter(MADE), 0.5);
    context.lineWidth = unit;
    context.beginPath();
    const line = (indices) => indices.forEach((i, k) =>
      context[k ? "lineTo" : "moveTo"](x(manifold[2 * i]), y(manifold[2 * i + 1])));
    if (!net) line(Array.from({ length: manifold.length / 2 }, (_, i) => i));
    for (let i = 0; i < net; i++) {
      line(Array.from({ length: net }, (_, k) => i * net + k));
      line(Array.from({ length: net }, (_, k) => k * net + i));
    }
    context.stroke();
  }
  const faint = emphasis === "generate" ? 0.35 : 0.85;
  if (reals && layers.includes("real")) context.drawImage(standing(reals, side, rgb(lighter(REAL), faint), 2.6), 0, 0);
  if (layers.includes("generated")) {
    drawDots(context, picture.generated, side, rgb(lighter(MADE), 0.9), emphasis.startsWith("generate") ? 4.2 : 2.8);
  }
  if (picture.arrows && layers.includes("arrows")) {
    context.strokeStyle = context.fillStyle = scheme().text;
    context.lineWidth = (emphasis === "judge_g" ? 2.4 : 1.2) * unit;
    const { arrows } = picture;
    for (let i = 0; i < arrows.length; i += 4) {
      const length = Math.hypot(arrows[i + 2], arrows[i + 3]);
      if (!(length > 1e-9)) continue;
      // As long as it pulls, up to a length: then it is cut.
      const factor = Math.min(0.15, 0.3 / length), [fromX, fromY] = [x(arrows[i]), y(arrows[i + 1])];
      const toX = fromX + factor * arrows[i + 2] * side / 3.2, toY = fromY - factor * arrows[i + 3] * side / 3.2;
      const reach = Math.hypot(toX - fromX, toY - fromY), head = Math.min(5 * unit, reach / 2);
      const angle = Math.atan2(toY - fromY, toX - fromX);
      context.beginPath();
      context.moveTo(fromX, fromY);
      context.lineTo(toX, toY);
      for (const turn of [2.6, -2.6]) {
        context.moveTo(toX, toY);
        context.lineTo(toX + head * Math.cos(angle + turn), toY + head * Math.sin(angle + turn));
      }
      context.stroke();
    }
  }
  return labels;
}

function drawDots(context, points, side, tint, size) {
  context.fillStyle = tint;
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.arc((points[i] / 1.6 + 1) / 2 * side, side - (points[i + 1] / 1.6 + 1) / 2 * side, size * side / 500, 0, 7);
    context.fill();
  }
}

/* Points that stand still, on a canvas of their own: it is made once, and laid over each picture. */
function standing(points, side, tint, size) {
  const key = [side, tint, size].join(), made = standing.made;
  if (made && made.points === points && made.key === key) return made.canvas;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  drawDots(canvas.getContext("2d", { willReadFrequently: true }), points, side, tint, size);
  standing.made = { points, key, canvas };
  return canvas;
}

/* Curves over rounds.  `series` are {name, tint, dash, values}; `marks` are {round, name}; NaN makes a gap. */
function drawChart(canvas, rounds, series, { now, log = false, low = null, high = null, marks = [] }) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2), width = canvas.clientWidth || 260, height = 110;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== height * ratio) canvas.height = height * ratio;
  const context = canvas.getContext("2d"), { text, quiet, line } = scheme();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const read = log ? (value) => value > 0 ? Math.log10(value) : NaN : (value) => value;
  let least = low ?? Infinity, most = high ?? -Infinity;
  for (const { values } of series) {
    for (const value of values) {
      const place = read(value);
      if (Number.isFinite(place)) {
        if (low === null) least = Math.min(least, place);
        if (high === null) most = Math.max(most, place);
      }
    }
  }
  if (!(least < most)) [least, most] = Number.isFinite(least) ? [least - 0.5, least + 0.5] : [0, 1];
  const [left, right, top, bottom] = [44, width - 6, 6, height - 18], last = Math.max(rounds[rounds.length - 1] ?? 1, 1);
  const x = (round) => left + round / last * (right - left);
  const y = (value) => bottom - (value - least) / (most - least) * (bottom - top);
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.strokeRect(left, top, right - left, bottom - top);
  context.fillStyle = quiet;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.fillText(short(log ? 10 ** most : most), left - 4, top + 9);
  context.fillText(short(log ? 10 ** least : least), left - 4, bottom);
  context.fillText(last.toLocaleString("en"), right, height - 5);
  context.textAlign = "left";
  context.fillText("0", left, height - 5);
  if (least < 0 && most > 0 && !log) upright([[left, y(0)], [right, y(0)]], line, 1);
  for (const { round } of marks) upright([[x(round), top], [x(round), bottom]], text, 1.5, [2, 2]);
  if (now < last) upright([[x(now), top], [x(now), bottom]], quiet, 1);
  for (const { tint, dash, values } of series) {
    context.beginPath();
    let drawn = false;
    values.forEach((value, i) => {
      const place = read(value);
      if (Number.isFinite(place)) {
        context[drawn ? "lineTo" : "moveTo"](x(rounds[i]), Math.min(Math.max(y(place), top), bottom));
      }
      drawn = Number.isFinite(place);
    });
    context.strokeStyle = tint;
    context.lineWidth = 1.6;
    context.setLineDash(dash ? [4, 3] : []);
    context.stroke();
    context.setLineDash([]);
  }

  function upright([from, to], tint, thick, dash = []) {
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.strokeStyle = tint;
    context.lineWidth = thick;
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
  }
}
