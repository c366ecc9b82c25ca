/* Computes samples in a worker, one at a time, so that a newer question need not wait for the rest of an older one.

   In: {kind: "open", graph, constants, weights}, once; {kind: "draw", channel, id, inputs: [{name: numbers}, ...], depth}.
   Out: {kind: "ready"}, then {kind: "sample", channel, id, place, values, milliseconds} for each.  A question takes the place of
   an older one of its channel; of several channels the one that asks for least comes first. */
"use strict";

const waiting = new Map(), clock = new MessageChannel();
let run = null, due = false;

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent === 31 ? (fraction ? NaN : sign * Infinity) : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/* The constants of a graph, from the bytes that gan_core/sharing/weights.py has written. */
function unpacked(described, data) {
  const constants = {};
  for (const { value, shape, type, at, scales } of described) {
    const count = product(shape);
    if (type === "float32") {
      constants[value] = new Float32Array(data, at, count);
    } else if (type === "float16") {
      constants[value] = Float32Array.from(new Uint16Array(data, at, count), half);
    } else {
      const wide = shape[shape.length - 1], scale = new Float32Array(data, scales, wide);
      const rounded = new Int8Array(data, at, count), numbers = constants[value] = new Float32Array(count);
      for (let i = 0; i < count; i++) numbers[i] = rounded[i] * scale[i % wide];
    }
  }
  return constants;
}

function hear(message) {
  if (message.kind === "open") {
    run = prepared(message.graph, unpacked(message.graph.constants, message.weights));
    postMessage({ kind: "ready" });
    return;
  }
  waiting.set(message.channel, { ...message, next: 0 });
  if (!due) {
    due = true;
    clock.port2.postMessage(0);
  }
}

/* One sample, and then whoever has asked meanwhile is heard. */
function turn() {
  const left = (question) => question.inputs.length - question.next;
  const question = [...waiting.values()].sort((one, other) => left(one) - left(other))[0];
  due = Boolean(question);
  if (!question) return;
  const began = performance.now(), place = question.next++;
  const values = Float32Array.from(run(question.inputs[place]));
  if (!left(question)) waiting.delete(question.channel);
  postMessage({ kind: "sample", channel: question.channel, id: question.id, place, values,
    milliseconds: performance.now() - began }, [values.buffer]);
  clock.port2.postMessage(0);
}

clock.port1.onmessage = turn;
onmessage = (event) => hear(event.data);
