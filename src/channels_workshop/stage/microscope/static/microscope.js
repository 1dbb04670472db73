// The time line: events come in any order and stand in theirs. A cursor is at one of them; while it
// follows, that is the newest. The same events make the same rows, live or from a file.

const { words, what, signs, kinds, whole, name: longest } = JSON.parse(
  document.getElementById("for-script").textContent,
);
const language = document.documentElement.lang;
const MOST = 5000; // rows that are kept
const LONGEST_WAIT = 1000; // milliseconds from one event of a replay to the next
const LANES = 12;

const get = (id) => document.getElementById(id);
const list = get("timeline");

let events = []; // in order
let rows = new Map(); // event → its row
let leftOut = 0;
let cursor = -1; // position in `events`
let follows = true;
let replay = ""; // the name of the file that is shown
let timer;

// ---- Events and their order.

const compare = (a, b) =>
  a.at - b.at || (a.who < b.who ? -1 : a.who > b.who ? 1 : 0) || a.number - b.number;

const lane = (event) => (event.connection ? `${event.who} #${event.connection}` : event.who);

function add(more) {
  for (const event of more) {
    let at = events.length;
    while (at && compare(events[at - 1], event) > 0) at -= 1;
    events.splice(at, 0, event);
    if (at <= cursor) cursor += 1;
    addLane(event);
    const row = rowOf(event);
    rows.set(event, row);
    list.insertBefore(row, list.children[at] ?? null);
  }
  const tooMany = events.length - MOST;
  if (tooMany > 0) {
    for (const event of events.splice(0, tooMany)) {
      rows.get(event).remove();
      rows.delete(event);
    }
    cursor = Math.max(cursor - tooMany, 0);
    leftOut += tooMany;
  }
  get("nothing").hidden = events.length > 0;
  get("left-out").hidden = leftOut === 0;
  get("left-out").textContent = words.forgotten.replace("{count}", leftOut);
  retime();
  if (follows) moveTo(newest());
}

function clear() {
  clearTimeout(timer);
  [events, rows, leftOut, cursor] = [[], new Map(), 0, -1];
  lanes.clear();
  list.replaceChildren();
  get("who").replaceChildren(get("who").options[0]);
}

// ---- Rows.

const lanes = new Map();

function addLane(event) {
  const name = lane(event);
  if (lanes.has(name)) return;
  lanes.set(name, lanes.size);
  get("who").add(new Option(name, name));
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function rowOf(event) {
  const row = element("li", "", "");
  row.dataset.what = event.what;
  const dot = element("span", "lanes", "");
  dot.style.setProperty("--lane", lanes.get(lane(event)) % LANES);
  row.append(
    element("time", "", ""),
    dot,
    element("span", "who", lane(event)),
    element("span", "sign", signs[event.what]),
    element("span", "what", event.what === "does" ? "" : what[event.what]),
    element("span", "text", summary(event)),
  );
  row.addEventListener("click", () => hold(events.indexOf(event)));
  row.hidden = !isShown(event);
  return row;
}

function summary(event) {
  const said = (event.text ?? "").trimEnd().split("\n");
  const text = event.what === "raises" ? said.at(-1) : said[0];
  const cut = event.cut ? words.cut.replace("{count}", event.cut) : "";
  const where = whole.includes(event.what) ? event.where : short(event.where ?? "");
  return [event.code, where, text, cut].filter(Boolean).join(" ");
}

/** Return enough of a group's or a channel's name to tell it from others. */
function short(name) {
  return name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
}

let begun;

/** Write the milliseconds since the first event; all anew where that is another one. */
function retime() {
  const first = events[0]?.at;
  const all = first !== begun;
  begun = first;
  for (let at = events.length - 1; at >= 0; at -= 1) {
    const time = rows.get(events[at]).firstChild;
    if (!all && time.textContent) break;
    time.textContent = `${((events[at].at - first) / 1000).toFixed(3)}`;
  }
  if (!all) for (const event of events) {
    const time = rows.get(event).firstChild;
    if (!time.textContent) time.textContent = `${((event.at - first) / 1000).toFixed(3)}`;
  }
}

// ---- The filter.

const kindOf = Object.fromEntries(
  Object.entries(kinds).flatMap(([kind, whats]) => whats.map((name) => [name, kind])),
);

for (const kind of Object.keys(kinds)) {
  const label = element("label", "", "");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
  box.value = kind;
  box.addEventListener("change", filter);
  label.append(box, ` ${words[kind]}`);
  get("kinds").append(label);
}

function isShown(event) {
  const box = get("kinds").querySelector(`[value="${kindOf[event.what]}"]`);
  const who = get("who").value;
  const wanted = get("filter").value.toLowerCase();
  if (!box.checked || (who && who !== lane(event))) return false;
  return `${what[event.what]} ${event.where ?? ""} ${event.text ?? ""}`.toLowerCase().includes(wanted);
}

function filter() {
  for (const [event, row] of rows) row.hidden = !isShown(event);
  moveTo(cursor);
}

// ---- The cursor.

function newest() {
  let at = events.length - 1;
  while (at > 0 && rows.get(events[at]).hidden) at -= 1;
  return at;
}

function step(by) {
  let at = cursor + by;
  while (events[at] && rows.get(events[at]).hidden) at += by;
  if (events[at]) hold(at);
}

function moveTo(at) {
  const before = list.querySelector("[aria-current]");
  before?.removeAttribute("aria-current");
  cursor = at;
  const event = events[at];
  if (!event) return;
  const row = rows.get(event);
  row.setAttribute("aria-current", "step");
  // Within the list alone: the page itself stays where its reader has it.
  const below = row.offsetTop + row.offsetHeight - list.clientHeight;
  if (list.scrollTop < below || list.scrollTop > row.offsetTop) list.scrollTop = below;
  get("heading").textContent = `${lane(event)}: ${signs[event.what]} ${what[event.what]} ${event.code ?? ""} ${event.where ?? ""}`;
  get("text").textContent = pretty(event.text ?? "");
  showMoment();
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Show who is connected, and in which groups, at the moment of the cursor. */
function showMoment() {
  const open = new Map();
  for (const { what: did, where, ...event } of events.slice(0, cursor + 1)) {
    const name = lane(event);
    if (did === "connects") open.set(name, { groups: new Set(), isIn: false });
    if (did === "ends" || did === "closed") open.delete(name);
    const connection = open.get(name);
    if (!connection) continue;
    if (did === "accepts") connection.isIn = true;
    if (did === "joins") connection.groups.add(where);
    if (did === "leaves") connection.groups.delete(where);
  }
  const said = [...open].filter(([, { isIn }]) => isIn).map(([name, { groups }]) => {
    const names = [...groups].map(short).join(", ");
    return element("li", "", names ? `${name} · ${words.groups.replace("{names}", names)}` : name);
  });
  get("moment").replaceChildren(...(said.length ? said : [element("li", "", words.nobody)]));
}

function hold(at) {
  setFollows(false);
  moveTo(at);
}

function setFollows(value) {
  follows = value;
  clearTimeout(timer);
  const state = replay ? "replay" : value ? "live" : "paused";
  get("state").dataset.state = state;
  get("state").textContent = {
    replay: words.replayed.replace("{name}", replay),
    live: words.connected,
    paused: words.paused,
  }[state];
  get("pause").textContent = value ? words.pause : replay ? words.play : words.go_on;
}

function goOn() {
  setFollows(true);
  if (replay) playOn();
  else moveTo(newest());
}

/** Go through a recording at its own pace; where nothing happens for long, sooner. */
function playOn() {
  const [now, next] = [events[cursor], events[cursor + 1]];
  if (!next) return setFollows(false);
  const wait = now ? (next.at - now.at) / 1000 : 0;
  timer = setTimeout(() => {
    moveTo(cursor + 1);
    playOn();
  }, Math.min(wait, LONGEST_WAIT));
}

// ---- Live, or a file.

let socket;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/frames/`);
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(data);
    leftOut = frame.left_out;
    add(frame.events);
  });
  socket.addEventListener("close", () => {
    if (!replay) get("state").textContent = words.lost;
  });
}

function live() {
  replay = "";
  get("live").hidden = true;
  get("save").hidden = false;
  clear();
  setFollows(true);
  connect();
}

async function open(file) {
  const path = `/${language}/frames/replay/`;
  const answer = await fetch(path, { method: "POST", body: file });
  const content = await answer.json();
  get("trouble").hidden = answer.ok;
  get("file").value = "";
  if (!answer.ok) {
    get("trouble").textContent = `${content.message} ${content.fix}`;
    return;
  }
  replay = file.name;
  socket.close();
  clear();
  get("live").hidden = false;
  get("save").hidden = true; // it would save another one, the live project's
  setFollows(false);
  add(content.events);
  moveTo(0);
}

// ---- Buttons and keys.

const deeds = {
  " ": () => (follows ? hold(cursor) : goOn()),
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  End: () => (replay ? hold(newest()) : goOn()),
  "/": () => get("filter").focus(),
  s: () => get("save").click(),
  o: () => get("file").click(),
};

get("pause").addEventListener("click", deeds[" "]);
get("back").addEventListener("click", deeds.ArrowLeft);
get("forward").addEventListener("click", deeds.ArrowRight);
get("newest").addEventListener("click", deeds.End);
get("open").addEventListener("click", deeds.o);
get("live").addEventListener("click", live);
get("filter").addEventListener("input", filter);
get("who").addEventListener("change", filter);
get("file").addEventListener("change", ({ target }) => target.files[0] && open(target.files[0]));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input[type=search], select");
  if (typing && event.key === "Escape") event.target.blur();
  const pressing = event.key === " " && event.target.matches("button, a, input");
  const deed = deeds[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (typing || pressing || !deed) return;
  event.preventDefault();
  deed();
});

live();
