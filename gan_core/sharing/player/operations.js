/* What the operations of a graph mean (gan_core/models/sampling/reference.py says the same in NumPy).

   Each takes a node, the shapes and the arrays of its inputs and the array of its output, and returns a function that computes
   the one from the others.  All arrays are of one sample and stay where they are, so that nothing is made anew for a sample. */
"use strict";

const steps = (shape) => shape.map((_, axis) => product(shape.slice(axis + 1)));

/* For each number of an array of a shape, in order: what `place` makes of its coordinates. */
function places(shape, place) {
  const found = new Int32Array(product(shape)), at = shape.map(() => 0);
  for (let index = 0; index < found.length; index++) {
    found[index] = place(at);
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
  return found;
}

function each(compute) {
  return (node, shapes, [x], out) => () => {
    for (let i = 0; i < out.length; i++) out[i] = compute(x[i]);
  };
}

function pairs(compute) {
  return (node, shapes, [x, y], out) => {
    const [ofX, ofY] = shapes.map((shape) => broadcast(shape, node.shape));
    return () => {
      for (let i = 0; i < out.length; i++) out[i] = compute(x[ofX ? ofX[i] : i], y[ofY ? ofY[i] : i]);
    };
  };
}

/* Where the numbers of a smaller array stand in a larger one; null where they are the same. */
function broadcast(shape, wider) {
  const full = [...Array(wider.length - shape.length).fill(1), ...shape], step = steps(full);
  if (full.every((size, axis) => size === wider[axis])) return null;
  return places(wider, (at) => at.reduce((sum, place, axis) => sum + (full[axis] === 1 ? 0 : place * step[axis]), 0));
}

/* Numbers that go to other places, or stay away. */
function moved(source) {
  return (node, [shape], [x], out) => {
    const step = steps(shape);
    const from = places(node.shape, (at) => {
      const there = source(at, node.settings, shape, node.shape);
      return there.some((place, axis) => place < 0 || place >= shape[axis]) ? -1
        : there.reduce((sum, place, axis) => sum + place * step[axis], 0);
    });
    const other = node.settings.value || 0;
    return () => {
      for (let i = 0; i < out.length; i++) out[i] = from[i] < 0 ? other : x[from[i]];
    };
  };
}

function reduced(first, join, end = (value) => value) {
  return (node, [shape], [x], out) => {
    const kept = shape.map((size, axis) => (node.settings.axes.includes(axis) ? 1 : size)), step = steps(kept);
    const to = places(shape, (at) => at.reduce((sum, place, axis) => sum + (kept[axis] === 1 ? 0 : place * step[axis]), 0));
    const count = x.length / out.length, sums = new Float64Array(out.length);
    return () => {
      sums.fill(first);
      for (let i = 0; i < x.length; i++) sums[to[i]] = join(sums[to[i]], x[i]);
      for (let i = 0; i < out.length; i++) out[i] = end(sums[i], count);
    };
  };
}

/* out[base + o] += sum over c of x[c] kernel[start + c wide + o], for those places c that are not 0.  Eight at a time: what is
   written is read and written again so much less often. */
function accumulate(out, base, wide, x, nonzero, first, last, kernel, start, offset) {
  let place = first;
  if (wide === 1) {
    let sum = out[base];
    for (; place < last; place++) sum += x[nonzero[place]] * kernel[start + nonzero[place] - offset];
    out[base] = sum;
    return;
  }
  for (; place + 8 <= last; place += 8) {
    const a = nonzero[place], b = nonzero[place + 1], c = nonzero[place + 2], d = nonzero[place + 3];
    const e = nonzero[place + 4], f = nonzero[place + 5], g = nonzero[place + 6], h = nonzero[place + 7];
    const xa = x[a], xb = x[b], xc = x[c], xd = x[d], xe = x[e], xf = x[f], xg = x[g], xh = x[h];
    let ka = start + (a - offset) * wide, kb = start + (b - offset) * wide, kc = start + (c - offset) * wide;
    let kd = start + (d - offset) * wide, ke = start + (e - offset) * wide, kf = start + (f - offset) * wide;
    let kg = start + (g - offset) * wide, kh = start + (h - offset) * wide;
    for (let o = base; o < base + wide; o++) {
      out[o] += xa * kernel[ka++] + xb * kernel[kb++] + xc * kernel[kc++] + xd * kernel[kd++]
        + xe * kernel[ke++] + xf * kernel[kf++] + xg * kernel[kg++] + xh * kernel[kh++];
    }
  }
  for (; place < last; place++) {
    const xa = x[nonzero[place]], ka = start + (nonzero[place] - offset) * wide;
    for (let o = 0; o < wide; o++) out[base + o] += xa * kernel[ka + o];
  }
}

/* Which numbers of each row of `deep` are not 0: behind a ReLU every second one is. */
function sparse(length, deep) {
  const nonzero = new Int32Array(length), ends = new Int32Array(length / deep + 1);
  return {
    nonzero, ends,
    look(x) {
      let count = 0;
      for (let row = 0, i = 0; row < ends.length - 1; row++) {
        for (let c = 0; c < deep; c++, i++) if (x[i] !== 0) nonzero[count++] = i;
        ends[row + 1] = count;
      }
    },
  };
}

function begin(out, wide, bias) {
  if (!bias) return out.fill(0);
  for (let i = 0; i < out.length; i += wide) out.set(bias, i);
}

function spread(bias, wide) {
  return bias && bias.length === 1 ? new Float32Array(wide).fill(bias[0]) : bias;
}

function matrixProduct(node, shapes, [x, kernel, given], out) {
  const [left, right] = shapes, deep = left[left.length - 1], wide = node.shape[node.shape.length - 1];
  const rows = left.length > 1 ? left[left.length - 2] : 1, bias = spread(given, wide), found = sparse(x.length, deep);
  const many = right.length > 2;  // a matrix for each of several rows of rows
  return () => {
    begin(out, wide, bias);
    found.look(x);
    for (let row = 0; row < x.length / deep; row++) {
      accumulate(out, row * wide, wide, x, found.nonzero, found.ends[row], found.ends[row + 1], kernel,
        many ? Math.floor(row / rows) * deep * wide : 0, row * deep);
    }
  };
}

/* The numbers of rows and columns behind which a kernel's taps fall on pixels: [out, in, tap] in turn, row after row. */
function taps(there, here, size, stride, before, transposed) {
  const found = [];
  for (let out = 0; out < there; out++) {
    for (let tap = 0; tap < size; tap++) {
      const at = transposed ? (out + before - tap) / stride : out * stride - before + tap;
      if (Number.isInteger(at) && at >= 0 && at < here) found.push([out, at, tap]);
    }
  }
  return found;
}

function convolution(transposed) {
  return (node, [[, height, width, deep], [rows, columns]], [x, kernel, given], out) => {
    const [, tall, broad, wide] = node.shape, { strides, before } = node.settings;
    const down = taps(tall, height, rows, strides[0], before[0], transposed);
    const along = taps(broad, width, columns, strides[1], before[1], transposed);
    const bias = spread(given, wide), found = sparse(x.length, deep);
    return () => {
      begin(out, wide, bias);
      found.look(x);
      for (const [y, fromY, tapY] of down) {
        for (const [column, fromX, tapX] of along) {
          const pixel = fromY * width + fromX;
          accumulate(out, (y * broad + column) * wide, wide, x, found.nonzero, found.ends[pixel], found.ends[pixel + 1],
            kernel, (tapY * columns + tapX) * deep * wide, pixel * deep);
        }
      }
    };
  };
}

/* Between the middles of pixels a straight line; beyond the outer ones nothing changes. */
function between(length, size) {
  return Array.from({ length: size }, (_, i) => {
    const place = Math.min(Math.max((i + 0.5) * length / size - 0.5, 0), length - 1);
    const first = Math.min(Math.floor(place), Math.max(length - 2, 0));
    return [first, Math.min(first + 1, length - 1), place - first];
  });
}

function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {  // its power series
    let term = size, sum = size;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= -size * size / n;
      sum += term / (2 * n + 1);
      if (n > 200) break;
    }
    return Math.sign(x) * sum * 2 / Math.sqrt(Math.PI);
  }
  let fraction = 0;  // the continued fraction of what lacks of 1
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

/* By Newton's method. */
function erfinv(y) {
  if (Math.abs(y) >= 1) return Math.abs(y) === 1 ? y * Infinity : NaN;
  const w = -Math.log((1 - y) * (1 + y));
  let x = y * (w > 5 ? Math.sqrt(w) : 0.886227 + 0.1 * w);
  for (let n = 0; n < 60; n++) {
    const step = (erf(x) - y) / (2 / Math.sqrt(Math.PI) * Math.exp(-x * x));
    x -= step;
    if (Math.abs(step) < 1e-12) break;
  }
  return x;
}

function round(x) {  // halves to the even number
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

const sigmoid = (x) => 0.5 + 0.5 * Math.tanh(0.5 * x);

const OPERATIONS = {
  tanh: each(Math.tanh),
  sigmoid: each(sigmoid),
  relu: each((x) => (x > 0 ? x : 0)),
  silu: each((x) => x * sigmoid(x)),
  softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  exp: each(Math.exp),
  log: each(Math.log),
  sqrt: each(Math.sqrt),
  rsqrt: each((x) => 1 / Math.sqrt(x)),
  square: each((x) => x * x),
  absolute: each(Math.abs),
  negative: each((x) => -x),
  sin: each(Math.sin),
  cos: each(Math.cos),
  erf: each(erf),
  erfinv: each(erfinv),
  floor: each(Math.floor),
  round: each(round),
  truncate: each(Math.trunc),
  leaky_relu: (node, shapes, [x], out) => () => {
    const { slope } = node.settings;
    for (let i = 0; i < out.length; i++) out[i] = x[i] < 0 ? slope * x[i] : x[i];
  },
  clip: (node, shapes, [x], out) => () => {
    const { low, high } = node.settings;
    for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(x[i], low), high);
  },
  add: pairs((x, y) => x + y),
  subtract: pairs((x, y) => x - y),
  multiply: pairs((x, y) => x * y),
  divide: pairs((x, y) => x / y),
  maximum: pairs(Math.max),
  minimum: pairs(Math.min),
  power: pairs(Math.pow),
  less: pairs((x, y) => (x < y ? 1 : 0)),
  less_equal: pairs((x, y) => (x <= y ? 1 : 0)),
  greater: pairs((x, y) => (x > y ? 1 : 0)),
  greater_equal: pairs((x, y) => (x >= y ? 1 : 0)),
  equal: pairs((x, y) => (x === y ? 1 : 0)),
  where: (node, shapes, [condition, x, y], out) => {
    const [ofCondition, ofX, ofY] = shapes.map((shape) => broadcast(shape, node.shape));
    return () => {
      for (let i = 0; i < out.length; i++) {
        out[i] = condition[ofCondition ? ofCondition[i] : i] ? x[ofX ? ofX[i] : i] : y[ofY ? ofY[i] : i];
      }
    };
  },
  reshape: (node, shapes, [x], out) => () => out.set(x),
  transpose: moved((at, { axes }) => at.map((_, axis) => at[axes.indexOf(axis)])),
  slice: moved((at, { starts, steps: by }) => at.map((place, axis) => starts[axis] + place * by[axis])),
  repeat: moved((at, { axis, times }) => at.map((place, along) => (along === axis ? Math.floor(place / times) : place))),
  pad: moved((at, { before }) => at.map((place, axis) => place - before[axis])),
  enlarge_nearest: moved((at, settings, here, there) => at.map((place, axis) => Math.floor(place * here[axis] / there[axis]))),
  enlarge_bilinear: (node, [[, height, width, deep]], [x], out) => {
    const down = between(height, node.shape[1]), along = between(width, node.shape[2]);
    return () => {
      let i = 0;
      for (const [y0, y1, shareY] of down) {
        for (const [x0, x1, shareX] of along) {
          const a = (y0 * width + x0) * deep, b = (y0 * width + x1) * deep;
          const c = (y1 * width + x0) * deep, d = (y1 * width + x1) * deep;
          for (let o = 0; o < deep; o++, i++) {
            const above = x[a + o] + (x[b + o] - x[a + o]) * shareX, under = x[c + o] + (x[d + o] - x[c + o]) * shareX;
            out[i] = above + (under - above) * shareY;
          }
        }
      }
    };
  },
  concatenate: (node, shapes, parts, out) => {
    const blocks = shapes.map((shape) => product(shape.slice(node.settings.axis)));
    const turns = product(node.shape.slice(0, node.settings.axis));
    return () => {
      let to = 0;
      for (let turn = 0; turn < turns; turn++) {
        parts.forEach((part, number) => {
          out.set(part.subarray(turn * blocks[number], (turn + 1) * blocks[number]), to);
          to += blocks[number];
        });
      }
    };
  },
  mean: reduced(0, (sum, x) => sum + x, (sum, count) => sum / count),
  sum: reduced(0, (sum, x) => sum + x),
  largest: reduced(-Infinity, Math.max),
  smallest: reduced(Infinity, Math.min),
  softmax: (node, [shape], [x], out) => () => {
    const size = shape[shape.length - 1];
    for (let first = 0; first < x.length; first += size) {
      let most = -Infinity, sum = 0;
      for (let i = first; i < first + size; i++) most = Math.max(most, x[i]);
      for (let i = first; i < first + size; i++) sum += out[i] = Math.exp(x[i] - most);
      for (let i = first; i < first + size; i++) out[i] /= sum;
    }
  },
  take: (node, [[, size]], [table, indices], out) => () => {
    for (let i = 0; i < indices.length; i++) {
      out.set(table.subarray(Math.trunc(indices[i]) * size, (Math.trunc(indices[i]) + 1) * size), i * size);
    }
  },
  one_hot: (node, shapes, [x], out) => () => {
    const size = node.shape[node.shape.length - 1];
    out.fill(0);
    x.forEach((index, place) => { if (index >= 0 && index < size) out[place * size + Math.trunc(index)] = 1; });
  },
  matrix_product: matrixProduct,
  convolution: convolution(false),
  transposed_convolution: convolution(true),
};

/* `run({name: numbers})` gives the numbers of one sample, in an array that the next run uses again.

   constants: {value: Float32Array}, those of the graph. */
/* Of an input, the places of the nodes that look something up by it. */
function blending(graph) {
  return (name) => {
    const same = new Set([graph.inputs[name].value]), places = [];
    graph.nodes.forEach(({ operation, inputs, output }, place) => {
      if (operation === "reshape" && same.has(inputs[0])) same.add(output);
      const index = operation === "take" ? inputs[1] : operation === "one_hot" ? inputs[0] : null;
      if (index !== null && same.has(index)) places.push(place);
    });
    return places;
  };
}

function prepared(graph, constants) {
  const arrays = { ...constants }, shapes = {}, inputs = {};
  for (const [name, { value, shape }] of Object.entries(graph.inputs)) {
    inputs[name] = arrays[value] = new Float32Array(product(shape));
    shapes[value] = shape;
  }
  for (const { value, shape } of graph.constants) shapes[value] = shape;
  const calls = graph.nodes.map((node) => {
    arrays[node.output] = new Float32Array(product(node.shape));
    shapes[node.output] = node.shape;
    return OPERATIONS[node.operation](node, node.inputs.map((value) => shapes[value]),
      node.inputs.map((value) => arrays[value]), arrays[node.output]);
  });
  const blended = blending(graph);
  /* given.blend: {name, to, share}: of an input that is a number of a class, this share of what another number looks up. */
  return (given) => {
    for (const name of Object.keys(inputs)) inputs[name].set(given[name]);
    const mixed = given.blend ? blended(given.blend.name) : [], others = new Map();
    if (mixed.length) {
      inputs[given.blend.name].fill(given.blend.to);
      for (let i = 0; i <= mixed[mixed.length - 1]; i++) {
        calls[i]();
        if (mixed.includes(i)) others.set(i, arrays[graph.nodes[i].output].slice());
      }
      inputs[given.blend.name].set(given[given.blend.name]);
    }
    for (let i = 0; i < calls.length; i++) {
      calls[i]();
      const other = others.get(i), out = arrays[graph.nodes[i].output], { share } = given.blend || {};
      if (other) for (let k = 0; k < out.length; k++) out[k] += share * (other[k] - out[k]);
    }
    return arrays[graph.output];
  };
}
