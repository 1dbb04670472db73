// The board: the server says how things stand, this page draws it. Whatever a learner has written is
// put there as text, never as markup.
"use strict";

const FIRST_DELAY = 300; // milliseconds
const LONGEST_DELAY = 5_000;

const byId = (id) => document.getElementById(id);
const say = byId("board").dataset;
const learners = new Map(); // what is known of each, by number
let alike = [];
let watched = 0;
let chosen = ""; // the kind that alone is shown, or all
let socket;
let failures = 0;

function make(name, text = "", classes = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (classes) element.className = classes;
  return element;
}

// ---- The connection.

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${say.socket}`);
  socket.addEventListener("open", () => {
    failures = 0;
    byId("lost").hidden = true;
    if (watched) ask("watch");
  });
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", ({ code }) => {
    if (code === 4401) return location.reload(); // the code is asked for there
    failures += 1;
    byId("lost").hidden = failures < 2;
    const limit = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures);
    setTimeout(connect, Math.random() * limit);
  });
}

function ask(what, learner = watched) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ do: what, learner }));
}

function hear(frame) {
  if (frame.code) return showFile(frame.code);
  for (const learner of frame.learners ?? []) learners.set(learner.id, learner);
  if (frame.class) {
    alike = frame.class.alike;
    byId("present").textContent = frame.class.joined ? frame.class.present : say.nobody;
    draw(byId("alike"), alike, drawAlike);
  }
  if (frame.learners?.length) drawLearners();
  if (frame.watched?.id === watched) drawTasks(frame.watched.tasks);
  if (watched) drawWatched(learners.get(watched));
}

// ---- Lists. What is the same stays: whoever works with the keyboard is not thrown off a button.

function draw(list, entries, drawn) {
  const known = new Map([...list.children].map((item) => [item.dataset.key, item]));
  const items = entries.map((entry) => {
    const key = String(entry.id ?? entry.text);
    const content = JSON.stringify(entry);
    const item = known.get(key) ?? make("li");
    if (item.dataset.content !== content) {
      const isFocused = item.contains(document.activeElement);
      item.replaceChildren(drawn(entry));
      if (isFocused) item.querySelector("button")?.focus();
    }
    item.dataset.key = key;
    item.dataset.content = content;
    return item;
  });
  const isSame = items.length === list.children.length
    && items.every((item, place) => item === list.children[place]);
  if (!isSame) {
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    list.replaceChildren(...items);
    focused?.focus();
  }
  if (list.nextElementSibling?.classList.contains("none")) {
    list.nextElementSibling.hidden = items.length > 0;
  }
}

function drawLearners() {
  const all = [...learners.values()];
  const hands = all.filter(({ hand }) => hand !== null).sort((a, b) => a.hand - b.hand);
  const stuck = all.filter(({ kind }) => kind === "stuck").sort((a, b) => a.since - b.since);
  byId("hands-count").textContent = hands.length || "";
  byId("stuck-count").textContent = stuck.length || "";
  draw(byId("hands"), hands, (learner) => line(learner, learner.waits));
  draw(byId("stuck"), stuck, (learner) => line(learner, `${say.for} ${learner.for}`, learner.why));
  for (const button of byId("legend").children) {
    const { kind } = button.dataset;
    button.querySelector("b").textContent = all.filter((one) => one.kind === kind).length;
    button.setAttribute("aria-pressed", String(kind === chosen));
  }
  drawEverybody();
}

function drawEverybody() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const shown = [...learners.values()]
    .filter(({ kind, name }) => (!chosen || kind === chosen) && name.toLowerCase().includes(wanted))
    .sort((a, b) => a.order - b.order || a.name.localeCompare(b.name) || a.id - b.id);
  const places = new Map();
  for (const learner of shown) {
    places.set(learner.where, [...(places.get(learner.where) ?? []), learner]);
  }
  const parts = [...byId("everybody").children];
  const now = [...places].map(([where, there]) => {
    const part = parts.find((one) => one.dataset.where === where) ?? place(where);
    part.querySelector("h3 b").textContent = there.length;
    draw(part.querySelector("ul"), there, tile);
    return part;
  });
  const isSame = now.length === parts.length && now.every((part, at) => part === parts[at]);
  if (!isSame) byId("everybody").replaceChildren(...now);
}

/** Make the part for those who are at one task. */
function place(where) {
  const part = make("section");
  part.dataset.where = where;
  const title = make("h3", `${where || "–"} `);
  title.append(make("b"));
  part.append(title, make("ul"));
  return part;
}

function opener(learner) {
  const button = make("button");
  button.type = "button";
  button.dataset.learner = learner.id;
  button.dataset.kind = learner.kind;
  return button;
}

function line(learner, time, why = "") {
  const button = opener(learner);
  button.append(make("b", learner.name), make("span", time, "time"));
  button.append(make("span", learner.where, "where"));
  if (why) button.append(make("span", learner.wrong ? `${learner.wrong}: ${why}` : why, "why"));
  const said = answerOf(learner);
  if (said) button.append(make("span", said, "said"));
  return button;
}

function tile(learner) {
  const button = opener(learner);
  if (learner.hand !== null) {
    const hand = make("span", "↑", "hand");
    hand.setAttribute("role", "img");
    hand.setAttribute("aria-label", say.hand);
    button.append(hand);
  }
  button.append(make("b", learner.name), make("span", learner.at ?? "", "time"));
  button.title = [learner.name, learner.where, learner.minutes, learner.why].filter(Boolean).join(" · ");
  return button;
}

function drawAlike(group) {
  const item = make("div");
  item.append(make("b", `${group.lesson} · ${group.text}`));
  if (group.check) item.append(" ", make("code", group.check));
  if (group.beside) item.append(" ", make("span", group.beside, "quiet"));
  if (group.like) item.append(make("span", `${say.like} ${group.like}`, "why"));
  const who = make("p", "", "who");
  for (const number of group.learners.slice(0, 12)) {
    const learner = learners.get(number);
    if (!learner) continue;
    const button = opener(learner);
    button.textContent = learner.name;
    who.append(button, " ");
  }
  if (group.learners.length > 12) who.append("…");
  item.append(who);
  return item;
}

// ---- One learner.

function open(number) {
  watched = number;
  byId("learner-tasks").replaceChildren();
  byId("files").replaceChildren();
  byId("learner-code").hidden = true;
  drawWatched(learners.get(number));
  if (!byId("learner").open) byId("learner").showModal();
  ask("watch");
}

byId("learner").addEventListener("close", () => {
  watched = 0;
  ask("watch", 0);
});

function answerOf(learner) {
  if (learner.asked) return say.asked;
  if (learner.answer === null) return "";
  return learner.answer ? say.yes : say.no;
}

function drawWatched(learner) {
  byId("learner-name").textContent = learner.name;
  const wrong = learner.wrong ? `${learner.wrong}: ${learner.why}` : learner.why;
  byId("learner-why").textContent = [learner.where, learner.minutes, wrong].filter(Boolean).join(" · ");
  byId("learner-answer").textContent = answerOf(learner);
  const [help, lower] = byId("learner").querySelectorAll("[data-do]");
  help.disabled = learner.asked || learner.kind === "away";
  lower.hidden = learner.hand === null;
  byId("learner-hidden").hidden = learner.shows;
  if (!learner.shows) {
    byId("files").replaceChildren();
    byId("learner-code").hidden = true;
  } else if (!byId("files").children.length && drawWatched.asked !== `${learner.id}`) {
    ask("watch"); // they have just begun to show it
  }
  drawWatched.asked = learner.shows ? `${learner.id}` : "";
}

function drawTasks(tasks) {
  byId("learner-tasks").replaceChildren(...tasks.map((task) => {
    const part = make("details");
    part.open = task.here;
    const time = task.minutes ? `${task.minutes} ${say.of} ${task.planned}` : task.planned;
    const summary = make("summary", task.title);
    summary.append(" ", make("span", time, "quiet"));
    const list = make("ul");
    for (const check of task.checks) {
      const item = make("li");
      item.dataset.status = check.status;
      const sign = make("span", "", "sign");
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", say[check.status] ?? "–");
      item.append(sign, " ", check.title);
      if (check.like) item.append(" ", make("span", `${say.like} ${check.like}`, "quiet"));
      list.append(item);
    }
    part.append(summary, list);
    return part;
  }));
}

function showFile({ learner, path, text, number }) {
  if (learner !== watched || !learners.get(watched)?.shows) return;
  byId("learner-code").hidden = false;
  let part = [...byId("files").children].find((one) => one.dataset.path === path);
  if (!part) {
    part = make("details");
    part.dataset.path = path;
    part.open = number === 1;
    part.append(make("summary", path), make("pre"));
    byId("files").append(part);
  }
  part.querySelector("pre").textContent = text;
}

// ---- What people do.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.dataset.learner) open(Number(button.dataset.learner));
  if (button.dataset.do) ask(button.dataset.do);
  if (button.dataset.kind && !button.dataset.learner) {
    chosen = chosen === button.dataset.kind ? "" : button.dataset.kind;
    drawLearners();
  }
});

byId("filter").addEventListener("input", drawEverybody);

connect();
