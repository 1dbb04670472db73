// The panel, and the corner of each page: the server sends pieces of the page whenever they change;
// buttons ask for more.

const FIRST_DELAY = 500; // all times in milliseconds
const LONGEST_DELAY = 10_000;
const PATIENCE = 3; // failures in a row after which we say so

const address = document.querySelector("[data-live]").dataset.live;
const connection = document.getElementById("connection"); // the panel alone has one
const title = document.title;

function showConnection(state) {
  if (!connection) return;
  connection.dataset.state = state;
  connection.textContent = connection.dataset[state];
}

// ---- Regions.

function show(name, html) {
  if (name === "title") {
    document.title = html ? `${html} · ${title}` : title;
    return;
  }
  const region = document.querySelector(`[data-region="${name}"]`);
  if (!region) return; // a page that was built before its lesson had this task
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  const unfolded = [...region.querySelectorAll("details[open][id]")].map(({ id }) => id);
  const scrolled = readBack(region.querySelector(".log"));
  region.innerHTML = html;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  // Whoever works with the keyboard stays on the button that has just been replaced.
  if (focused) document.getElementById(focused)?.focus();
  const log = region.querySelector(".log");
  if (log) log.scrollTop = scrolled ?? log.scrollHeight;
  const around = region.closest("details");
  if (around) around.hidden = html === "";
  if (name === "badge") showProgress();
}

/** Return how far down a log is read, or null where that is its end: then it follows. */
function readBack(log) {
  if (!log) return null;
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  return atEnd ? null : log.scrollTop;
}

for (const around of document.querySelectorAll("details.printed")) {
  around.addEventListener("toggle", () => {
    const log = around.querySelector(".log");
    if (log) log.scrollTop = log.scrollHeight;
  });
}

/** Write into the row of lessons above a page what is done of each. */
function showProgress() {
  for (const lesson of document.querySelectorAll(".course__lesson")) {
    const number = lesson.querySelector("b")?.textContent;
    const known = document.querySelector(`.workshop-live [data-lesson="${number}"]`);
    if (!known) continue;
    lesson.dataset.progress = known.textContent.trim();
    lesson.toggleAttribute("data-passed", known.hasAttribute("data-passed"));
  }
}

// ---- The connection.

let socket;
let failures = 0;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${address}`);
  socket.addEventListener("open", () => {
    failures = 0;
    showConnection("connected");
  });
  socket.addEventListener("message", (event) => {
    const frame = JSON.parse(event.data);
    for (const [name, html] of Object.entries(frame.regions ?? {})) show(name, html);
  });
  socket.addEventListener("close", () => {
    failures += 1;
    showConnection(failures < PATIENCE ? "connecting" : "lost");
    // Any delay from zero to a limit that doubles: many panels do not come back at once.
    const limit = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures);
    setTimeout(connect, Math.random() * limit);
  });
}

// ---- Buttons.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!event.target.closest("summary")) foldPicker();
  if (button?.dataset.beside) openBeside(button.dataset.beside);
  if (button?.dataset.copy) copy(button);
  if (!button?.dataset.do || socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ do: button.dataset.do, what: button.dataset.what ?? "" }));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") foldPicker();
});

/** Fold the list of lessons: after a choice, a click anywhere else, or Escape. */
function foldPicker() {
  document.getElementById("picker")?.removeAttribute("open");
}

/** Open the running project in a window of its own, on the right half of the screen. */
function openBeside(project) {
  const { availWidth, availHeight, availLeft = 0, availTop = 0 } = screen;
  const width = Math.floor(availWidth / 2);
  const place = `width=${width},height=${availHeight},left=${availLeft + width},top=${availTop}`;
  window.open(project, "workshop-project", `popup,${place}`);
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1500);
}

showProgress();
connect();
