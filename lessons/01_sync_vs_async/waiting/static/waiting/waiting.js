// The page: a heart that beats as long as others are served, and a bar for every request.

import { say } from "./words.js";

const SHOWN = 10; // how much of the time a lane shows; all times here are in seconds
const BEAT = 0.25;
const CITIES = ["Riga", "Oslo", "Kyoto", "Lima"];

const upstreamSeconds = JSON.parse(document.getElementById("upstream-seconds").textContent);
const STOPPED = upstreamSeconds / 2; // the heart has stopped when a beat takes so long
const LONGER = upstreamSeconds * 1.75; // a request that takes so long waited for more than one call

const now = () => performance.now() / 1000;
const inSeconds = (time) => say("{} s", time.toFixed(1));
const sleep = (time) => new Promise((awake) => setTimeout(awake, time * 1000));

async function getJSON(address) {
  const response = await fetch(address, { cache: "no-store" });
  const type = response.headers.get("content-type") ?? "";
  const isJSON = type.startsWith("application/json"); // a charset may follow
  const content = isJSON ? await response.json() : {};
  if (!response.ok) {
    const error = new Error(content.error ?? `HTTP ${response.status}`);
    throw Object.assign(error, { status: response.status });
  }
  return { content, server: response.headers.get("server") };
}

// ---- Bars. In each lane lies a tape that runs to the left; a bar stands still on its tape.

const tapes = [];
const growing = new Set();

function tapeIn(lane) {
  const tape = document.createElement("div");
  tape.className = "tape";
  lane.append(tape);
  tapes.push(tape);
  return tape;
}

class Bar {
  constructor(tape, row = 0) {
    this.start = now();
    this.node = document.createElement("div");
    this.node.style.left = `${(this.start / SHOWN) * 100}%`;
    this.node.style.setProperty("--row", row);
    tape.append(this.node);
    growing.add(this);
    this.grow();
  }

  get length() {
    return (this.end ?? now()) - this.start;
  }

  grow() {
    this.node.style.width = `${(this.length / SHOWN) * 100}%`;
    this.node.className = `bar ${this.kind()}`;
  }

  finish(problem) {
    this.end = now();
    this.problem = problem;
    growing.delete(this);
    this.grow();
    this.node.dataset.end = this.end;
    this.node.textContent = problem ?? inSeconds(this.length);
    this.node.title = this.node.textContent;
  }

  kind() {
    if (this.problem) return "failed";
    const end = this.end ?? now();
    if (silence(this.start, end) > STOPPED) return "stopped";
    if (this.length - delay(this.start, end) > LONGER) return "slow";
    return this.end ? "ok" : "";
  }
}

function draw() {
  const left = 100 - (now() / SHOWN) * 100;
  for (const tape of tapes) {
    tape.style.transform = `translateX(${left}%)`;
    while (tape.firstChild?.dataset.end < now() - 2 * SHOWN) tape.firstChild.remove();
  }
  for (const bar of growing) bar.grow();
  showPulse();
}

if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
  setInterval(draw, 500);
} else {
  requestAnimationFrame(function frame() {
    draw();
    requestAnimationFrame(frame);
  });
}

// ---- A busy machine: while the browser itself comes too late, no server is to blame.

const TICK = 0.05;
const delays = []; // the times by which a timer of ours was late
let ticked = now();

setInterval(() => {
  delays.push({ start: ticked + TICK, end: now() });
  ticked = now();
  while (delays[0].end < ticked - 60) delays.shift();
}, TICK * 1000);

/** Return for how much of a time the browser had not got round to its own timers. */
function delay(from, to) {
  const known = [...delays, { start: ticked + TICK, end: now() }];
  const late = known.map(({ start, end }) => Math.min(end, to) - Math.max(start, from));
  return late.reduce((sum, time) => sum + Math.max(0, time), 0);
}

// ---- The heart: one request after the other, and the next one only when the last is answered.

const heart = tapeIn(document.getElementById("heart"));
const pulse = document.getElementById("pulse");
const beats = [];
let moved = false; // another project is at this address now

/** Return the longest time between two moments in which a beat waited for its answer. */
function silence(from, to) {
  const waits = beats.map((beat) => {
    const [start, end] = [Math.max(beat.start, from), Math.min(beat.end ?? to, to)];
    return end - start - delay(start, end);
  });
  return Math.max(0, ...waits);
}

function showPulse() {
  const last = beats.at(-1);
  const stopped = last && !last.end && silence(last.start, now()) > STOPPED;
  if (moved) pulse.textContent = say("Another project is here now. Reload the page.");
  else if (stopped) pulse.textContent = say("stopped for {}", inSeconds(last.length));
  else pulse.textContent = say("beating");
  pulse.classList.toggle("stopped", Boolean(stopped));
}

async function live() {
  // A server's very first answer takes longer, and says nothing about who waits for whom.
  await fetch("/ping/").catch(() => {});
  while (!moved) {
    const beat = new Bar(heart);
    beats.push(beat);
    if (beats[0].end < now() - 60) beats.shift();
    try {
      const { content } = await getJSON("/ping/");
      beat.finish();
      meet(content.boot);
    } catch (error) {
      beat.finish(say("no answer"));
      moved = error.status === 404;
    }
    await sleep(Math.max(0, BEAT - beat.length));
  }
}

// ---- The server: when another one answers than before, the last button is pressed once more.

const met = new Set(); // a server may be several processes

async function meet(boot) {
  if (met.has(boot)) return;
  met.add(boot);
  const { content, server } = await getJSON("/server/");
  document.getElementById("server").textContent = `${server ?? say("Server")}: ${content.described}`;
  if (met.size > 1) repeat();
}

// ---- The buttons.

const buttons = document.querySelectorAll(".row button");
let last = null; // the button that was pressed last
let busy = false;
let again = false;

for (const row of document.querySelectorAll("[data-path]")) {
  const tape = tapeIn(row.querySelector(".lane"));
  for (const button of row.querySelectorAll("button")) {
    button.addEventListener("click", () => experiment(row, tape, button));
  }
}

function repeat() {
  if (busy) again = true;
  else last?.click();
}

async function experiment(row, tape, button) {
  last = button;
  // Others would share the few connections that a browser opens to one host.
  setBusy(true);
  const says = row.querySelector(".says");
  says.textContent = "";
  const start = now();
  const cities = button.dataset.city ? [button.dataset.city] : CITIES.slice(0, row.dataset.calls);
  const bars = await Promise.all(
    cities.map(async (city, index) => {
      const bar = new Bar(tape, index);
      try {
        const { content } = await getJSON(`${row.dataset.path}?city=${encodeURIComponent(city)}`);
        bar.content = content;
        bar.finish();
      } catch (error) {
        bar.finish(error.message);
      }
      return bar;
    }),
  );
  says.textContent = summary(bars, start);
  setBusy(false);
  if (again) {
    again = false;
    button.click();
  }
}

function setBusy(value) {
  busy = value;
  for (const button of buttons) button.disabled = value;
  if (!value) last.focus();
}

function summary(bars, start) {
  const problem = bars.find((bar) => bar.problem)?.problem;
  if (problem) return problem;
  const stopped = silence(start, now());
  const heard = stopped > STOPPED
    ? say("The heart stopped for {}.", inSeconds(stopped))
    : say("The heart beat on.");
  const took = inSeconds(now() - start);
  if (bars.length > 1) return `${say("{} answers in {}.", bars.length, took)} ${heard}`;
  const parts = Object.entries(bars[0].content);
  const marked = parts.map(([name, part]) => `${name} ${part.error ? "✗" : "✓"}`).join(", ");
  return `${say("{} in {}.", marked, took)} ${heard}`;
}

// ---- Postcards.

const form = document.getElementById("postcard");
const post = document.getElementById("post");
const cards = document.getElementById("cards");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const sent = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (sent.status === 501) throw new Error(say("This part is not written yet."));
    if (!sent.ok) throw new Error(`HTTP ${sent.status}`);
    const to = form.elements.to.value;
    const { content } = await getJSON(`/postcards/?to=${encodeURIComponent(to)}`);
    cards.replaceChildren(...content.postcards.map(card));
    post.textContent = say("{} has {}:", to, content.postcards.length);
  } catch (error) {
    post.textContent = error.message;
  }
});

function card({ city, text }) {
  const item = document.createElement("li");
  item.textContent = `${text} — ${city}`;
  return item;
}

live();
