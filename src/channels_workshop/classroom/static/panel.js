// The panel: the server sends pieces of the page whenever they change; buttons ask for more.

const FIRST_DELAY = 500; // all times in milliseconds
const LONGEST_DELAY = 10_000;
const PATIENCE = 3; // failures in a row after which the person is told

const language = document.documentElement.lang;
const connection = document.getElementById("connection");

function showConnection(state) {
  connection.dataset.state = state;
  connection.textContent = connection.dataset[state];
}

// ---- Regions.

function show(name, html) {
  const region = document.querySelector(`[data-region="${name}"]`);
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  region.innerHTML = html;
  // Whoever works with the keyboard stays on the button that has just been drawn anew.
  if (focused) document.getElementById(focused)?.focus();
  const around = region.closest("details");
  if (around) {
    around.hidden = html === "";
    const end = region.querySelector("pre");
    if (end) end.scrollTop = end.scrollHeight;
  }
}

// ---- The connection.

let socket;
let failures = 0;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/live/${language}/`);
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

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button || socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ do: button.dataset.do, what: button.dataset.what }));
});

connect();
