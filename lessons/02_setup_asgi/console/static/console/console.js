// The console: one WebSocket to any path, and everything that happens on it, moment by moment.

import { say } from "./words.js";

const BROKEN_JSON = '{"message": "hello';

// What a close code says. A page is told no more than the number.
const MEANINGS = {
  1000: say("Done: the ordinary end."),
  1001: say("Going away: the page was left, or the server stops."),
  1005: say("Closed, and no code was given."),
  1006: say(
    "Cut off without a goodbye: an exception on the server, or a lost network. Nobody sends 1006: " +
      "it is the browser's own word for that.",
  ),
  1009: say("A message was too big."),
  1011: say("The server met an error and says so."),
  1012: say("The server restarts: try again in a moment."),
  4404: say("This project's own code: nothing is at this path."),
};
const OWN_CODE = say("A code that an application gives its own meaning.");
const REFUSED = say(
  "The handshake was refused. 403, 404, 500 or no server at all: a page is told 1006 and nothing " +
    "more. The server's log knows which.",
);

const $ = (id) => document.getElementById(id);

const origin = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}`;
$("host").textContent = say("WebSocket path on {}", origin);

// ---- The log. Only textContent: what a server sends is shown and never becomes markup.

let began = 0; // when the last handshake began, in milliseconds

// --8<-- [start:show]
// `way` is "out", "in" or "note"; `what` says in a word or two what `content` is.
function show(way, what, content = "", kind = "") {
  const line = document.createElement("li");
  line.className = `${way} ${kind}`;
  const parts = { time: say("{} ms", Math.round(performance.now() - began)), what, content };
  for (const [name, text] of Object.entries(parts)) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    line.append(part);
  }
  $("log").append(line);
  $("log").scrollTop = $("log").scrollHeight;
}
// --8<-- [end:show]

function showFrame(way, frame) {
  if (typeof frame === "string") {
    const size = new TextEncoder().encode(frame).length;
    show(way, say("text, {} B", size), frame);
  } else {
    const bytes = [...new Uint8Array(frame)].map((byte) => byte.toString(16).padStart(2, "0"));
    show(way, say("binary, {} B", bytes.length), bytes.join(" "), "binary");
  }
}

function showStatus(state, text) {
  $("status").dataset.state = state;
  $("status").textContent = text;
  $("toggle").textContent = state === "closed" ? say("Connect") : say("Disconnect");
}

// ---- The connection.

let socket = null;

function connect() {
  const url = origin + $("path").value;
  began = performance.now();
  let opened = false;
  showStatus("connecting", say("Connecting…"));
  show("out", say("handshake"), `GET ${$("path").value}`, "first");

  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    opened = true;
    showStatus("connected", say("Connected"));
    show("in", say("handshake"), "101 Switching Protocols");
    $("text").select();
  });
  socket.addEventListener("message", (event) => showFrame("in", event.data));
  socket.addEventListener("close", (event) => {
    socket = null;
    showStatus("closed", say("Closed, {}", event.code));
    const kind = event.code === 1000 ? "" : "warn";
    const end = event.code === 1006 ? say("cut off") : say("close");
    if (opened) show("in", end, `${event.code}`, kind);
    else show("in", say("handshake"), say("refused"), kind);
    show("note", "", opened ? meaningOf(event.code) : REFUSED, kind);
  });
}

function meaningOf(code) {
  return MEANINGS[code] ?? (code >= 4000 ? OWN_CODE : say("See RFC 6455, section 7.4."));
}

function disconnect() {
  if (socket?.readyState === WebSocket.OPEN) show("out", say("close"), "1000");
  socket?.close(1000);
}

function send(frame) {
  if (socket?.readyState !== WebSocket.OPEN) {
    show("note", "", say("Not sent: connect first."), "warn");
    return;
  }
  showFrame("out", frame);
  socket.send(frame);
}

// ---- The stranger. A sandboxed frame has no origin: it knocks with `Origin: null`, and any page
// of the web can open one.

function knockAsStranger() {
  const url = new URL($("path").value, origin).href;
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.hidden = true;
  frame.srcdoc = `<script>
    const socket = new WebSocket(${JSON.stringify(url)});
    socket.onopen = () => parent.postMessage(true, "*");
    socket.onerror = () => parent.postMessage(false, "*");
  </script>`;
  addEventListener("message", function answered(event) {
    if (event.source !== frame.contentWindow) return;
    removeEventListener("message", answered);
    frame.remove();
    if (event.data) show("in", say("handshake"), say("101: the stranger is in"), "warn");
    else show("in", say("handshake"), say("refused"));
  });
  began = performance.now();
  show("out", say("handshake"), "Origin: null", "first");
  document.body.append(frame);
}

// ---- Buttons and keys.

$("door").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket) disconnect();
  else connect();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send($("text").value);
});
$("binary").addEventListener("click", () => send(new TextEncoder().encode($("text").value)));
$("broken").addEventListener("click", () => send(BROKEN_JSON));
$("stranger").addEventListener("click", knockAsStranger);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") disconnect();
});
