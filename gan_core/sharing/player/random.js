/* The inputs of samples, drawn as NumPy draws them: the same seed gives the same samples here and in the workbench.

   SeedSequence (O'Neill's seed_seq), PCG64 (O'Neill 2014, XSL-RR) and the ziggurat (Marsaglia and Tsang 2000) with 256 layers
   in single precision. */
"use strict";

const MASK_128 = (1n << 128n) - 1n, MASK_64 = (1n << 64n) - 1n;
const MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645n;

/* The words of 32 bits of a whole number that is not negative. */
function words(number) {
  const found = [];
  let rest = BigInt(number);
  do {
    found.push(Number(rest & 0xffffffffn));
    rest >>= 32n;
  } while (rest > 0n);
  return found;
}

function hashing(start, factor) {
  let constant = start;
  return (value) => {
    let hashed = (value ^ constant) >>> 0;
    constant = Math.imul(constant, factor) >>> 0;
    hashed = Math.imul(hashed, constant) >>> 0;
    return (hashed ^ (hashed >>> 16)) >>> 0;
  };
}

/* The pool of a SeedSequence: four words. */
function pooled(entropy, spawned) {
  const all = entropy.flatMap(words);
  if (spawned.length) {
    while (all.length < 4) all.push(0);
    all.push(...spawned.flatMap(words));
  }
  const hash = hashing(0x43b0d7e5, 0x931e8875);
  const mix = (x, y) => {
    const mixed = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0;
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const pool = [0, 1, 2, 3].map((place) => hash(all[place] || 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  }
  for (let from = 4; from < all.length; from++) {
    for (let to = 0; to < 4; to++) pool[to] = mix(pool[to], hash(all[from]));
  }
  return pool;
}

/* numpy.random.default_rng(entropy), and its spawn(): as many numbers as one likes, one after the other. */
class Random {
  constructor(entropy, spawned = []) {
    Object.assign(this, { entropy, spawned });
    const pool = pooled(entropy, spawned), hash = hashing(0x8b51f9dd, 0x58f38ded);
    const halves = Array.from({ length: 8 }, (_, place) => BigInt(hash(pool[place % 4])));
    const [high, low, incrementHigh, incrementLow] = [0, 2, 4, 6].map((place) => halves[place] | (halves[place + 1] << 32n));
    this.increment = ((((incrementHigh << 64n) | incrementLow) << 1n) | 1n) & MASK_128;
    this.state = this.increment;  // a step from 0
    this.state = (this.state + ((high << 64n) | low)) & MASK_128;
    this.step();
    this.kept = null;
  }

  spawn(place) {
    return new Random(this.entropy, [...this.spawned, place]);
  }

  step() {
    this.state = (this.state * MULTIPLIER + this.increment) & MASK_128;
  }

  bits64() {
    this.step();
    const high = this.state >> 64n, folded = high ^ (this.state & MASK_64), turn = high >> 58n;
    return ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
  }

  bits32() {  // the lower half first; the upper one is kept for the next time
    if (this.kept !== null) {
      const kept = this.kept;
      this.kept = null;
      return kept;
    }
    const bits = this.bits64();
    this.kept = Number(bits >> 32n);
    return Number(bits & 0xffffffffn);
  }

  fraction() {  // in [0, 1), single precision
    return (this.bits32() >>> 8) / 16777216;
  }

  between(low, high) {  // double precision
    return low + (high - low) * Number(this.bits64() >> 11n) / 9007199254740992;
  }

  below(count) {  // a whole number; Lemire 2019
    if (count === 1) return 0;
    const wide = BigInt(count), least = (0x100000000n - wide) % wide;
    let many = BigInt(this.bits32()) * wide;
    if ((many & 0xffffffffn) < wide) {
      while ((many & 0xffffffffn) < least) many = BigInt(this.bits32()) * wide;
    }
    return Number(many >> 32n);
  }

  normal() {
    for (;;) {
      const bits = this.bits32(), layer = bits & 0xff, size = (bits >>> 9) & 0x7fffff, sign = (bits >>> 8) & 1 ? -1 : 1;
      const x = Math.fround(size * LAYERS.width[layer]);
      if (size < LAYERS.inside[layer]) return sign * x;
      if (layer === 0) {
        for (;;) {
          const beyond = Math.fround(-Math.log1p(-this.fraction()) / EDGE), height = -Math.log1p(-this.fraction());
          if (height + height > beyond * beyond) return ((size >>> 8) & 1 ? -1 : 1) * Math.fround(EDGE + beyond);
        }
      }
      const above = LAYERS.height[layer - 1] - LAYERS.height[layer];
      if (Math.fround(above * this.fraction() + LAYERS.height[layer]) < Math.exp(-0.5 * x * x)) return sign * x;
    }
  }
}

const EDGE = 3.6541528853610088, AREA = 0.004928673233974655;  // where the tail begins, and of each layer
const LAYERS = (() => {
  const density = (x) => Math.exp(-0.5 * x * x), parts = 2 ** 23;
  const width = new Float32Array(256), height = new Float32Array(256), inside = new Float64Array(256);
  let x = EDGE;
  width[0] = AREA / density(EDGE) / parts;
  width[255] = EDGE / parts;
  height[0] = 1;
  height[255] = density(EDGE);
  inside[0] = Math.floor(EDGE * density(EDGE) / AREA * parts);
  for (let layer = 254; layer > 0; layer--) {
    const inner = Math.sqrt(-2 * Math.log(AREA / x + density(x)));
    inside[layer + 1] = Math.floor(inner / x * parts);
    width[layer] = inner / parts;
    height[layer] = density(inner);
    x = inner;
  }
  return { width, height, inside };
})();
