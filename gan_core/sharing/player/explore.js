/* Sliders for directions, classes that are blended, arithmetic with samples, films through them, points that were kept. */
"use strict";

const GROUPS = ["A", "B", "C", "Film"], AROUND = 9, NEAR = 0.25, SMALL = 12;

function explore(player) {
  const { directions, points, within, keeping } = demo.explore, groups = Object.fromEntries(GROUPS.map((name) => [name, []]));
  const say = (words) => { $("explored").textContent = words; };
  const adding = {}; // by the name of a group: puts a sample into it
  const plain = (sample) => Object.fromEntries(demo.inputs.map(({ name }) => [name, Array.from(sample[name])]));
  const tell = (message) => parent.postMessage({ explore: message }, "*");

  sliders(player, directions);
  blend(player);
  favourites(player, points);

  /* One group: a button, and small pictures of what is in it. */
  for (const name of GROUPS) {
    const button = element("button", { type: "button" }, name === "Film" ? "Into the film" : `Into ${name}`);
    const shown = element("div", { class: "shown", id: `group-${name}`, "aria-label": `Group ${name}` });
    const add = adding[name] = (sample) => {
      const canvas = element("canvas", { role: "img", "aria-label": `A sample in ${name}` });
      groups[name].push(sample);
      shown.append(canvas);
      const picture = shower(canvas);
      player.computing.draw(`group-${name}-${groups[name].length}`, [sample], (values) => picture.put(values));
    };
    button.onclick = () => {
      if (groups[name].length >= SMALL) return say(`${SMALL} samples of a group are enough.`);
      add(player.now());
      changed();
    };
    $("groups").append(element("div", { class: "group" }, button, shown));
  }

  const able = () => {
    const { A, B, C, Film } = groups;
    $("compute").disabled = !(A.length && B.length && C.length);
    $("average").disabled = !A.length;
    $("film-gif").disabled = Film.length < 2;
    $("film-webm").disabled = Film.length < 2 || !window.MediaRecorder;
    if (keeping) {
      $("keep-direction").disabled = !(A.length && B.length);
    }
  };

  /* The page that this one stands in remembers the groups: it is drawn anew when something was kept. */
  const changed = () => {
    able();
    if (within) tell({ kind: "groups", groups });
  };

  $("empty").onclick = () => {
    for (const name of GROUPS) {
      groups[name] = [];
      $(`group-${name}`).replaceChildren();
    }
    $("around").hidden = true;
    say("");
    changed();
  };

  /* The result large, and with neighbours around it (Radford 2016, section 6.3). */
  const result = (sample, words) => {
    player.begin(sample, words);
    const random = new Random([11n, 5]), { name } = spaceOf(), size = sample[name].length;
    const near = (place) => {
      if (place === (AROUND - 1) / 2) return sample;
      const stream = random.spawn(place);
      return { ...sample, [name]: onShell(name, Float32Array.from(sample[name], (x) => x + NEAR * stream.normal()),
        Math.hypot(...sample[name])) };
    };
    const canvas = $("around"), picture = shower(canvas, 3, 3);
    canvas.hidden = false;
    player.computing.draw("around", Array.from({ length: AROUND }, (_, place) => near(place)),
      (values, place) => picture.put(values, place));
    say(`${words}: ${size} numbers, large above, and with its neighbours below.`);
  };

  const mean = (group, name) => Float32Array.from(group[0][name], (_, i) =>
    group.reduce((sum, sample) => sum + sample[name][i], 0) / group.length);

  $("compute").onclick = () => {
    const { A, B, C } = groups, made = { ...C[0] };
    for (const { kind, name } of demo.inputs) {
      if (kind !== "latent" && kind !== "shift") continue;
      const [a, b, c] = [A, B, C].map((group) => mean(group, name));
      made[name] = onShell(name, a.map((x, i) => x - b[i] + c[i]), Math.sqrt(a.length));
    }
    result(made, "A − B + C");
  };

  $("average").onclick = () => {
    const made = { ...groups.A[0] };
    for (const { kind, name } of demo.inputs) {
      if (kind === "latent" || kind === "shift") made[name] = onShell(name, mean(groups.A, name), Math.sqrt(made[name].length));
    }
    result(made, "Average of A");
  };

  const film = (button, words, save) => {
    const stood = button.textContent;
    button.disabled = true;
    player.frames(groups.Film, (place) => { button.textContent = `${place} of ${FRAMES}`; }, async (...frames) => {
      await save(...frames);
      button.textContent = stood;
      able();
      say(`${words} is saved.`);
    });
  };
  $("film-gif").onclick = ({ currentTarget }) => film(currentTarget, "The GIF", (frames, wide, high) =>
    save(new Blob([gif(frames, wide, high, 80)], { type: "image/gif" }), `${demo.file}-film.gif`));
  $("film-webm").onclick = ({ currentTarget }) => film(currentTarget, "The WebM", async (frames, wide, high) =>
    save(await webm(frames, wide, high), `${demo.file}-film.webm`));

  if (keeping) {
    const point = element("button", { type: "button", id: "keep-point" }, "Keep this sample");
    const direction = element("button", { type: "button", id: "keep-direction" }, "Direction from B to A");
    point.onclick = () => tell({ kind: "point", point: plain(player.now()) });
    direction.onclick = () => tell({ kind: "marks", having: groups.A.map(plain), lacking: groups.B.map(plain) });
    $("empty").before(point, direction);
  }
  able();
  if (within) {
    const size = () => tell({ kind: "size", height: document.documentElement.offsetHeight });
    new ResizeObserver(size).observe(document.body);
    addEventListener("message", ({ source, data }) => {
      if (source !== parent || !data || !data.groups) return;
      for (const name of GROUPS) data.groups[name].forEach(adding[name]);
      able();
    });
    tell({ kind: "ready" });
  }
}

/* The input in which directions lie, as gan_core/exploring/space.py has it. */
function spaceOf() {
  return demo.inputs.find(({ kind }) => kind === "shift") || demo.inputs.find(({ kind }) => kind === "latent");
}

/* Numbers of a latent as long as they were: where noise lies. */
function onShell(name, values, length) {
  const { kind, size } = demo.inputs.find((input) => input.name === name);
  if (kind !== "latent" || size <= 3) return values;
  const factor = length / (Math.hypot(...values) || 1);
  return values.map((x) => x * factor);
}

/* A slider for each direction that is kept with the run, and what the pad follows. */
function sliders(player, directions) {
  const holder = $("directions");
  if (!directions.length) return holder.remove();
  directions.forEach((direction, place) => {
    const { title, reach } = direction, id = `direction-${place}`, shown = element("output", {}, "0");
    const range = element("input", { type: "range", id, min: -reach, max: reach, step: reach / 50, value: 0 });
    range.oninput = () => {
      player.sliders.set(direction, +range.value);
      shown.textContent = String(+(+range.value).toFixed(2));
      player.draw(player.moved());
    };
    holder.append(element("div", { class: "choice" }, element("label", { for: id }, title), " ", shown, range));
  });
  const back = element("button", { type: "button", id: "still" }, "All sliders to the middle");
  back.onclick = () => {
    for (const range of holder.querySelectorAll("input")) {
      range.value = 0;
      range.dispatchEvent(new Event("input"));
    }
  };
  holder.append(back);
  ["right", "up"].forEach((way, axis) => {
    const select = element("select", { id: `axis-${axis}` }, element("option", { value: "" }, "by chance"),
      ...directions.map(({ title }, place) => element("option", { value: place }, title)));
    select.onchange = () => {
      player.axes[axis] = select.value === "" ? null : directions[+select.value];
      player.follow(...player.offset);
    };
    holder.append(element("div", { class: "choice" }, element("label", { for: `axis-${axis}` }, `The pad, ${way}`), select));
  });
}

/* Between two classes: what both look up, mixed. */
function blend(player) {
  const holder = $("blend"), { labels } = demo;
  if (labels.length < 2) return holder.remove();
  const select = element("select", { id: "blend-to" }, ...labels.map((name, i) => element("option", { value: i }, name)));
  const shown = element("output", {}, "0 %");
  const range = element("input", { type: "range", id: "blend-share", min: 0, max: 1, step: 0.02, value: 0 });
  select.onchange = range.oninput = () => {
    shown.textContent = `${Math.round(100 * range.value)} %`;
    player.blending = +range.value ? { name: "label", to: +select.value, share: +range.value } : null;
    player.draw(player.moved());
  };
  holder.append(
    element("div", { class: "choice" }, element("label", { for: "blend-to" }, "Blend with the class"), select),
    element("div", { class: "choice" }, element("label", { for: "blend-share" }, "So much of it"), " ", shown, range));
}

/* What was kept with the run. */
function favourites(player, points) {
  const holder = $("points");
  if (!points.length) return holder.remove();
  holder.append(element("p", { class: "quiet" }, "Kept samples"));
  for (const { name, inputs } of points) {
    const button = element("button", { type: "button", class: "point" }, name);
    button.onclick = () => player.begin(Object.fromEntries(Object.entries(inputs).map(([key, values]) =>
      [key, Float32Array.from(values)])), name);
    holder.append(button, " ");
  }
  const wanted = points.find(({ name }) => name === demo.explore.open);
  if (wanted) setTimeout(() => [...holder.querySelectorAll("button")].find((it) => it.textContent === wanted.name).click());
}

/* Frames as a film of twelve pictures a second, recorded as they are shown. */
async function webm(frames, wide, high) {
  const canvas = element("canvas");
  canvas.width = wide;
  canvas.height = high;
  const context = canvas.getContext("2d"), kind = "video/webm";
  const show = (frame) => context.putImageData(new ImageData(frame, wide, high), 0, 0);
  show(frames[0]);
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: kind }), parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((tell) => { recorder.onstop = tell; });
  recorder.start();
  for (const frame of frames) {
    show(frame);
    await new Promise((tell) => { setTimeout(tell, 80); });
  }
  recorder.stop();
  await ended;
  return new Blob(parts, { type: kind });
}
