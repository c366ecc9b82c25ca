/* The numerics of the laboratory: two fully connected networks with leaky ReLU, their games, and what is measured of them.

   Nothing here knows of a page. All numbers are float64 in flat arrays, row by row; a step allocates nothing. What decides
   the speed is that sums stay in registers: see `products`, and docs/laboratory.md for what other loops cost. Float64 is
   what V8 computes in anyway, and leaves little room for denormal numbers, which cost some processors a hundred times as
   much: in float32 the moments of Adam of a unit that gets no gradient fall among them within some hundred steps. */
"use strict";

const SLOPE = 0.2;  // of leaky ReLU below 0, as in gan_core/models/networks/mlp.py
const TINY = 1e-200;  // what is smaller is 0: (x + TINY) - TINY
const BINS = 24;  // of a side of the histograms for the Jensen-Shannon divergence
const EXTENT = 1.6;  // what is seen of the plane, in both directions from 0
const REFERENCE = 4000;  // real samples that generated ones are compared with
const LOOKED_AT = 1000;  // generated samples that are measured
const DIRECTIONS = 8;  // of the sliced Wasserstein distance
const FOUND = 0.1;  // of its fair share that a mode must get, in samples within three standard deviations

/* Random numbers from a seed: xoshiro128** (Blackman and Vigna 2018), normal ones by Marsaglia's polar method. */
class Chance {
  constructor(seed, stream = 0) {
    this.state = new Uint32Array(4);
    this.spare = NaN;
    let x = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) >>> 0;
    for (let i = 0; i < 4; i++) {  // splitmix32
      x = (x + 0x9e3779b9) >>> 0;
      let z = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.state[i] = z ^ (z >>> 16);
    }
  }

  bits() {
    const s = this.state, times5 = Math.imul(s[1], 5);
    const out = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0, t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return out;
  }

  uniform() {
    return (this.bits() + 0.5) / 4294967296;
  }

  below(n) {
    return Math.floor(this.uniform() * n);
  }

  normal() {
    const kept = this.spare;
    if (kept === kept) {
      this.spare = NaN;
      return kept;
    }
    let u, v, square;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt(-2 * Math.log(square) / square);
    this.spare = v * factor;
    return u * factor;
  }

  kept() {
    return { state: this.state.slice(), spare: this.spare };
  }

  restore({ state, spare }) {
    this.state.set(state);
    this.spare = spare;
  }
}

/* C (n, out) = leaky(A (n, inner) W (out, inner)^T + b); slope 1 leaves it linear. Eight sums at a time: each number that
   is loaded is used more than once. */
function affine(A, W, b, C, n, out, inner, slope) {
  let r = 0;
  for (; r + 3 < n; r += 4) {
    const a0 = r * inner, a1 = a0 + inner, a2 = a1 + inner, a3 = a2 + inner;
    let o = 0;
    for (; o + 1 < out; o += 2) {
      const p = o * inner, q = p + inner, first = b[o], second = b[o + 1];
      let s00 = first, s10 = first, s20 = first, s30 = first, s01 = second, s11 = second, s21 = second, s31 = second;
      for (let k = 0; k < inner; k++) {
        const w0 = W[p + k], w1 = W[q + k], x0 = A[a0 + k], x1 = A[a1 + k], x2 = A[a2 + k], x3 = A[a3 + k];
        s00 += x0 * w0;
        s01 += x0 * w1;
        s10 += x1 * w0;
        s11 += x1 * w1;
        s20 += x2 * w0;
        s21 += x2 * w1;
        s30 += x3 * w0;
        s31 += x3 * w1;
      }
      let c = r * out + o;
      C[c] = s00 > 0 ? s00 : slope * s00;
      C[c + 1] = s01 > 0 ? s01 : slope * s01;
      c += out;
      C[c] = s10 > 0 ? s10 : slope * s10;
      C[c + 1] = s11 > 0 ? s11 : slope * s11;
      c += out;
      C[c] = s20 > 0 ? s20 : slope * s20;
      C[c + 1] = s21 > 0 ? s21 : slope * s21;
      c += out;
      C[c] = s30 > 0 ? s30 : slope * s30;
      C[c + 1] = s31 > 0 ? s31 : slope * s31;
    }
    if (o < out) {
      const p = o * inner;
      let s0 = b[o], s1 = s0, s2 = s0, s3 = s0;
      for (let k = 0; k < inner; k++) {
        const w = W[p + k];
        s0 += A[a0 + k] * w;
        s1 += A[a1 + k] * w;
        s2 += A[a2 + k] * w;
        s3 += A[a3 + k] * w;
      }
      let c = r * out + o;
      C[c] = s0 > 0 ? s0 : slope * s0;
      C[c += out] = s1 > 0 ? s1 : slope * s1;
      C[c += out] = s2 > 0 ? s2 : slope * s2;
      C[c += out] = s3 > 0 ? s3 : slope * s3;
    }
  }
  for (; r < n; r++) {
    for (let o = 0; o < out; o++) {
      const a = r * inner, p = o * inner;
      let sum = b[o];
      for (let k = 0; k < inner; k++) sum += A[a + k] * W[p + k];
      C[r * out + o] = sum > 0 ? sum : slope * sum;
    }
  }
}

/* C (R, S) = A (R, K) B (S, K)^T, or that added to C. */
function products(A, B, C, R, S, K, add) {
  let r = 0;
  for (; r + 3 < R; r += 4) {
    const a0 = r * K, a1 = a0 + K, a2 = a1 + K, a3 = a2 + K;
    let s = 0;
    for (; s + 1 < S; s += 2) {
      const p = s * K, q = p + K;
      let s00 = 0, s10 = 0, s20 = 0, s30 = 0, s01 = 0, s11 = 0, s21 = 0, s31 = 0;
      for (let k = 0; k < K; k++) {
        const w0 = B[p + k], w1 = B[q + k], x0 = A[a0 + k], x1 = A[a1 + k], x2 = A[a2 + k], x3 = A[a3 + k];
        s00 += x0 * w0;
        s01 += x0 * w1;
        s10 += x1 * w0;
        s11 += x1 * w1;
        s20 += x2 * w0;
        s21 += x2 * w1;
        s30 += x3 * w0;
        s31 += x3 * w1;
      }
      const c0 = r * S + s, c1 = c0 + S, c2 = c1 + S, c3 = c2 + S;
      if (add) {
        C[c0] += s00;
        C[c0 + 1] += s01;
        C[c1] += s10;
        C[c1 + 1] += s11;
        C[c2] += s20;
        C[c2 + 1] += s21;
        C[c3] += s30;
        C[c3 + 1] += s31;
      } else {
        C[c0] = s00;
        C[c0 + 1] = s01;
        C[c1] = s10;
        C[c1 + 1] = s11;
        C[c2] = s20;
        C[c2 + 1] = s21;
        C[c3] = s30;
        C[c3 + 1] = s31;
      }
    }
    for (; s < S; s++) {
      for (let i = r; i < r + 4; i++) C[i * S + s] = dot(A, i * K, B, s * K, K) + (add ? C[i * S + s] : 0);
    }
  }
  for (; r < R; r++) {
    for (let s = 0; s < S; s++) C[r * S + s] = dot(A, r * K, B, s * K, K) + (add ? C[r * S + s] : 0);
  }
}

function dot(A, a, B, b, n) {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += A[a + k] * B[b + k];
  return sum;
}

/* T (columns, rows) of A (rows, columns). */
function transpose(A, T, rows, columns) {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, i++) T[c * rows + r] = A[i];
  }
}

/* A fully connected network: `sizes` are inputs, hidden units and outputs. Weights begin as Keras's Dense has them (Glorot
   2010), biases at 0. `theta` holds all of them, `grad` what is to be added up for them.

   waves: how many sines and cosines of each input x the first layer sees beside x, sin(2^k pi x) / 2^k and so on (Fourier
   features, Tancik 2020): without them a network learns what varies slowly long before it learns what varies fast. */
class Network {
  constructor(inputs, chance, waves = 0) {
    const sizes = [inputs[0] * (1 + 2 * waves), ...inputs.slice(1)];
    Object.assign(this, { sizes, waves, inputs: inputs[0] });
    let count = 0;
    for (let l = 1; l < sizes.length; l++) count += (sizes[l - 1] + 1) * sizes[l];
    this.theta = new Float64Array(count);
    this.grad = new Float64Array(count);
    this.first = new Float64Array(count);  // Adam's moments
    this.second = new Float64Array(count);
    this.updates = 0;
    this.layers = [];
    let at = 0;
    for (let l = 1; l < sizes.length; l++) {
      const inner = sizes[l - 1], out = sizes[l], split = at + inner * out, end = split + out;
      const bound = Math.sqrt(6 / (inner + out));
      for (let i = at; i < split; i++) this.theta[i] = bound * (2 * chance.uniform() - 1);
      this.layers.push({
        inner, out, slope: l === sizes.length - 1 ? 1 : SLOPE,
        W: this.theta.subarray(at, split), b: this.theta.subarray(split, end),
        dW: this.grad.subarray(at, split), db: this.grad.subarray(split, end), turned: new Float64Array(inner * out) });
      at = end;
    }
    this.rows = 0;
    this.turn();
  }

  /* Room for n rows. */
  reserve(n) {
    if (n <= this.rows) return;
    this.rows = n;
    const widest = Math.max(...this.sizes);
    for (const layer of this.layers) {
      layer.y = new Float64Array(n * layer.out);
      layer.delta = new Float64Array(n * layer.out);
      layer.tangent = new Float64Array(n * layer.out);
    }
    this.dx = new Float64Array(n * this.inputs);
    if (this.waves) for (const name of ["seen", "slopes", "dSeen"]) this[name] = new Float64Array(n * this.sizes[0]);
    this.scratch = new Float64Array(n * widest);
    this.other = new Float64Array(n * widest);
  }

  /* After its weights have changed. */
  turn() {
    for (const { W, turned, out, inner } of this.layers) transpose(W, turned, out, inner);
  }

  get output() {
    return this.layers[this.layers.length - 1].y;
  }

  /* What goes back from the outputs, (n, out): to be filled before `backward`. */
  get outputDelta() {
    return this.layers[this.layers.length - 1].delta;
  }

  forward(x, n) {
    this.reserve(n);
    if (this.waves) x = this.look(x, n);
    this.x = x;
    for (const layer of this.layers) {
      affine(x, layer.W, layer.b, layer.y, n, layer.out, layer.inner, layer.slope);
      x = layer.y;
    }
    return x;
  }

  /* What the first layer sees of x, and how steep that is in x. */
  look(x, n) {
    const { waves, seen, slopes } = this;
    for (let i = 0, at = 0; i < n * this.inputs; i++) {
      seen[at] = x[i];
      slopes[at++] = 1;
      for (let k = 0, scale = 1; k < waves; k++, scale *= 2) {
        const sine = Math.sin(Math.PI * scale * x[i]), cosine = Math.cos(Math.PI * scale * x[i]);
        seen[at] = sine / scale;
        slopes[at++] = Math.PI * cosine;
        seen[at] = cosine / scale;
        slopes[at++] = -Math.PI * sine;
      }
    }
    return seen;
  }

  /* From `outputDelta` to what each layer gets, to `grad` where `weights`, and to `dx` where `inputs`. */
  backward(n, weights, inputs) {
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const layer = this.layers[l], below = l ? this.layers[l - 1] : null;
      if (weights) this.addOuter(layer, below ? below.y : this.x, n, true);
      if (below) {
        products(layer.delta, layer.turned, below.delta, n, layer.inner, layer.out, false);
        const { y, delta } = below;
        for (let i = 0, end = n * layer.inner; i < end; i++) if (y[i] <= 0) delta[i] *= SLOPE;
      } else if (inputs) {
        products(layer.delta, layer.turned, this.waves ? this.dSeen : this.dx, n, layer.inner, layer.out, false);
        if (this.waves) {
          const { dx, dSeen, slopes } = this, own = 1 + 2 * this.waves;
          for (let i = 0; i < n * this.inputs; i++) dx[i] = dot(dSeen, i * own, slopes, i * own, own);
        }
      }
    }
  }

  /* dW += delta^T x over n rows, and with `bias` db += the sum of delta. */
  addOuter(layer, x, n, bias) {
    transpose(layer.delta, this.scratch, n, layer.out);
    transpose(x, this.other, n, layer.inner);
    products(this.scratch, this.other, layer.dW, layer.out, layer.inner, n, true);
    if (!bias) return;
    for (let o = 0; o < layer.out; o++) {
      let sum = 0;
      for (let r = o * n, end = r + n; r < end; r++) sum += this.scratch[r];
      layer.db[o] += sum;
    }
  }

  /* Adds to `grad` that of weight * mean_n P(|dD/dx_n|) at x (n, d), and returns the mean of P.

     Between its kinks the network is linear, and g = dD/dx = W1' M1 W2' M2 ... is linear in each of its weights. So with u
     = dP/dg, <u, g> is what u becomes on the way forward through the same linear maps, t_l = M_l W_l t_(l-1), and its
     gradient in W_l is delta_l t_(l-1)', where delta are the ones that made g. Biases have none.

     target: of the norm (WGAN-GP: 1); null for the square of the norm (R1, R2). */
  penalise(x, n, weight, target) {
    this.forward(x, n);
    this.outputDelta.fill(1, 0, n);
    this.backward(n, false, true);
    const { dx } = this, width = this.inputs;
    let total = 0;
    for (let r = 0; r < n; r++) {
      let square = 0;
      for (let i = r * width, end = i + width; i < end; i++) square += dx[i] * dx[i];
      const norm = Math.sqrt(square + 1e-12);  // Keras's side has the same: gan_core/models/losses.py
      total += target === null ? square : (norm - target) * (norm - target);
      const factor = weight / n * (target === null ? 2 : 2 * (norm - target) / norm);
      for (let i = r * width, end = i + width; i < end; i++) dx[i] *= factor;
    }
    let tangent = dx;
    if (this.waves) {
      const { dSeen, slopes } = this, own = 1 + 2 * this.waves;
      for (let i = 0; i < n * this.sizes[0]; i++) dSeen[i] = dx[Math.floor(i / own)] * slopes[i];
      tangent = dSeen;
    }
    for (let l = 0; l < this.layers.length; l++) {
      const layer = this.layers[l];
      this.addOuter(layer, tangent, n, false);
      if (l === this.layers.length - 1) break;
      products(tangent, layer.W, layer.tangent, n, layer.out, layer.inner, false);
      tangent = layer.tangent;
      for (let i = 0, end = n * layer.out; i < end; i++) if (layer.y[i] <= 0) tangent[i] *= SLOPE;
    }
    return total / n;
  }

  /* A step against `grad`, which is 0 afterwards. */
  update({ optimiser, beta_1, beta_2 }, rate) {
    const { theta, grad, first, second } = this, count = theta.length;
    this.updates++;
    if (optimiser === "sgd") {
      for (let i = 0; i < count; i++) theta[i] -= rate * grad[i];
    } else {
      const step = rate * Math.sqrt(1 - beta_2 ** this.updates) / (1 - beta_1 ** this.updates);
      for (let i = 0; i < count; i++) {
        const g = grad[i], m = first[i] = beta_1 * first[i] + (1 - beta_1) * g + TINY - TINY;
        const v = second[i] = beta_2 * second[i] + (1 - beta_2) * g * g + TINY - TINY;
        theta[i] -= step * m / (Math.sqrt(v) + 1e-7);
      }
    }
    grad.fill(0);
    this.turn();
  }

  clip(bound) {
    const { theta } = this;
    for (let i = 0; i < theta.length; i++) theta[i] = Math.min(Math.max(theta[i], -bound), bound);
    this.turn();
  }

  kept() {
    return { theta: this.theta.slice(), first: this.first.slice(), second: this.second.slice(), updates: this.updates };
  }

  restore({ theta, first, second, updates }) {
    this.theta.set(theta);
    this.first.set(first);
    this.second.set(second);
    this.updates = updates;
    this.turn();
  }
}

const sigmoid = (a) => a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a));
const softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

/* Both sides of a game, from logits: a loss, and its derivatives by the logits of real (r) and of generated (f) samples.
   The same as gan_core/models/losses.py has them. */
const cross_entropy = { d: (r, f) => softplus(-r) + softplus(f), d_r: (r) => -sigmoid(-r), d_f: (r, f) => sigmoid(f) };
const LOSSES = {
  "minimax": { ...cross_entropy, g: (r, f) => -softplus(f), g_f: (r, f) => -sigmoid(f) },
  "non-saturating": { ...cross_entropy, g: (r, f) => softplus(-f), g_f: (r, f) => -sigmoid(-f) },
  "least-squares": {
    d: (r, f) => 0.5 * ((r - 1) * (r - 1) + f * f), d_r: (r) => r - 1, d_f: (r, f) => f,
    g: (r, f) => 0.5 * (f - 1) * (f - 1), g_f: (r, f) => f - 1 },
  "wasserstein": { d: (r, f) => f - r, d_r: () => -1, d_f: () => 1, g: (r, f) => -f, g_f: () => -1 },
  "relativistic": {
    d: (r, f) => softplus(f - r), d_r: (r, f) => -sigmoid(f - r), d_f: (r, f) => sigmoid(f - r),
    g: (r, f) => softplus(r - f), g_f: (r, f) => -sigmoid(r - f), pairs: true },
};
/* What a game is made of; `scale` is how its logits are read: odds, a target between 0 and 1, or a critic's without a
   scale. */
const GAMES = {
  minimax: { loss: "minimax", scale: "odds" },
  non_saturating: { loss: "non-saturating", scale: "odds" },
  least_squares: { loss: "least-squares", scale: "target" },
  wgan: { loss: "wasserstein", scale: "critic", clips: true },
  wgan_gp: { loss: "wasserstein", scale: "critic", penalises: true },
  r1: { loss: "non-saturating", scale: "odds" },
  relativistic: { loss: "relativistic", scale: "critic" },
};

/* Real samples. `draw(chance, place, at)` puts one at place[at], place[at + 1]; `modes` are centres of equally likely
   Gaussians; sigma is how far samples stray. */
const mixture = (centres, sigma) => ({
  modes: centres, sigma,
  draw(chance, place, at) {
    const [x, y] = centres[chance.below(centres.length)];
    place[at] = x + sigma * chance.normal();
    place[at + 1] = y + sigma * chance.normal();
  },
});
const along = (sigma, curve) => ({
  modes: null, sigma,
  draw(chance, place, at) {
    const [x, y] = curve(chance);
    place[at] = x + sigma * chance.normal();
    place[at + 1] = y + sigma * chance.normal();
  },
});
const TICKS = [-1, -0.5, 0, 0.5, 1];
const DATA = {
  ring: () => mixture(Array.from({ length: 8 }, (_, k) => [Math.cos(k * Math.PI / 4), Math.sin(k * Math.PI / 4)]), 0.05),
  grid: () => mixture(TICKS.flatMap((x) => TICKS.map((y) => [x, y])), 0.04),
  lines: () => along(0.03, (chance) => {
    const line = chance.below(3) - 1, t = 2 * chance.uniform() - 1;
    return [0.9 * t, 0.7 * line + 0.25 * t];
  }),
  moons: () => along(0.05, (chance) => {
    const side = chance.below(2) ? 1 : -1, angle = Math.PI * chance.uniform();
    return [side * (Math.cos(angle) - 0.5), side * (Math.sin(angle) - 0.25)];
  }),
  spiral: () => along(0.03, (chance) => {
    const angle = 1.5 * Math.PI * (1 + 2 * chance.uniform()), radius = angle / (4.5 * Math.PI) * 1.2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }),
  clouds: () => mixture([[-1.1, 1], [1.1, 1]], 0.12),
  cloud: () => mixture([[0.8, 0.6]], 0.12),
  drawn: (points) => mixture(points && points.length ? points : [[0, 0]], 0.04),
};

function dataset(name, points) {
  const made = DATA[name](points);
  return name === "drawn" ? { ...made, modes: null } : made;
}

/* What generated samples are compared with: a histogram of real ones, and what other real ones score. */
class Reference {
  constructor(data) {
    this.data = data;
    const chance = new Chance(20140610, 7);
    const draw = (n) => {
      const made = new Float64Array(2 * n);
      for (let i = 0; i < n; i++) data.draw(chance, made, 2 * i);
      return made;
    };
    this.samples = draw(REFERENCE);
    this.histogram = histogram(this.samples);
    this.sorted = Array.from({ length: DIRECTIONS }, (_, k) => projected(this.samples, k));
    const others = draw(LOOKED_AT);
    this.floor = { js: jensenShannon(histogram(others), this.histogram), distance: this.distance(others) };
  }

  /* Everything that is told of samples (n, 2). */
  measured(samples) {
    const n = samples.length / 2, { modes, sigma } = this.data;
    let near = 0, found = null;
    const most = 9 * sigma * sigma;
    if (modes) {
      const counts = new Float64Array(modes.length);
      for (let i = 0; i < n; i++) {
        let nearest = 0, least = Infinity;
        for (let k = 0; k < modes.length; k++) {
          const x = samples[2 * i] - modes[k][0], y = samples[2 * i + 1] - modes[k][1], square = x * x + y * y;
          if (square < least) {
            least = square;
            nearest = k;
          }
        }
        if (least <= most) {
          near++;
          counts[nearest]++;
        }
      }
      found = counts.reduce((sum, count) => sum + (count >= FOUND * n / modes.length), 0);
    } else {
      // Of what has no centres a sample is good that lies as near to a real one; a quarter of them suffices to tell.
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < REFERENCE / 4; k++) {
          const x = samples[2 * i] - this.samples[2 * k], y = samples[2 * i + 1] - this.samples[2 * k + 1];
          if (x * x + y * y <= most) {
            near++;
            break;
          }
        }
      }
    }
    return { found, modes: modes ? modes.length : null, quality: near / n,
      js: jensenShannon(histogram(samples), this.histogram), distance: this.distance(samples) };
  }

  /* The sliced Wasserstein-1 distance: of what both look like from some sides, in the mean. */
  distance(samples) {
    const n = samples.length / 2;
    let total = 0;
    for (let k = 0; k < DIRECTIONS; k++) {
      const mine = projected(samples, k), real = this.sorted[k];
      for (let i = 0; i < n; i++) total += Math.abs(mine[i] - real[Math.floor((i + 0.5) / n * REFERENCE)]);
    }
    return total / n / DIRECTIONS;
  }
}

function projected(samples, direction) {
  const angle = Math.PI * direction / DIRECTIONS, x = Math.cos(angle), y = Math.sin(angle);
  const made = new Float64Array(samples.length / 2);
  for (let i = 0; i < made.length; i++) made[i] = samples[2 * i] * x + samples[2 * i + 1] * y;
  return made.sort();
}

/* The share of samples in each cell; what lies outside counts for the cell at the edge. */
function histogram(samples) {
  const shares = new Float64Array(BINS * BINS), n = samples.length / 2;
  const cell = (value) => Math.min(Math.max(Math.floor((value + EXTENT) / (2 * EXTENT) * BINS), 0), BINS - 1) || 0;
  for (let i = 0; i < n; i++) shares[cell(samples[2 * i + 1]) * BINS + cell(samples[2 * i])] += 1 / n;
  return shares;
}

/* In bits: 0 of equal ones, 1 of such as have nothing in common. */
function jensenShannon(p, q) {
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const middle = (p[i] + q[i]) / 2;
    if (p[i] > 0) sum += p[i] * Math.log2(p[i] / middle) / 2;
    if (q[i] > 0) sum += q[i] * Math.log2(q[i] / middle) / 2;
  }
  return Math.max(sum, 0);
}

/* Latents: normal ones, or uniform between -1 and 1. */
function drawLatents(chance, place, count, noise) {
  if (noise === "uniform") for (let i = 0; i < count; i++) place[i] = 2 * chance.uniform() - 1;
  else for (let i = 0; i < count; i++) place[i] = chance.normal();
}

/* Two networks and the rules that they play by: `settings` are the values of the knobs, see knobs.js. */
class Game {
  constructor(settings, points) {
    this.settings = settings;
    this.points = points;
    this.rounds = 0;
    this.told = { d_loss: NaN, g_loss: NaN, real: NaN, fake: NaN, penalty: NaN, gradient: NaN };
    this.chance = new Chance(settings.seed, 1);
    this.learn(settings.data);
    this.build(true, true);
  }

  learn(name) {
    this.data = dataset(name, this.points);
    this.reference = new Reference(this.data);
  }

  /* New networks, of the same seed as the first ones. */
  build(generator, discriminator) {
    const s = this.settings;
    if (generator) {
      this.generator = new Network([s.latent, ...Array(s.g_depth).fill(s.g_width), 2], new Chance(s.seed, 2));
    }
    if (discriminator) {
      this.discriminator = new Network([2 * s.packing, ...Array(s.d_depth).fill(s.d_width), 1],
        new Chance(s.seed, 3), s.waves);
    }
    this.looks = null;
    this.reserve();
  }

  reserve() {
    const s = this.settings, packs = Math.max(1, Math.floor(s.batch / s.packing)), n = packs * s.packing;
    this.n = n;
    this.packs = packs;
    this.latents = new Float64Array(n * s.latent);
    this.shown = new Float64Array(4 * n);  // real samples, and generated ones behind them
    this.between = new Float64Array(2 * n);
    this.saved = new Float64Array(2 * packs);  // logits, of real samples first
  }

  /* Other values of knobs, while it goes on.  Returns whether networks began anew. */
  change(settings, points) {
    const before = this.settings, differs = (...names) => names.some((name) => settings[name] !== before[name]);
    this.settings = settings;
    if (differs("data") || points !== this.points && settings.data === "drawn") {
      this.points = points;
      this.learn(settings.data);
    }
    const generator = differs("latent", "g_depth", "g_width", "seed");
    const discriminator = differs("packing", "waves", "d_depth", "d_width", "seed");
    if (generator || discriminator) this.build(generator, discriminator);
    else if (differs("batch")) this.reserve();
    if (differs("noise")) this.looks = null;
    return generator || discriminator;
  }

  drawReal() {
    for (let i = 0; i < this.n; i++) this.data.draw(this.chance, this.shown, 2 * i);
  }

  drawFake() {
    drawLatents(this.chance, this.latents, this.latents.length, this.settings.noise);
    const made = this.generator.forward(this.latents, this.n), { shown, n } = this;
    for (let i = 0; i < 2 * n; i++) shown[2 * n + i] = made[i];
  }

  addNoise(from, to) {
    const sigma = this.settings.instance_noise;
    if (sigma) for (let i = from; i < to; i++) this.shown[i] += sigma * this.chance.normal();
  }

  /* One update of the discriminator, on fresh samples. */
  discriminatorStep() {
    const { settings: s, n } = this;
    this.drawReal();
    this.drawFake();
    this.addNoise(0, 4 * n);
    this.discriminatorGradient();
    this.discriminator.update(s, s.d_rate);
    if (GAMES[s.game].clips) this.discriminator.clip(s.clip);
  }

  /* What the discriminator's loss and its penalties, at the samples that are shown, add to its gradient. */
  discriminatorGradient(alpha = null) {
    const { settings: s, discriminator: D, packs, n, shown, told } = this, game = GAMES[s.game], loss = LOSSES[game.loss];
    const logits = D.forward(shown, 2 * packs), delta = D.outputDelta;
    let total = 0, real = 0, fake = 0;
    for (let i = 0; i < packs; i++) {
      const r = logits[i], f = logits[packs + i];
      total += loss.d(r, f);
      real += r;
      fake += f;
      delta[i] = loss.d_r(r, f) / packs;
      delta[packs + i] = loss.d_f(r, f) / packs;
    }
    D.backward(2 * packs, true, false);
    Object.assign(told, { d_loss: total / packs, real: real / packs, fake: fake / packs, penalty: 0 });
    if (game.penalises && s.penalty) {
      const width = 2 * s.packing;
      for (let p = 0; p < packs; p++) {
        const share = alpha ? alpha[p] : this.chance.uniform();
        for (let i = p * width; i < (p + 1) * width; i++) {
          this.between[i] = share * shown[i] + (1 - share) * shown[2 * n + i];
        }
      }
      told.penalty = D.penalise(this.between, packs, s.penalty, 1);
    }
    if (s.r1) told.penalty += D.penalise(shown, packs, 0.5 * s.r1, null);
    if (s.r2) {
      for (let i = 0; i < 2 * n; i++) this.between[i] = shown[2 * n + i];
      told.penalty += D.penalise(this.between, packs, 0.5 * s.r2, null);
    }
  }

  /* One update of the generator, on fresh samples. */
  generatorStep() {
    const { settings: s, n } = this, pairs = LOSSES[GAMES[s.game].loss].pairs;
    if (pairs) {
      this.drawReal();
      this.addNoise(0, 2 * n);
    }
    this.drawFake();
    this.addNoise(2 * n, 4 * n);
    this.generatorGradient();
    this.generator.update(s, s.g_rate);
  }

  /* The same for the generator, whose activations are those of the samples that are shown. */
  generatorGradient() {
    const { settings: s, discriminator: D, generator: G, packs, n, shown, saved, told } = this;
    const loss = LOSSES[GAMES[s.game].loss];
    if (loss.pairs) {
      const real = D.forward(shown, packs);
      for (let i = 0; i < packs; i++) saved[i] = real[i];
    }
    for (let i = 0; i < 2 * n; i++) this.between[i] = shown[2 * n + i];
    const logits = D.forward(this.between, packs), delta = D.outputDelta;
    let total = 0, squares = 0;
    for (let i = 0; i < packs; i++) {
      total += loss.g(saved[i], logits[i]);
      delta[i] = loss.g_f(saved[i], logits[i]) / packs;
    }
    D.backward(packs, false, true);
    const back = G.outputDelta;
    for (let i = 0; i < 2 * n; i++) back[i] = D.dx[i];
    for (let i = 0; i < n; i++) squares += Math.hypot(back[2 * i], back[2 * i + 1]);
    G.backward(n, true, false);
    told.g_loss = total / packs;
    told.gradient = squares;  // the mean over samples of how much each would move: the loss is a mean, too
  }

  round() {
    const { d_steps, g_steps } = this.settings;
    for (let i = 0; i < d_steps; i++) this.discriminatorStep();
    for (let i = 0; i < g_steps; i++) this.generatorStep();
    this.rounds++;
  }

  /* What is looked at: the same latents all along, so that samples move and do not flicker. */
  look() {
    if (!this.looks) {
      const { latent, noise, seed } = this.settings;
      this.looks = new Float64Array(LOOKED_AT * latent);
      drawLatents(new Chance(seed, 5), this.looks, this.looks.length, noise);
    }
    return this.looks;
  }

  /* Generated samples (n, 2). */
  samples(n = LOOKED_AT) {
    return this.generator.forward(this.look(), n).slice(0, 2 * n);
  }

  measured() {
    const samples = this.samples(), { told } = this;
    return { round: this.rounds, ...told, estimate: told.real - told.fake, ...this.reference.measured(samples) };
  }

  /* Logits at (n, 2) points; where several are judged at once, of a pack of the same one. */
  judged(points) {
    const { packing } = this.settings, n = points.length / 2;
    let given = points;
    if (packing > 1) {
      given = new Float64Array(points.length * packing);
      for (let i = 0; i < n; i++) {
        for (let p = 0; p < packing; p++) given.set(points.subarray(2 * i, 2 * i + 2), 2 * (i * packing + p));
      }
    }
    return this.discriminator.forward(given, n).slice(0, n);
  }

  /* Logits on side x side points of what is seen, rows from above. */
  heat(side) {
    const points = new Float64Array(2 * side * side), at = (i) => EXTENT * (2 * (i + 0.5) / side - 1);
    for (let y = 0, i = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        points[i++] = at(x);
        points[i++] = -at(y);
      }
    }
    return Float32Array.from(this.judged(points));
  }

  /* Where a net of latents goes, (side * side, 2), or (side * 4, 2) of a single latent: lines between levels that divide the
     latents evenly. */
  manifold(side) {
    const { latent, noise } = this.settings, lone = latent === 1, count = lone ? 8 * side : side * side;
    const level = (share) => noise === "uniform" ? 2 * share - 1 : normalQuantile(share);
    const given = new Float64Array(count * latent);
    for (let i = 0; i < count; i++) {
      if (lone) {
        given[i] = level((i + 0.5) / count);
      } else {
        given[i * latent] = level((i % side + 0.5) / side);
        given[i * latent + 1] = level((Math.floor(i / side) + 0.5) / side);
      }
    }
    return Float32Array.from(this.generator.forward(given, count).subarray(0, 2 * count));
  }

  /* (n, 4): some generated samples, and where the generator's loss draws each. */
  arrows(n) {
    const s = this.settings, loss = LOSSES[GAMES[s.game].loss], D = this.discriminator;
    const packs = Math.floor(n / s.packing), samples = this.samples(packs * s.packing);
    let real = 0;
    if (loss.pairs) {
      const judged = this.judged(this.reference.samples.subarray(0, 400));
      real = judged.reduce((sum, logit) => sum + logit, 0) / judged.length;
    }
    const logits = D.forward(samples, packs), delta = D.outputDelta;
    for (let i = 0; i < packs; i++) delta[i] = loss.g_f(real, logits[i]);
    D.backward(packs, false, true);
    const made = new Float32Array(2 * samples.length);
    for (let i = 0; i < samples.length / 2; i++) {
      made[4 * i] = samples[2 * i];
      made[4 * i + 1] = samples[2 * i + 1];
      made[4 * i + 2] = -D.dx[2 * i];
      made[4 * i + 3] = -D.dx[2 * i + 1];
    }
    return made;
  }

  /* All that is needed to go on from here. */
  kept() {
    return { rounds: this.rounds, told: { ...this.told }, chance: this.chance.kept(),
      generator: this.generator.kept(), discriminator: this.discriminator.kept() };
  }

  restore({ rounds, told, chance, generator, discriminator }) {
    this.rounds = rounds;
    this.told = { ...told };
    this.chance.restore(chance);
    this.generator.restore(generator);
    this.discriminator.restore(discriminator);
  }

  get bytes() {
    return 24 * (this.generator.theta.length + this.discriminator.theta.length);
  }

  get broken() {
    const { told } = this;
    return this.rounds > 0 && !(Number.isFinite(told.d_loss) && Number.isFinite(told.g_loss));
  }
}

/* Of the normal distribution (Acklam 2003), to 1e-9. */
function normalQuantile(p) {
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
  const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const polynomial = (factors, x) => factors.reduce((sum, factor) => sum * x + factor, 0);
  if (p > 0.97575) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(c, q) / (polynomial(d, q) * q + 1);
  }
  const q = p - 0.5, r = q * q;
  return polynomial(a, r) * q / (polynomial(b, r) * r + 1);
}
