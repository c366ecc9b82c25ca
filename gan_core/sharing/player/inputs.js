/* The inputs of samples by name, drawn, chosen and walked as gan_core/models/inputs does it. */
"use strict";

const DRAWN = {
  latent: ({ size }, random, n) => columns(random, size, n, (stream) => stream.normal()),
  uniform: ({ shape, low }, random, n) => columns(random, product(shape), n, (stream) => stream.between(low, 1)),
  codes: (...given) => DRAWN.uniform(...given),
  label: ({ classes }, random, n) => Array.from({ length: n }, () => [random.below(classes.length)]),
  code: ({ size }, random, n) => Array.from({ length: n }, () => [random.below(size)]),
  shift: ({ size }, random, n) => Array.from({ length: n }, () => new Float32Array(size)),
  dial: (input, random, n) => Array.from({ length: n }, () => [input.default]),
};

/* n rows, a stream of random numbers for each column. */
function columns(random, size, n, draw) {
  const rows = Array.from({ length: n }, () => new Float32Array(size));
  for (let column = 0; column < size; column++) {
    const stream = random.spawn(column);
    for (const row of rows) row[column] = draw(stream);
  }
  return rows;
}

/* [{name: numbers}, ...] of n samples. */
function drawInputs(inputs, n, seed) {
  const samples = Array.from({ length: n }, () => ({}));
  inputs.forEach((input, place) => {
    DRAWN[input.kind](input, new Random([BigInt(seed), place]), n).forEach((row, i) => { samples[i][input.name] = row; });
  });
  return samples;
}

/* On the arc between two latents, where noise of their length is (White 2016, arXiv:1609.04468). */
function onArc(a, b, share) {
  let dot = 0, ofA = 0, ofB = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    ofA += a[i] * a[i];
    ofB += b[i] * b[i];
  }
  const angle = Math.acos(Math.min(Math.max(dot / Math.sqrt(ofA * ofB), -1), 1)), sine = Math.sin(angle);
  if (!(sine > 1e-6)) return Float32Array.from(a);
  return Float32Array.from(a, (x, i) => (Math.sin(angle * (1 - share)) * x + Math.sin(angle * share) * b[i]) / sine);
}

const ON_THE_WAY = {
  latent: onArc,
  shift: (a, b, share) => Float32Array.from(a, (x, i) => x + share * (b[i] - x)),
};

function onTheWay(inputs, start, end, share) {
  return Object.fromEntries(inputs.map(({ kind, name }) =>
    [name, ON_THE_WAY[kind] ? ON_THE_WAY[kind](start[name], end[name], share) : start[name]]));
}
