/* Trains one game or two in a worker, and tells the page what they look like now.

   In: {kind: "set", games: [settings, ...], points, anew}, {kind: "play", on, speed}, {kind: "act", what}, {kind: "seek",
   index}, {kind: "show", layers}, {kind: "film", most}, and {kind: "seen"} after each frame: the next is not made before.
   Out: {kind: "frame", ...}, {kind: "film", frames}. A moment is what was measured after some rounds, and of most the
   weights are kept: from there the game can go on again. */
"use strict";

const EVERY = 25;  // rounds between two moments, at first
const MOMENTS = 400;  // more are thinned to half
const MEMORY = 64e6;  // bytes of weights that are kept
const SLICE = 8;  // ms at a time that are trained before messages are heard
const FRAME = 32;  // ms between two frames: a thirtieth of a second, less what a round may make of lateness
const SAMPLES = 400, ARROWS = 60, NET = 14;

class Laboratory {
  constructor(tell) {
    Object.assign(this, { tell, games: [], moments: [], at: -1, every: EVERY, version: 0, sent: 0, playing: false, speed: 0,
      layers: [], waiting: false, wanted: false, shown: 0, cost: 0, rate: 0, done: 0, since: 0, phase: "", reals: null });
    this.clock = new MessageChannel();
    this.clock.port1.onmessage = () => this.turn();
    this.due = false;
  }

  hear(message) {
    const { kind } = message;
    if (kind === "set") this.set(message);
    else if (kind === "play") this.play(message.on, message.speed);
    else if (kind === "act") this.act(message.what);
    else if (kind === "seek") this.seek(message.index);
    else if (kind === "show") this.layers = message.layers;
    else if (kind === "film") return this.film(message.most);
    else if (kind === "seen") this.waiting = false;
    if (kind !== "seen") this.wanted = true;
    this.next();
  }

  set({ games, points, anew }) {
    this.reals = null;
    if (anew || games.length !== this.games.length) {
      this.games = games.map((settings) => new Game(settings, points));
      Object.assign(this, { moments: [], at: -1, every: EVERY, version: this.version + 1, sent: 0, phase: "" });
      this.counted = { rounds: 0, time: performance.now() };
      this.keep();
      return;
    }
    const fresh = games.map((settings, k) => this.games[k].change(settings, points));
    // Weights of other sizes cannot be gone back to; what was measured stays.
    if (fresh.some(Boolean)) for (const moment of this.moments) moment.kept = null;
  }

  play(on, speed) {
    Object.assign(this, { playing: on, speed, done: 0, since: performance.now(), phase: "" });
    this.counted = { rounds: this.games[0].rounds, time: performance.now() };
  }

  get rounds() {
    return this.games[0].rounds;
  }

  round() {
    for (const game of this.games) game.round();
    if (this.rounds % this.every === 0) this.keep();
    if (this.games.some((game) => game.broken)) this.playing = false;
  }

  /* A part of a round: everything of it, one player's move, or a phase of the slow motion. */
  act(what) {
    this.phase = what;
    this.playing = false;
    if (what === "round") {
      for (const game of this.games) game.round();
    } else if (what === "d" || what === "learn_d") {
      for (const game of this.games) {
        for (let i = 0; i < (what === "d" ? 1 : game.settings.d_steps); i++) game.discriminatorStep();
      }
    } else if (what === "g" || what === "learn_g") {
      for (const game of this.games) {
        for (let i = 0; i < (what === "g" ? 1 : game.settings.g_steps); i++) game.generatorStep();
        game.rounds++;
      }
    } else {
      return;
    }
    this.keep();
  }

  keep() {
    if (this.at < this.moments.length - 1) {  // went back: what came after is another story
      this.moments.length = this.at + 1;
      this.version++;
    }
    const bytes = this.games.reduce((sum, game) => sum + game.bytes, 0);
    const stride = 2 ** Math.max(0, Math.ceil(Math.log2(MOMENTS * bytes / MEMORY)));
    const kept = this.moments.length % stride === 0 ? this.games.map((game) => game.kept()) : null;
    this.moments.push({ round: this.rounds, logs: this.games.map((game) => game.measured()), kept });
    if (this.moments.length > MOMENTS) {
      this.moments = this.moments.filter((_, i) => i % 2 === 0);
      this.every *= 2;
      this.version++;
    }
    this.at = this.moments.length - 1;
  }

  seek(index) {
    this.playing = false;
    this.phase = "";
    let place = Math.min(Math.max(index, 0), this.moments.length - 1);
    while (place > 0 && !this.moments[place].kept) place--;
    const { kept } = this.moments[place];
    if (!kept) return;
    this.games.forEach((game, k) => game.restore(kept[k]));
    this.at = place;
  }

  next() {
    if (this.due || !this.games.length || !(this.playing || this.wanted)) return;
    this.due = true;
    const early = this.playing ? 0 : this.shown + FRAME - performance.now();
    if (this.waiting && !this.playing) this.due = false;  // hears "seen" first
    else if (early > 1) setTimeout(() => this.turn(), early);
    else this.clock.port2.postMessage(0);
  }

  turn() {
    this.due = false;
    const apart = Math.max(FRAME, 3 * this.cost);  // the picture takes a quarter of the time at most
    if (this.playing) {
      // A slice ends where the next frame is due: else each would come up to a slice late, and 25 a second were left of 30.
      const end = Math.min(performance.now() + SLICE, Math.max(this.shown + apart, performance.now() + 2));
      const most = this.speed ? Math.floor((performance.now() - this.since) / 1000 * this.speed) : Infinity;
      while (this.playing && this.done < most && performance.now() < end) {
        this.round();
        this.done++;
        this.wanted = true;
      }
      if (this.speed && this.done < most) {  // cannot keep up: does not hurry later
        this.done = 0;
        this.since = performance.now();
      }
    }
    const now = performance.now();
    if (this.wanted && !this.waiting && (now - this.shown >= apart || !this.playing)) this.frame(now);
    if (this.playing && this.speed) {  // there is time until the next round
      this.due = true;
      setTimeout(() => this.turn(), 4);
    } else {
      this.next();
    }
  }

  frame(now) {
    Object.assign(this, { wanted: false, waiting: true, shown: now });
    if (this.playing && this.counted && now - this.counted.time > 400) {
      this.rate = 1000 * (this.rounds - this.counted.rounds) / (now - this.counted.time);
      this.counted = { rounds: this.rounds, time: now };
    }
    const pictures = this.games.map((game) => this.picture(game));
    if (this.told !== this.version) {
      this.told = this.version;
      this.sent = 0;
    }
    const entries = this.moments.slice(this.sent).map(({ round, logs }) => ({ round, logs }));
    const message = { kind: "frame", pictures, round: this.rounds, at: this.at, from: this.sent, entries, phase: this.phase,
      playing: this.playing, rate: this.playing ? this.rate : 0, broken: this.games.map((game) => game.broken) };
    this.sent = this.moments.length;
    if (!this.reals) {
      this.reals = true;
      message.reals = Float32Array.from(this.games[0].reference.samples.subarray(0, 2 * SAMPLES));
      message.floor = this.games[0].reference.floor;
    }
    this.tell(message);
    this.cost = performance.now() - now;
  }

  picture(game) {
    const has = (layer) => this.layers.includes(layer), side = game.discriminator.theta.length > 8000 ? 28 : 44;
    return { generated: Float32Array.from(game.samples(SAMPLES)), heat: has("heat") ? game.heat(side) : null, side,
      manifold: has("manifold") ? game.manifold(NET) : null, net: game.settings.latent === 1 ? 0 : NET,
      arrows: has("arrows") ? game.arrows(ARROWS) : null, scale: GAMES[game.settings.game].scale,
      told: { round: game.rounds, ...game.told } };
  }

  /* Pictures of moments from the first to the one that is looked at, for a film. */
  film(most) {
    const usable = this.moments.slice(0, this.at + 1).filter(({ kept }) => kept);
    const now = this.games.map((game) => game.kept()), frames = [];
    const chosen = new Set(Array.from({ length: Math.min(most, usable.length) }, (_, i, all) =>
      Math.round(i / Math.max(1, Math.min(most, usable.length) - 1) * (usable.length - 1))));
    for (const place of chosen) {
      this.games.forEach((game, k) => game.restore(usable[place].kept[k]));
      frames.push({ round: usable[place].round, pictures: this.games.map((game) => this.picture(game)) });
    }
    this.games.forEach((game, k) => game.restore(now[k]));
    this.tell({ kind: "film", frames });
  }
}

if (typeof WorkerGlobalScope !== "undefined") {
  const laboratory = new Laboratory((message) => postMessage(message));
  onmessage = ({ data }) => laboratory.hear(data);
}
