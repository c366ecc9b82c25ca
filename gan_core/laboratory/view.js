/* The page of the laboratory: what people set and see on the one side, the worker that trains on the other.

   Its state stands in the address, or is told to the page around it. What stands there was written by anybody: it is read
   by knobs.js and never is anything but a value of a knob. */
"use strict";

const OPTIONS = JSON.parse(document.getElementById("options").textContent);
const FILM = 40, PHASE = 1250;  // frames, milliseconds
const WORDS = 200;  // ms between two readings of figures and curves, which cost more than the picture that moves
const PHASES = [
  ["generate", "1 of 6: the generator makes points of noise."],
  ["judge", "2 of 6: the discriminator judges real and generated points; the colours are its verdict."],
  ["learn_d", "3 of 6: the discriminator learns: its colours have moved, the generator stands still."],
  ["generate_g", "4 of 6: the generator makes points again."],
  ["judge_g", "5 of 6: they are judged, and arrows show where the verdict pulls each."],
  ["learn_g", "6 of 6: the generator learns: its points have moved, the discriminator stands still."]];
const FIGURES = [["found", "Modes found"], ["quality", "High quality"], ["js", "Jensen-Shannon divergence"],
  ["distance", "Distance (sliced Wasserstein)"], ["estimate", "Critic's estimate"],
  ["gradient", "Pull on generated samples"], ["d_loss", "Discriminator's loss"], ["g_loss", "Generator's loss"],
  ["penalty", "Penalty"]];
const CHARTS = [
  { title: "Losses", of: [["d_loss", "discriminator", "real"], ["g_loss", "generator", "made"]] },
  { title: "What the discriminator says", of: [["real", "of real samples", "real"], ["fake", "of generated ones", "made"]] },
  { title: "Samples", low: 0, high: 1, of: [["quality", "high quality", "real"], ["js", "divergence", "made"],
    ["share", "modes found", "text"]] },
  { title: "Distance", low: 0, of: [["distance", "measured", "real"], ["estimate", "critic's estimate", "made"]] },
  { title: "Pull on generated samples", log: true, of: [["gradient", "mean length of the gradient", "made"]] }];

class Page {
  constructor() {
    const begun = OPTIONS.embedded ? OPTIONS.state : location.hash.slice(1) || OPTIONS.state;
    Object.assign(this, readState(begun));
    Object.assign(this, { history: [], at: 0, frame: null, reals: null, floor: null, playing: false, slow: null,
      marks: [], done: new Map(), answers: new Map(), cursor: [0, 0], counted: 0, changedAt: -1, toldAt: 0 });
    const source = URL.createObjectURL(new Blob([$("computing").textContent], { type: "text/javascript" }));
    this.worker = new Worker(source);
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) =>
      this.say(`The laboratory cannot compute here: ${event.message || "the worker did not start"}.`);
    this.form();
    this.listen();
    this.lesson_ = LESSONS.find(({ id }) => id === this.lesson) ?? null;
    this.drawLesson();
    this.begin();
  }

  // What is told to the worker

  get games() {
    const { settings, other } = this;
    return [settings, ...(other ? [changed(settings, other.name, other.value)] : [])];
  }

  begin() {
    this.marks = [];
    this.changedAt = -1;
    this.stopSlow();
    this.worker.postMessage({ kind: "show", layers: this.layers });
    this.worker.postMessage({ kind: "set", games: this.games, points: this.points, anew: true });
    this.refresh();
  }

  /* Knobs have other values; most changes go on where the game is. */
  apply(settings, anew = false) {
    const rebuilt = KNOBS.filter(({ name, anew: what }) => what && settings[name] !== this.settings[name]);
    this.settings = settings;
    if (anew || rebuilt.some(({ name }) => name === "seed")) return this.begin();
    this.changedAt = this.frame?.round ?? -1;
    this.worker.postMessage({ kind: "set", games: this.games, points: this.points, anew: false });
    if (rebuilt.length) this.say(`Other networks: ${rebuilt.map(({ anew: what }) => what).join(", ")} began anew.`);
    this.refresh();
  }

  play(on) {
    this.stopSlow();
    this.playing = on;
    this.worker.postMessage({ kind: "play", on, speed: Number($("speed").value) });
    this.buttons();
  }

  act(what) {
    this.playing = false;
    this.worker.postMessage({ kind: "act", what });
    this.buttons();
  }

  toggleSlow() {
    if (this.slow) return this.stopSlow();
    this.play(false);
    const scales = Math.max(1, Number($("speed").value) === 0 ? 1 : Number($("speed").value) / 10);
    this.slow = { phase: -1 };
    const next = () => {
      this.slow.phase = (this.slow.phase + 1) % PHASES.length;
      const [name, words] = PHASES[this.slow.phase];
      this.act(name);
      this.say(words);
      this.slow.timer = setTimeout(next, Math.max(200, PHASE / scales));
    };
    next();
    this.buttons();
  }

  stopSlow() {
    if (!this.slow) return;
    clearTimeout(this.slow.timer);
    this.slow = null;
    this.worker.postMessage({ kind: "act", what: "" });
    this.buttons();
  }

  // What the worker tells

  hear(data) {
    if (data.kind === "film") return this.filmed(data.frames);
    const { from, entries } = data;
    const fresh = from < this.history.length;
    this.history.length = from;
    this.history.push(...entries);
    if (data.reals) Object.assign(this, { reals: data.reals, floor: data.floor });
    Object.assign(this, { frame: data, at: data.at });
    if (fresh && from === 0) this.marks = this.marks.filter(({ round }) => round <= (entries.at(-1)?.round ?? 0));
    if (this.playing && !data.playing && data.broken.some(Boolean)) {
      this.playing = false;
      this.say("It has diverged: its numbers are no numbers any more. Go back in time and take lower rates, or restart.");
    }
    for (let i = from; i < this.history.length; i++) this.follow(i);
    this.counted++;
    requestAnimationFrame(() => {
      this.draw(!data.playing || performance.now() - this.toldAt >= WORDS);
      this.worker.postMessage({ kind: "seen" });
    });
  }

  /* What a moment means for the lesson. */
  follow(index) {
    const lesson = this.lesson_;
    if (!lesson) return;
    const { logs: [log, other] } = this.history[index], before = this.history.slice(0, index).map(({ logs }) => logs[0]);
    const state = this.done.get(lesson.id) ?? {};
    if (!state.moment && this.asSetUp() && lesson.moment.when(log, before, other)) {
      this.done.set(lesson.id, { ...state, moment: log.round });
      this.marks.push({ round: log.round, name: lesson.title });
      this.drawLesson();
    } else if (state.moment !== undefined && !state.task && log.round > this.changedAt &&
        lesson.task.done(log, this.settings, before, other)) {
      this.done.set(lesson.id, { ...state, task: true });
      this.drawLesson();
    }
  }

  asSetUp() {
    return Object.entries(this.lesson_.setup).every(([name, value]) => this.settings[name] === value);
  }

  // What is seen

  /* The picture; and `words`, all that is told of it by figures, curves and the place in time. */
  draw(words = true) {
    const { frame } = this;
    if (!frame) return;
    const emphasis = frame.phase || "", layers = new Set(this.layers);
    if (this.slow) {
      layers.add("generated");
      if (emphasis.startsWith("judge") || emphasis.startsWith("learn")) layers.add("heat");
      if (emphasis.startsWith("generate")) layers.delete("heat");
      layers[emphasis === "judge_g" ? "add" : "delete"]("arrows");
    }
    frame.pictures.forEach((picture, k) => {
      const canvas = $(`scene-${k}`), labels = drawScene(canvas, picture, this.reals, [...layers], emphasis);
      if (k === 0 && this.settings.data === "drawn") this.drawCursor(canvas);
      if (!words) return;
      const spans = canvas.parentElement.querySelectorAll(".scale span");
      labels.forEach((label, i) => { spans[i].textContent = label; });
      canvas.parentElement.querySelector(".scale").hidden = !layers.has("heat");
      const log = this.logs()[k];
      canvas.setAttribute("aria-label", `Round ${frame.round}: ${this.inWords(log)}`);
    });
    document.body.dataset.round = frame.round;
    document.body.dataset.rate = frame.rate.toFixed(1);
    document.body.dataset.frames = this.counted;
    if (words) this.drawWords();
    if (frame.playing !== this.playing && !this.playing) this.buttons();
  }

  drawWords() {
    const { frame } = this, slider = $("time");
    this.toldAt = performance.now();
    slider.max = Math.max(0, this.history.length - 1);
    if (document.activeElement !== slider || frame.playing) slider.value = frame.at;
    const rate = frame.rate ? `, ${Math.round(frame.rate)}/s` : "";
    $("where").textContent = `Round ${frame.round.toLocaleString("en")}${rate}`;
    this.drawFigures();
    this.drawCharts();
  }

  drawCursor(canvas) {
    const context = canvas.getContext("2d"), [x, y] = this.cursor.map((value, k) =>
      (1 + (k ? -1 : 1) * value / 1.6) / 2 * canvas.width);
    context.fillStyle = rgb(lighter(REAL));
    for (const [px, py] of this.points) {
      context.fillRect((px / 1.6 + 1) / 2 * canvas.width - 3, (1 - py / 1.6) / 2 * canvas.width - 3, 6, 6);
    }
    if (document.activeElement !== canvas) return;
    context.strokeStyle = scheme().text;
    context.lineWidth = 1.5;
    context.strokeRect(x - 6, y - 6, 12, 12);
  }

  logs() {
    const moment = this.history[Math.min(this.at, this.history.length - 1)];
    return (moment?.logs ?? []).map((log, k) => ({ ...log, ...(this.frame?.pictures[k]?.told ?? {}) }))
      .map((log) => ({ ...log, estimate: log.real - log.fake }));
  }

  inWords(log) {
    if (!log) return "nothing is measured yet";
    const modes = log.modes ? `${log.found} of ${log.modes} modes found, ` : "";
    return `${modes}${Math.round(100 * log.quality)} % of high quality, divergence ${short(log.js)}`;
  }

  drawFigures() {
    const logs = this.logs(), table = element("table"), head = element("tr", {}, element("th"));
    const say = (name, log) => name === "found" ? (log.modes ? `${log.found} of ${log.modes}` : "–") :
      name === "quality" ? `${Math.round(100 * log.quality)} %` : short(log[name]);
    if (logs.length > 1) {
      head.append(element("th", { scope: "col" }, "A"), element("th", { scope: "col" }, "B"));
      table.append(head);
    }
    for (const [name, title] of FIGURES) {
      const floor = this.floor && (name === "js" || name === "distance") ? ` (real ones: ${short(this.floor[name])})` : "";
      table.append(element("tr", {}, element("th", { scope: "row" }, title + floor),
        ...logs.map((log) => element("td", {}, say(name, log)))));
    }
    $("figures").replaceChildren(table);
    const verdict = $("verdict");
    const two = logs.length > 1 && this.other !== null;  // a picture may come that was asked for before
    verdict.hidden = !two;
    if (two) {
      const words = this.verdict(logs);
      if (verdict.textContent !== words) verdict.textContent = words;
    }
  }

  /* Which of two games is ahead, by the divergence; what differs by less than real samples do is called even. */
  verdict([a, b]) {
    const knob = KNOB[this.other.name], named = (value) => knob.choices ? knob.choices[value] : short(value);
    const margin = Math.max(0.05, this.floor?.js ?? 0), apart = a.js - b.js;
    const modes = a.modes ? `A has found ${a.found} of ${a.modes} modes, B ${b.found}. ` : "";
    const judged = Math.abs(apart) < margin ? "They are even: what lies between them is less than chance makes." :
      `${apart > 0 ? "B" : "A"} is ahead, with a divergence of ${short(Math.min(a.js, b.js))} against ` +
      `${short(Math.max(a.js, b.js))}.`;
    return `After ${a.round.toLocaleString("en")} rounds, ${knob.label.toLowerCase()} ` +
      `${named(this.settings[knob.name])} (A) against ${named(this.other.value)} (B): ${modes}${judged} ` +
      "One seed is no proof: try others.";
  }

  drawCharts() {
    const rounds = this.history.map(({ round }) => round), now = this.frame.round, two = this.games.length > 1;
    const tints = { real: "--real", made: "--made", text: "--quiet" };
    CHARTS.forEach((chart, place) => {
      const series = [0, ...(two ? [1] : [])].flatMap((game) => chart.of.map(([name, , tint]) => ({
        tint: getComputedStyle(document.documentElement).getPropertyValue(tints[tint]), dash: game === 1,
        values: this.history.map(({ logs }) => {
          const log = logs[game] ?? {};
          return name === "share" ? (log.modes ? log.found / log.modes : NaN) : log[name] ?? NaN;
        }) })));
      drawChart($(`chart-${place}`), rounds, series, { ...chart, now, marks: this.marks });
    });
  }

  buttons() {
    $("play").textContent = this.playing ? "Pause" : "Play";
    $("slow").setAttribute("aria-pressed", Boolean(this.slow));
    document.body.dataset.playing = this.playing;
  }

  say(words) {
    $("status").textContent = words;
  }

  // The form

  form() {
    const groups = new Map();
    for (const knob of KNOBS) groups.set(knob.group, [...groups.get(knob.group) ?? [], knob]);
    for (const [group, knobs] of groups) {
      const details = element("details", group === "Networks" ? {} : { open: "" }, element("summary", {}, group));
      for (const knob of knobs) details.append(this.widget(knob));
      $("knobs").append(details);
    }
    for (const [place, [name, title]] of Object.entries(LAYERS).entries()) {
      const box = element("input", { type: "checkbox", id: `layer-${name}`, "aria-keyshortcuts": place + 1 });
      box.onchange = () => this.show(name, box.checked);
      $("layers").append(element("label", {}, box, ` ${title}`));
    }
    $("charts").append(...CHARTS.map(({ title, of }, place) => element("figure", {},
      element("figcaption", {}, element("b", {}, title), ...of.map(([, words, tint]) => {
        const line = element("i");
        line.style.borderColor = `var(--${tint === "text" ? "quiet" : tint})`;
        return element("span", {}, line, words);
      })), element("canvas", { id: `chart-${place}`, role: "img", "aria-label": `${title} over rounds` }))));
    const differs = $("differs");
    differs.append(new Option("nothing: one game", ""),
      ...KNOBS.filter(({ name }) => name !== "data").map(({ name, label }) => new Option(label, name)));
    differs.onchange = () => this.compare(differs.value ? { name: differs.value, value: this.unlike(differs.value) } : null);
    $("other").onchange = () =>
      this.compare({ name: this.other.name, value: readValue(KNOB[this.other.name], $("other").value) });
    $("lessons").append(...LESSONS.map(({ id, title }, place) => {
      const button = element("button", { type: "button", id: `lesson-${id}` }, `${place + 1}. ${title}`);
      button.onclick = () => this.openLesson(id);
      return button;
    }));
  }

  widget(knob) {
    const id = `knob-${knob.name}`, label = element("label", { for: id, title: knob.help }, knob.label);
    const row = element("div", { class: "knob", "data-knob": knob.name }, label);
    if (knob.choices) {
      const select = element("select", { id });
      select.append(...Object.entries(knob.choices).map(([value, title]) => new Option(title, value)));
      select.onchange = () => this.turn(knob, select.value);
      row.append(select);
    } else {
      const slider = element("input", { id, type: "range", min: 0, max: knob.values.length - 1, step: 1 });
      slider.oninput = () => this.turn(knob, knob.values[slider.value]);
      row.append(slider, element("output", { for: id }));
    }
    return row;
  }

  turn(knob, value) {
    this.apply({ ...this.settings, [knob.name]: value, ...(knob.name === "game" ? USUAL[value] : {}) });
  }

  show(layer, on) {
    this.layers = Object.keys(LAYERS).filter((name) => name === layer ? on : this.layers.includes(name));
    this.worker.postMessage({ kind: "show", layers: this.layers });
    this.refresh();
  }

  compare(other) {
    this.other = other;
    this.begin();
  }

  /* Another value than A's, to begin with. */
  unlike(name) {
    const knob = KNOB[name], values = knob.choices ? Object.keys(knob.choices) : knob.values;
    const place = values.indexOf(this.settings[name]);
    return values[place + 1 < values.length ? place + 1 : Math.max(0, place - 1)];
  }

  /* The form says what the state is, and so does the address. */
  refresh() {
    const { settings, other } = this;
    for (const knob of KNOBS) {
      const row = document.querySelector(`[data-knob="${knob.name}"]`), widget = $(`knob-${knob.name}`);
      const value = settings[knob.name], away = (stop) => Math.abs(stop - value);
      row.hidden = Boolean(knob.when && !knob.when(settings));
      if (knob.choices) {
        widget.value = value;
      } else {
        widget.value = knob.values.reduce((best, stop, i) => away(stop) < away(knob.values[best]) ? i : best, 0);
        row.querySelector("output").textContent = short(value);
        widget.setAttribute("aria-valuetext", short(value));
      }
    }
    for (const name of Object.keys(LAYERS)) $(`layer-${name}`).checked = this.layers.includes(name);
    $("differs").value = other ? other.name : "";
    $("differs-to").hidden = !other;
    if (other) {
      const knob = KNOB[other.name], values = knob.choices ? Object.keys(knob.choices) : [...knob.values];
      if (!values.includes(other.value)) values.push(other.value);
      $("other").replaceChildren(...values.map((value) =>
        new Option(knob.choices ? knob.choices[value] : short(value), value)));
      $("other").value = other.value;
    }
    $("scene-1").parentElement.hidden = !other;
    $("name-0").textContent = other ? "A" : KNOB.game.choices[settings.game];
    $("name-1").textContent = "B";
    const drawn = settings.data === "drawn";
    $("drawing").hidden = !drawn;
    $("scene-0").classList.toggle("pen", drawn);
    this.address();
    const train = training(settings);
    $("command").querySelector("pre").textContent = [`python -m gan_core train ${train.architecture} --data ${train.data}`,
      ...Object.entries(train.set).map(([name, value]) => `--set ${name}=${value}`)].join(" \\\n  ");
    $("command").querySelector(".notes").textContent = train.notes.join(" ");
    $("train").hidden = !OPTIONS.train;
    $("train").title = train.notes.join(" ");
    this.draw();
  }

  address() {
    const text = written(this);
    if (OPTIONS.embedded) {
      clearTimeout(this.telling);
      this.telling = setTimeout(() => this.tell({ kind: "state", state: text }), 300);
    } else {
      history.replaceState(null, "", `#${text}`);
    }
  }

  tell(message) {
    if (OPTIONS.embedded) parent.postMessage({ laboratory: message }, "*");
  }

  // Lessons

  openLesson(id) {
    const lesson = LESSONS.find((each) => each.id === id);
    this.lesson = id;
    this.lesson_ = lesson;
    this.done.delete(id);
    this.answers.delete(id);
    this.settings = { ...DEFAULTS, ...lesson.setup };
    this.other = lesson.other ?? null;
    this.layers = [...SHOWN];
    this.play(false);
    this.begin();
    this.drawLesson();
    $("lesson").querySelector("h3").focus();
  }

  drawLesson() {
    LESSONS.forEach(({ id, title }, place) => {
      const state = this.done.get(id) ?? {}, button = $(`lesson-${id}`);
      const whole = state.moment !== undefined && state.task && this.answers.get(id) === "yes";
      button.setAttribute("aria-pressed", id === this.lesson);
      button.textContent = `${place + 1}. ${title}${whole ? " ✓" : ""}`;
    });
    const lesson = this.lesson_, article = $("lesson");
    if (!lesson) return article.replaceChildren();
    const state = this.done.get(lesson.id) ?? {}, come = state.moment !== undefined, list = element("ol");
    const button = (label, act) => {
      const made = element("button", { type: "button" }, label);
      made.onclick = act;
      return made;
    };
    const moment = element("li", { class: come ? "done" : "" },
      come ? `Round ${state.moment.toLocaleString("en")}: ${lesson.moment.text} ` : "Press Play and wait for the moment. ");
    if (come) moment.append(button("Back to that moment", () => this.back(state.moment)));
    else moment.append(button("Play", () => this.play(true)));
    const task = element("li", { class: state.task ? "done" : "" }, `${lesson.task.text} `);
    if (come) {
      for (const { label, change, anew } of lesson.task.tries) {
        task.append(button(label, () => {
          if (anew) this.other = null;
          this.apply({ ...DEFAULTS, ...lesson.setup, ...change }, anew);
          this.play(true);
        }), " ");
      }
      if (!lesson.task.tries.length) task.append(button("Go on", () => this.play(true)));
    }
    if (state.task) task.append(element("p", {}, lesson.task.told));
    const question = element("li", {}, lesson.question.text), row = element("div", { class: "row" });
    lesson.question.answers.forEach((answer, place) => {
      const made = button(answer, () => {
        const right = place === lesson.question.right;
        made.dataset.right = right ? "yes" : "no";
        this.answers.set(lesson.id, right ? "yes" : this.answers.get(lesson.id) ?? "no");
        if (right) this.drawLesson();
      });
      made.className = "answer";
      if (this.answers.get(lesson.id) === "yes" && place === lesson.question.right) made.dataset.right = "yes";
      row.append(made);
    });
    question.append(row);
    if (this.answers.get(lesson.id) === "yes") question.append(element("p", { class: "done" }, lesson.question.why));
    list.append(moment, task, question);
    const open = article.contains(document.activeElement);
    article.replaceChildren(element("h3", { tabindex: "-1" }, lesson.title),
      ...lesson.say.map((words) => element("p", {}, words)), list);
    if (open) article.querySelector("h3").focus();
  }

  back(round) {
    const place = this.history.findIndex((moment) => moment.round >= round);
    this.playing = false;
    this.buttons();
    this.worker.postMessage({ kind: "seek", index: place });
  }

  // Hands

  listen() {
    $("play").onclick = () => this.play(!this.playing);
    $("step").onclick = () => this.only("round");
    $("step-d").onclick = () => this.only("d");
    $("step-g").onclick = () => this.only("g");
    $("slow").onclick = () => this.toggleSlow();
    $("anew").onclick = () => {
      this.play(false);
      this.begin();
    };
    $("speed").onchange = () => this.playing && this.play(true);
    $("time").oninput = () => {
      this.play(false);
      this.worker.postMessage({ kind: "seek", index: Number($("time").value) });
    };
    const keys = { p: "play", s: "step", d: "step-d", g: "step-g", m: "slow", r: "anew" };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.matches("select, input:not([type=checkbox])")) return;
      const id = keys[event.key.toLowerCase()], layer = Object.keys(LAYERS)[Number(event.key) - 1];
      if (id) $(id).click();
      else if (layer) this.show(layer, !this.layers.includes(layer));
    });
    this.pen($("scene-0"));
    $("wipe").onclick = () => this.redraw([]);
    $("png").onclick = () => this.png();
    $("gif").onclick = () => {
      this.play(false);
      $("taken").textContent = "Looking back …";
      this.worker.postMessage({ kind: "film", most: FILM });
    };
    $("link").onclick = () => this.copy();
    $("file").onclick = () => this.file();
    $("train").onclick = () => this.tell({ kind: "train", ...training(this.settings) });
    const light = matchMedia("(prefers-color-scheme: dark)");
    const paint = (name) => {
      document.documentElement.dataset.scheme = name;
      this.draw();
    };
    paint(light.matches ? "dark" : "light");
    light.addEventListener("change", () => paint(light.matches ? "dark" : "light"));
    if (OPTIONS.embedded) {
      window.addEventListener("message", ({ source, data }) => {
        if (source === parent && data && ["light", "dark"].includes(data.scheme)) paint(data.scheme);
      });
      const size = () => this.tell({ kind: "size", height: document.documentElement.getBoundingClientRect().height });
      new ResizeObserver(size).observe(document.body);
      this.tell({ kind: "ready" });
    } else {
      window.addEventListener("hashchange", () => {
        Object.assign(this, readState(location.hash.slice(1)));
        this.lesson_ = LESSONS.find(({ id }) => id === this.lesson) ?? null;
        this.play(false);
        this.begin();
        this.drawLesson();
      });
    }
    window.addEventListener("resize", () => this.draw());
  }

  only(what) {
    this.stopSlow();
    this.act(what);
    this.say({ round: "One round.", d: "The discriminator learned once.", g: "The generator learned once." }[what]);
  }

  /* Data by hand. */
  pen(canvas) {
    let drawing = false;
    const put = ({ clientX, clientY }) => {
      const box = canvas.getBoundingClientRect();
      this.dot([1.6 * (2 * (clientX - box.left) / box.width - 1), -1.6 * (2 * (clientY - box.top) / box.height - 1)], 0.05);
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (this.settings.data !== "drawn" || event.button) return;
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      put(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (drawing) for (const passed of event.getCoalescedEvents?.() ?? [event]) put(passed);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, () => {
        if (drawing) this.redraw(this.points);
        drawing = false;
      });
    }
    canvas.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }, move = moves[event.key];
      if (this.settings.data !== "drawn" || !move && event.key !== "Enter") return;
      event.preventDefault();
      if (move) {
        this.cursor = this.cursor.map((value, k) => Math.min(Math.max(value + 0.1 * move[k], -1.5), 1.5));
        this.draw();
      } else {
        this.dot([...this.cursor], 0);
        this.redraw(this.points);
      }
      const here = this.cursor.map((value) => short(Math.round(10 * value) / 10)).join(", ");
      this.say(`${move ? "At" : "A point at"} ${here}.`);
    });
    canvas.addEventListener("blur", () => this.draw());
  }

  /* A point, unless one lies as near already. */
  dot(point, apart) {
    if (point.some((value) => !(Math.abs(value) < 1.6)) || this.points.length >= MOST_POINTS) return;
    const last = this.points.at(-1);
    if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < apart) return;
    this.points = [...this.points, point];
    this.draw();
  }

  redraw(points) {
    this.points = [...points];
    this.apply({ ...this.settings });
  }

  // What is taken along

  save(blob, name) {
    const link = element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    $("taken").textContent = `${name}: ${Math.max(1, Math.round(blob.size / 1000))} kB.`;
  }

  /* Scenes side by side on one canvas. */
  sheet(pictures, side, round) {
    const sheet = element("canvas", { width: side * pictures.length, height: side + 24 }), context = sheet.getContext("2d", {
      willReadFrequently: true });
    const { ground, text } = scheme(), small = element("canvas", { width: side, height: side });
    context.fillStyle = ground;
    context.fillRect(0, 0, sheet.width, sheet.height);
    pictures.forEach((picture, k) => {
      drawScene(small, picture, this.reals, this.layers);
      context.drawImage(small, k * side, 0);
    });
    context.fillStyle = text;
    context.font = "14px system-ui, sans-serif";
    context.fillText(`${KNOB.game.choices[this.settings.game]}, round ${round.toLocaleString("en")}`, 6, side + 17);
    return sheet;
  }

  png() {
    const { pictures, round } = this.frame;
    this.sheet(pictures, 720, round).toBlob((blob) => this.save(blob, `laboratory-${round}.png`));
  }

  filmed(frames) {
    if (!frames.length) return void ($("taken").textContent = "There is no past to look back on: the networks began anew.");
    const sheets = frames.map(({ pictures, round }) => this.sheet(pictures, 300, round)), [{ width, height }] = sheets;
    const drawn = sheets.map((sheet) => sheet.getContext("2d").getImageData(0, 0, width, height).data);
    this.save(new Blob([gif(drawn, width, height, 100)], { type: "image/gif" }), `laboratory-${this.frame.round}.gif`);
  }

  copy() {
    if (OPTIONS.embedded) {
      $("taken").textContent = "The link stands in the address of this page.";
      return this.tell({ kind: "copy", state: written(this) });
    }
    navigator.clipboard?.writeText(location.href).then(() => { $("taken").textContent = "The link is copied."; },
      () => { $("taken").textContent = "The link stands in the address above."; }) ??
      ($("taken").textContent = "The link stands in the address above.");
  }

  /* This page as it is, in one file, beginning with what is set now. */
  file() {
    const page = document.documentElement.cloneNode(true);
    for (const id of ["knobs", "layers", "charts", "figures", "lessons", "lesson", "differs", "other"]) {
      const part = page.querySelector(`#${id}`);
      part.replaceChildren(...[...part.children].filter((child) => child.matches("legend")));
    }
    page.querySelector("header").removeAttribute("hidden");
    page.querySelector("#options").textContent = JSON.stringify({ embedded: false, train: false, state: written(this) })
      .replaceAll("<", "\\u003c");
    const body = page.querySelector("body");
    for (const { name } of [...body.attributes]) body.removeAttribute(name);
    this.save(new Blob([`<!doctype html>\n${page.outerHTML}`], { type: "text/html" }), "laboratory.html");
  }
}

const laboratory = new Page();
