/* What every page of a demo has: what is known of the run, questions to the worker that computes, and how it learned.

   Nothing of what people have written is ever anything but text here: elements are made, and their textContent is set. */
"use strict";

const demo = JSON.parse(document.getElementById("demo").textContent);

/* Questions to the worker.  `draw` calls back for each sample, unless a newer question of its channel has come since. */
class Computing {
  constructor(worker) {
    this.worker = worker;
    this.asked = new Map();
    this.id = 0;
    worker.onmessage = ({ data }) => this.hear(data);
    this.ready = new Promise((tell, fail) => {
      this.tell = tell;
      worker.onerror = (event) => fail(new Error(event.message || "the worker did not start"));
    });
  }

  hear(data) {
    if (data.kind === "ready") return this.tell();
    const question = this.asked.get(data.channel);
    if (question && question.id === data.id) question.each(data.values, data.place, data.milliseconds);
  }

  draw(channel, inputs, each) {
    const id = ++this.id;
    this.asked.set(channel, { id, each });
    this.worker.postMessage({ kind: "draw", channel, id, inputs });
  }
}

/* The bytes of the weights, of all graphs behind one another. */
async function weightsOf() {
  const bytes = Uint8Array.from(atob($("weights").textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const weights = await new Response(stream).arrayBuffer();
  $("weights").remove();
  return weights;
}

/* A worker that is ready to compute a graph. */
async function opened(graph = demo.graph, weights = null) {
  const numbers = weights ?? await weightsOf();
  const source = URL.createObjectURL(new Blob([$("computing").textContent], { type: "text/javascript" }));
  const computing = new Computing(new Worker(source));
  computing.worker.postMessage({ kind: "open", graph, weights: numbers }, [numbers]);
  await computing.ready;
  return computing;
}

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/* How it learned: the sheet of the step that the slider stands at. */
function learned() {
  const slider = $("step");
  if (!slider) return;
  const show = () => {
    const { step, minutes, src } = demo.sheets[+slider.value];
    $("sheet-shown").src = src;
    $("sheet-shown").alt = `Samples after ${step} steps`;
    $("step-shown").textContent = `Step ${step.toLocaleString("en")}${minutes === null ? "" : `, ${minutes} min`}`;
  };
  slider.oninput = show;
  show();
}
