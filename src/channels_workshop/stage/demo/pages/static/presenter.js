// The presenter's page: notes, what comes next, and the buttons. The server decides what they do.
"use strict";

const BOUNCE = 350; // milliseconds within which a second click is no second wish
const KEYS = {
  ArrowRight: "next", PageDown: "next", " ": "next",
  ArrowLeft: "back", PageUp: "back",
};

const byId = (id) => document.getElementById(id);
let known = null; // what the server has said last
let heardAt = 0;
let isResting = false; // somebody has just clicked

let isLost = false; // what is asked for now would not be heard

const ask = converse(
  (frame) => {
    if (!frame.presenter) return;
    known = frame.presenter;
    isLost = false;
    heardAt = performance.now();
    show(known);
  },
  {
    lost: () => {
      isLost = true;
      if (known) show(known);
    },
  },
);

function show(now) {
  const may = now.presents && !now.busy && !isResting && !isLost;
  byId("watching").hidden = now.presents;
  byId("place").textContent = `${now.position} / ${now.titles.length}`;
  byId("back").disabled = !may || now.position === 0;
  byId("forward").disabled = !may || now.missed !== null || now.next === null;
  document.body.classList.toggle("busy", now.busy);
  card("now", now.now);
  card("next", now.next);
  byId("end").hidden = now.next !== null;
  showMissed(now.missed, may);
  const titles = [byId("steps").dataset.begin, ...now.titles];
  byId("steps").replaceChildren(...titles.map((title, place) => jump(title, place, may, now)));
  showChecked(now);
  showTimer();
}

function card(id, step) {
  byId(id).hidden = step === null;
  if (!step) return;
  for (const place of byId(id).querySelectorAll("[data-say]")) {
    place.textContent = step[place.dataset.say];
  }
  for (const list of byId(id).querySelectorAll("[data-list]")) {
    const isNote = list.dataset.list === "say"; // the others are plain text: a pattern has stars
    list.replaceChildren(...step[list.dataset.list].map(isNote ? bullet : plain));
    if (list.previousElementSibling.tagName === "H3") {
      list.previousElementSibling.hidden = !list.children.length;
    }
  }
}

function plain(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function showMissed(missed, may) {
  byId("missed").hidden = missed === null;
  if (!missed) return;
  for (const place of byId("missed").querySelectorAll("[data-say]")) {
    place.textContent = missed[place.dataset.say];
  }
  const goOn = byId("go-on");
  goOn.textContent = missed.recorded ? goOn.dataset.recorded : goOn.dataset.asItIs;
  for (const button of byId("missed").querySelectorAll("button")) button.disabled = !may;
}

function jump(title, place, may, now) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.textContent = title;
  button.disabled = !may;
  button.dataset.do = "jump";
  button.dataset.to = place;
  if (place === now.position) button.setAttribute("aria-current", "step");
  item.append(button);
  return item;
}

function showChecked({ findings, screens }) {
  const { stage, none } = byId("findings").dataset;
  const seen = screens.length
    ? { good: true, text: `${stage} ${screens.join(", ")}` }
    : { good: false, text: none };
  byId("findings").replaceChildren(
    ...[...findings, seen].map(({ good, text }) => {
      const item = plain(`${good ? "✓" : "✗"} ${text}`);
      item.className = good ? "good" : "bad";
      return item;
    }),
  );
  if (!findings.every(({ good }) => good) || !screens.length) byId("checked").open = true;
}

function showTimer() {
  if (!known) return;
  const since = known.elapsed === null ? 0 : (performance.now() - heardAt) / 1000;
  const elapsed = (known.elapsed ?? 0) + since;
  const { of, plan } = byId("timer").dataset;
  byId("timer").textContent =
    `${clock(elapsed)} ${of} ${clock(known.whole)} · ${plan} ${clock(known.planned)}`;
  byId("timer").classList.toggle("late", elapsed > known.planned + 30 && known.elapsed !== null);
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

setInterval(showTimer, 500);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  ask({ do: button.dataset.do, to: Number(button.dataset.to ?? 0) });
  rest();
});

function rest() {
  isResting = true;
  show(known);
  setTimeout(() => {
    isResting = false;
    show(known);
  }, BOUNCE);
}

document.addEventListener("keydown", (event) => {
  const wanted = KEYS[event.key];
  const pressesThat = event.key === " " && event.target.closest("button, summary, a");
  if (!wanted || pressesThat || event.repeat) return;
  event.preventDefault();
  byId(wanted === "next" ? "forward" : "back").click();
});
