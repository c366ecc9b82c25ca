/* What can be set in the laboratory, each once: the form, the link, the comparison and the way to the Train page follow
   from it.

   `values` are the stops of a slider, `choices` those of a list; `when` says beside which settings a knob means something,
   and `anew` which network begins anew when it changes: all else changes while a game goes on. */
"use strict";

const rates = [1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const weights = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const count = (low, high) => Array.from({ length: high - low + 1 }, (_, i) => low + i);
const widths = [2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128];

const KNOBS = [
  { name: "data", label: "Data", group: "Data", default: "ring",
    choices: { ring: "Ring of 8", grid: "Grid of 25", lines: "Lines", moons: "Moons", spiral: "Spiral",
      clouds: "Disjoint clouds", cloud: "One cloud", drawn: "Drawn by hand" },
    help: "What real samples look like. Choose Drawn by hand and draw into the picture." },
  { name: "game", label: "Game", group: "Game", default: "non_saturating",
    choices: { minimax: "Minimax", non_saturating: "Non-saturating", least_squares: "Least squares", wgan: "WGAN, clipping",
      wgan_gp: "WGAN-GP", r1: "Non-saturating, R1", relativistic: "Relativistic, R1 and R2" },
    help: "What each player wants to make small. Choosing one also sets the penalties and steps that are usual with it." },
  { name: "clip", label: "Weight bound c", group: "Game", default: 0.1, values: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
    when: (s) => s.game === "wgan", help: "Every weight of the critic is cut to plus or minus this." },
  { name: "penalty", label: "Penalty weight", group: "Game", default: 0.1, values: weights,
    when: (s) => s.game === "wgan_gp",
    help: "How hard the slope of the critic is drawn to 1 between real and generated samples." },
  { name: "r1", label: "R1 weight", group: "Game", default: 0, values: weights,
    help: "Pays the discriminator for being flat at real samples." },
  { name: "r2", label: "R2 weight", group: "Game", default: 0, values: weights,
    help: "Pays the discriminator for being flat at generated samples." },
  { name: "d_steps", label: "Discriminator's steps a round", group: "Game", default: 1, values: count(1, 10),
    help: "Updates of the discriminator for each round." },
  { name: "g_steps", label: "Generator's steps a round", group: "Game", default: 1, values: count(1, 10),
    help: "Updates of the generator for each round." },
  { name: "packing", label: "Packs of", group: "Game", default: 1, values: count(1, 4), anew: "the discriminator",
    help: "So many samples are judged at once, all real or all generated: a lack of variety is seen." },
  { name: "instance_noise", label: "Instance noise", group: "Game", default: 0, values: [0, 0.02, 0.05, 0.1, 0.2, 0.5],
    help: "Noise on all that the discriminator sees, so that both kinds overlap." },
  { name: "g_rate", label: "Generator's rate", group: "Learning", default: 1e-3, values: rates,
    help: "How far the generator goes in a step." },
  { name: "d_rate", label: "Discriminator's rate", group: "Learning", default: 1e-3, values: rates,
    help: "The same for the discriminator. Two different ones are two time scales (TTUR)." },
  { name: "optimiser", label: "Optimiser", group: "Learning", default: "adam", choices: { adam: "Adam", sgd: "SGD" },
    help: "SGD has neither momentum nor steps of their own size: it wants rates a hundred times as high." },
  { name: "beta_1", label: "Momentum (beta 1)", group: "Learning", default: 0.5, values: [0, 0.3, 0.5, 0.7, 0.9, 0.95],
    when: (s) => s.optimiser === "adam", help: "How long Adam remembers gradients." },
  { name: "beta_2", label: "Memory of squares (beta 2)", group: "Learning", default: 0.99, values: [0.5, 0.9, 0.99, 0.999],
    when: (s) => s.optimiser === "adam", help: "How long Adam remembers their squares." },
  { name: "batch", label: "Batch", group: "Learning", default: 150, values: [8, 16, 32, 64, 100, 150, 256, 512],
    help: "Real samples, and as many generated ones, for each step." },
  { name: "latent", label: "Latent numbers", group: "Networks", default: 2, values: count(1, 8), anew: "the generator",
    help: "How many numbers of noise a sample is made from." },
  { name: "noise", label: "Latents are", group: "Networks", default: "gaussian",
    choices: { gaussian: "Gaussian", uniform: "Uniform" }, help: "How those numbers are drawn." },
  { name: "g_depth", label: "Generator's layers", group: "Networks", default: 2, values: count(1, 5), anew: "the generator",
    help: "Hidden layers." },
  { name: "g_width", label: "Units in each", group: "Networks", default: 32, values: widths, anew: "the generator",
    help: "Of the generator's hidden layers." },
  { name: "d_depth", label: "Discriminator's layers", group: "Networks", default: 2, values: count(1, 5),
    anew: "the discriminator", help: "Hidden layers." },
  { name: "d_width", label: "Units in each of these", group: "Networks", default: 32, values: widths,
    anew: "the discriminator", help: "Of the discriminator's hidden layers." },
  { name: "waves", label: "Waves that it sees", group: "Networks", default: 0, values: count(0, 4), anew: "the discriminator",
    help: "Sines and cosines of where a sample lies, each twice as fast as the last, that the discriminator sees beside " +
      "its place: it learns fine structure sooner." },
  { name: "seed", label: "Seed", group: "Networks", default: 1, values: count(1, 20), anew: "everything",
    help: "The same seed and the same settings give the same game." },
];
const KNOB = Object.fromEntries(KNOBS.map((knob) => [knob.name, knob]));
const DEFAULTS = Object.fromEntries(KNOBS.map((knob) => [knob.name, knob.default]));

/* What is usual with a game: penalties belong to it, the rest suits it. */
const PENALTIES = {
  minimax: { r1: 0, r2: 0 }, non_saturating: { r1: 0, r2: 0 }, least_squares: { r1: 0, r2: 0 }, wgan: { r1: 0, r2: 0 },
  wgan_gp: { r1: 0, r2: 0 }, r1: { r1: 0.1, r2: 0 }, relativistic: { r1: 0.1, r2: 0.1 } };
const critics = { d_steps: 3, beta_1: 0, beta_2: 0.9 };
const USUAL = Object.fromEntries(Object.entries(PENALTIES).map(([game, penalties]) => [game, { ...penalties,
  ...(game.startsWith("wgan") ? critics : { d_steps: 1, beta_1: 0.5, beta_2: 0.99 }) }]));

/* Settings in which one knob has another value; a game comes with its penalties. */
const changed = (settings, name, value) => ({ ...settings, [name]: value, ...(name === "game" ? PENALTIES[value] : {}) });

/* The value of a knob in what anybody may have written; undefined where it is none. */
function readValue(knob, text) {
  if (knob.choices) return Object.hasOwn(knob.choices, text) ? text : undefined;
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return undefined;
  const { values } = knob, bound = Math.min(Math.max(number, values[0]), values[values.length - 1]);
  return values.every(Number.isInteger) ? Math.round(bound) : bound;
}

const LAYERS = { real: "Real samples", generated: "Generated samples", heat: "What the discriminator says",
  manifold: "The generator's net", arrows: "Gradients" };
const SHOWN = ["real", "generated", "heat", "arrows"];
const GRID = 64, LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MOST_POINTS = 400;

/* The whole state as an address has it, and back.  {settings, other: {name, value} or null, layers, points, lesson} */
function written({ settings, other, layers, points, lesson }) {
  const parts = new URLSearchParams();
  for (const { name, default: usual } of KNOBS) if (settings[name] !== usual) parts.set(name, settings[name]);
  if (other) parts.set("other", `${other.name}:${other.value}`);
  if (layers.join() !== SHOWN.join()) parts.set("layers", layers.join("."));
  if (settings.data === "drawn" && points.length) {
    const cell = (value) => LETTERS[Math.min(GRID - 1, Math.max(0, Math.floor((value / 1.6 + 1) / 2 * GRID)))];
    parts.set("points", points.map(([x, y]) => cell(x) + cell(y)).join(""));
  }
  if (lesson) parts.set("lesson", lesson);
  return parts.toString();
}

function readState(text) {
  const parts = new URLSearchParams(text), settings = { ...DEFAULTS };
  for (const knob of KNOBS) {
    const value = parts.has(knob.name) ? readValue(knob, parts.get(knob.name)) : undefined;
    if (value !== undefined) settings[knob.name] = value;
  }
  const [name, value] = (parts.get("other") ?? "").split(":");
  const knob = Object.hasOwn(KNOB, name) ? KNOB[name] : null, differs = knob ? readValue(knob, value ?? "") : undefined;
  const shown = parts.has("layers") ? parts.get("layers").split(".") : SHOWN;
  const layers = Object.keys(LAYERS).filter((layer) => shown.includes(layer));
  const written = parts.get("points") ?? "", points = [];
  for (let i = 0; i + 1 < written.length && points.length < MOST_POINTS; i += 2) {
    const cells = [LETTERS.indexOf(written[i]), LETTERS.indexOf(written[i + 1])];
    if (cells[0] >= 0 && cells[1] >= 0) points.push(cells.map((cell) => 1.6 * (2 * (cell + 0.5) / GRID - 1)));
  }
  return { settings, other: differs === undefined ? null : { name, value: differs }, layers, points,
    lesson: parts.get("lesson") ?? "" };
}

/* The same game for the workbench's Train page: {architecture, data, set: {knob: value}, notes}. Notes say what it has not.
   */
function training(s) {
  const notes = [], set = {};
  const architecture = { wgan: "wgan", wgan_gp: "wgan_gp", relativistic: "r3gan" }[s.game] ?? "gan";
  const data = { ring: "ring", grid: "grid", moons: "two_moons", spiral: "swiss_roll" }[s.data];
  if (!data) notes.push(`The workbench has no ${KNOB.data.choices[s.data].toLowerCase()}: the ring stands in its place.`);
  if (architecture === "gan") {
    set.loss = { minimax: "minimax", least_squares: "least-squares" }[s.game] ?? "non-saturating";
    set.packing = s.packing;
  } else if (s.packing > 1) {
    notes.push("Of these games the workbench judges samples one by one.");
  }
  if (s.game === "wgan") set.clip_weights = s.clip;
  if (s.game === "wgan_gp") set.penalty_weight = s.penalty;
  if (s.game === "relativistic") Object.assign(set, { penalty_every: 1, schedule: "constant" });
  Object.assign(set, { r1: s.r1, r2: s.r2, optimizer: s.optimiser, beta_1: s.beta_1,
    generator_rate: Math.min(s.g_rate, 0.1), discriminator_rate: Math.min(s.d_rate, 0.1),
    discriminator_updates: s.d_steps, generator_updates: s.g_steps, batch_size: s.batch,
    latent: Math.max(2, s.latent), points_width: Math.max(8, s.g_width), points_depth: s.g_depth, shared_samples: false });
  if (s.optimiser === "adam") set.beta_2 = s.beta_2;
  if (s.instance_noise) Object.assign(set, { instance_noise: s.instance_noise, instance_noise_steps: 10000 });
  if (s.g_depth !== s.d_depth || s.g_width !== s.d_width || s.g_width < 8) {
    notes.push("Both networks get the layers of the generator, of 8 units or more.");
  }
  if (Math.max(s.g_rate, s.d_rate) > 0.1) notes.push("Rates end at 0.1 there.");
  if (s.waves) notes.push("The discriminator sees places there, and no waves.");
  if (s.latent < 2) notes.push("Latents have two numbers there, or more.");
  if (s.noise !== "gaussian") notes.push("Latents are Gaussian there.");
  if (data === "ring" || data === "grid" || !data) notes.push("Its modes are sharper than those here.");
  return { architecture, data: data ?? "ring", set, notes };
}
