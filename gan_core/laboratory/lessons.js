/* Six lessons. Each sets up a game, says what to look at, marks the moment when it happens, gives something to do and asks.

   `moment.when(log, before, other)` is asked of each moment in turn: what was measured of game A, of all moments before it,
   and of game B. `task.done(log, settings, before, other)` likewise, once the moment has come and the settings are those of
   the task. */
"use strict";

const guess = (logit) => 1 / (1 + Math.exp(-logit));
const highest = (before, name) => before.reduce((most, log) => Math.max(most, Number.isFinite(log[name]) ? log[name] :
  -Infinity),
  -Infinity);
/* How often a figure turned round by more than `least`: half swings. */
function swings(logs, name, least) {
  let turns = 0, extreme = NaN, direction = 0;
  for (const log of logs) {
    const value = log[name];
    if (!Number.isFinite(value)) continue;
    if (Number.isNaN(extreme)) extreme = value;
    else if (direction >= 0 && value > extreme || direction <= 0 && value < extreme) {
      if (direction === 0 && Math.abs(value - extreme) > least) direction = Math.sign(value - extreme);
      if (direction !== 0) extreme = value;
    } else if (Math.abs(value - extreme) > least) {
      direction = -direction || Math.sign(value - extreme);
      extreme = value;
      turns++;
    }
  }
  return turns;
}

const LESSONS = [
  { id: "equilibrium", title: "The game and its equilibrium",
    say: ["The generator makes orange points of noise. The discriminator says where it takes points for real: blue, " +
      "and where for generated: orange. At first it is right nearly everywhere. Each learns from the other.",
    "Press Play and look at the colours of the plane: they fade. Where the game ends, both kinds of points lie alike, " +
      "and the discriminator can only guess: one half, everywhere."],
    setup: { data: "ring", game: "r1", r1: 0.1 },
    moment: { text: "The discriminator can only guess: within a tenth of one half on real and on generated samples, " +
      "and the ring is there.",
      when: (log) => log.round >= 100 && log.js < 0.4 && Math.abs(guess(log.real) - 0.5) < 0.1 &&
        Math.abs(guess(log.fake) - 0.5) < 0.1 },
    task: { text: "Now pull the rug away: give the networks other data while they play, and go on. The balance is " +
      "lost, and found again.",
      tries: [{ label: "Moons instead of the ring", change: { data: "moons" } }],
      done: (log, settings) => settings.data === "moons" && log.js < 0.4,
      told: "The same two networks have moved over to the moons: nobody told the generator what a moon is." },
    question: { text: "At the equilibrium, why does the discriminator say one half?",
      answers: ["It has forgotten what real samples look like", "Both kinds have the same density, so that no judge " +
        "can do better",
        "Its learning rate is too low"], right: 1,
      why: "The best discriminator says p(real) / (p(real) + p(generated)): one half wherever both are equally dense " +
        "(Goodfellow 2014, proposition 1)." } },
  { id: "collapse", title: "Mode collapse and three cures",
    say: ["The data have eight modes. This discriminator is small, and learns five times more slowly than the generator, " +
      "which runs to wherever it is fooled just now, with all its points at once, and runs on when that is found out.",
    "Press Play and count: how many of the eight modes does it find, and does it keep them?"],
    setup: { data: "ring", game: "minimax", d_width: 16, g_rate: 5e-3, d_rate: 1e-3 },
    moment: { text: "After 500 rounds most modes are missing: the generator has collapsed.",
      when: (log) => log.round >= 500 && log.found <= 4 },
    task: { text: "Try the cures, with the same networks and from the beginning, until one finds at least seven modes.",
      tries: [{ label: "A judge that keeps up", change: { d_rate: 5e-3 }, anew: true },
        { label: "WGAN-GP", change: { game: "wgan_gp", ...USUAL.wgan_gp }, anew: true },
        { label: "Relativistic, R1 and R2", change: { game: "relativistic", r1: 1, r2: 1 }, anew: true }],
      done: (log, settings) => log.found >= 7 && (settings.d_rate >= 5e-3 || settings.game !== "minimax"),
      told: "A judge that is where the generator is, a critic that measures a distance, or one that compares pairs and is " +
        "flat at both: each keeps the modes. Packs are another cure, where the judge keeps up." },
    question: { text: "Why does a generator put all its points into one place?",
      answers: ["Its latents have too few numbers", "Nothing in its loss asks for variety: each point by itself is drawn to " +
        "where the judge is fooled", "The other modes are too far away"], right: 1,
      why: "Against a judge that stands still, all points at its best place is the best answer; only the judge's answer to " +
        "that spreads them (Metz 2017; Lin 2018)." } },
  { id: "vanishing", title: "Vanishing gradients",
    say: ["Real points lie in two clouds far from the generated ones, and the discriminator takes five steps a round: " +
      "it soon is certain. In the minimax game, the generator's loss is flat where the judge is certain.",
    "Press Play and watch the arrows, which show how each generated point is pulled, and the last curve: they fade away."],
    setup: { data: "clouds", game: "minimax", optimiser: "sgd", d_steps: 5, d_rate: 0.2, g_rate: 1e-3 },
    moment: { text: "The pull on generated samples has fallen below 0.01: there is nothing left to learn from.",
      when: (log) => log.round >= 25 && log.gradient < 0.01 },
    task: { text: "Change the game to the non-saturating one while it is stuck, and go on.",
      tries: [{ label: "Non-saturating", change: { game: "non_saturating" } }],
      done: (log, settings) => settings.game === "non_saturating" && log.gradient > 0.3,
      told: "The same two networks, another loss: the pull is back at once, because it is steepest where the judge is " +
        "certain." },
    question: { text: "The generator lowers log(1 − D) in the minimax game. Why is that flat when D is near 0?",
      answers: ["Because its derivative by the logit is −D, which is nearly 0", "Because the learning rate falls",
        "Because the latents run out"], right: 0,
      why: "−log D has the derivative −(1 − D) instead: nearly −1 when D is near 0 (Goodfellow 2014, section 3)." } },
  { id: "critic", title: "The critic's estimate",
    say: ["A critic gives no verdict but a number. With its slope held to 1, the difference of its means on real and " +
      "on generated points estimates how far they have to be carried: the Wasserstein distance.",
    "Press Play and compare two curves: the critic's estimate, and the distance that is measured from the points " +
      "themselves."],
    setup: { data: "ring", game: "wgan_gp", d_steps: 3, beta_1: 0, beta_2: 0.9, penalty: 0.5, g_rate: 5e-4, d_rate: 2e-3 },
    moment: { text: "The estimate has fallen below half of its peak, and the distance with it.",
      when: (log, before) => log.round >= 200 && log.estimate < 0.5 * highest(before, "estimate") &&
        log.distance < 0.6 * highest(before, "distance") },
    task: { text: "Bound the critic by clipping its weights instead, from the beginning, for 200 rounds. What becomes " +
      "of the estimate?",
      tries: [{ label: "WGAN with clipping", change: { game: "wgan", clip: 0.1 }, anew: true }],
      done: (log, settings) => settings.game === "wgan" && log.round >= 200,
      told: "Clipped weights allow slopes that nobody knows: the estimate has another scale than the distance, and " +
        "says less." },
    question: { text: "Why do people plot a critic's estimate, but not a discriminator's loss, to see how training goes?",
      answers: ["It is cheaper to compute", "It falls as samples improve, while the loss of a discriminator hovers " +
        "whatever they are like",
        "It is always positive"], right: 1,
      why: "The discriminator's loss tells how well it does against this generator, now; the estimate is a distance " +
        "(Arjovsky 2017)." } },
  { id: "oscillation", title: "Oscillation and R1",
    say: ["One cloud, the simplest data there are. And yet: by plain gradient steps with momentum the two players " +
      "circle around the solution and do not stay there. A runs without a penalty, B is the same game with R1.",
    "Press Play and look at the distance of A: it rises and falls."],
    setup: { data: "cloud", game: "non_saturating", beta_1: 0.9, g_rate: 2e-3, d_rate: 2e-3, d_width: 8, d_depth: 1,
      g_width: 8, g_depth: 1 },
    other: { name: "r1", value: 1 },
    moment: { text: "A has turned back four times or more: it swings around the solution.",
      when: (log, before) => log.round >= 200 && swings([...before, log], "distance", 0.04) >= 4 },
    task: { text: "Go on to round 1,500, and compare the curves of A and B.", tries: [],
      done: (log, settings, before, other) => log.round >= 1500 && Boolean(other),
      told: "R1 makes the discriminator flat at the data: near the solution nothing drives the generator away any more." },
    question: { text: "What does R1 punish?", answers: ["Large weights", "The slope of the discriminator at real samples",
      "Wrong verdicts"], right: 1,
      why: "At the solution the discriminator has to be flat where the data are; without R1 nothing makes it so " +
        "(Mescheder 2018)." } },
  { id: "rates", title: "Why rates matter",
    say: ["Two games from one seed, which differ in one number: in A the discriminator learns as fast as the " +
      "generator, in B forty times more slowly. The generator of B runs ahead of a judge that does not follow.",
    "Press Play and watch the verdict below the pictures."],
    setup: { data: "ring", game: "non_saturating", g_rate: 2e-3, d_rate: 2e-3 },
    other: { name: "d_rate", value: 5e-5 },
    moment: { text: "B has fallen behind: its divergence is above A's by 0.25.",
      when: (log, before, other) => log.round >= 300 && Boolean(other) && other.js - log.js > 0.25 },
    task: { text: "Give the judge the higher rate of the two (TTUR), and go on until game A finds seven modes.",
      tries: [{ label: "Generator 0.001, discriminator 0.005", change: { g_rate: 1e-3, d_rate: 5e-3 } }],
      done: (log, settings) => settings.d_rate > settings.g_rate && log.found >= 7,
      told: "A judge that keeps up shows the generator where it stands now, and not where it stood." },
    question: { text: "Why two time scales?", answers: ["To save time", "A discriminator near its best, for the " +
      "generator of this moment, gives it gradients that mean something", "Because Adam cannot handle equal rates"],
      right: 1,
      why: "With a faster discriminator the pair converges to a local equilibrium (Heusel 2017), at the price of one " +
        "more knob." } },
];
