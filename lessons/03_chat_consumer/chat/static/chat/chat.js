// The chat page: one WebSocket to one room, opened again whenever it is lost.

import { say } from "./words.js";

const FIRST_DELAY = 1_000; // all times in milliseconds
const LONGEST_DELAY = 15_000;
const STEADY = 5_000; // after so long a connection is a good one: back-off starts anew
const PATIENCE = 3_000; // how long a message may take to come back

// --8<-- [start:final_closes]
// Closes that another attempt will not mend, and what the person is told.
const FINAL_CLOSES = {
  4400: say("This room name is refused"),
  4404: say("There is no chat at this address"),
};
// --8<-- [end:final_closes]

// --8<-- [start:page_room]
const room = JSON.parse(document.getElementById("room").textContent);
// --8<-- [end:page_room]
const log = document.getElementById("log");
const status = document.getElementById("status");
const notice = document.getElementById("notice");
const composer = document.getElementById("composer");
const input = document.getElementById("message");

// ---- What the person sees. Only textContent: markup in a message stays text.

function showStatus(state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

function showNotice(text) {
  notice.textContent = text;
}

// --8<-- [start:show_line]
function showLine(className, text) {
  const line = document.createElement("p");
  line.className = className;
  line.dir = "auto";
  line.textContent = text;
  log.append(line);
  follow();
}
// --8<-- [end:show_line]

// The log follows the conversation only while the reader is at its end.
let atEnd = true;

function follow() {
  if (atEnd) log.scrollTop = log.scrollHeight;
}

log.addEventListener("scroll", () => {
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
});
new ResizeObserver(follow).observe(log); // a phone's keyboard, or a notice, takes room

// ---- Sending. A message is delivered when it comes back: until then it stays in the input.

// --8<-- [start:page_send]
let sent = null; // the text that we wait for
let patience; // timer: when to stop waiting for it

function send(text) {
  socket.send(JSON.stringify({ message: text }));
  sent = text;
  patience = setTimeout(() => stopWaiting(say("No answer yet. Send it again.")), PATIENCE);
}

function stopWaiting(text) {
  clearTimeout(patience);
  sent = null;
  showNotice(text);
}
// --8<-- [end:page_send]

// --8<-- [start:page_submit]
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  input.focus();
  if (sent !== null) return;
  if (socket.readyState === WebSocket.OPEN) send(input.value);
  else showNotice(say("Not sent: there was no connection."));
});
// --8<-- [end:page_submit]

// ---- Receiving.

// --8<-- [start:page_message]
function showMessage(text) {
  showLine("message", text);
  // Somebody else may have sent the very same text: then it stands in the log all the same.
  if (text !== sent) return;
  stopWaiting("");
  // What was typed in the meantime stays.
  if (input.value.startsWith(text)) input.value = input.value.slice(text.length);
}
// --8<-- [end:page_message]

// --8<-- [start:page_receive]
function receive(event) {
  let frame;
  try {
    frame = JSON.parse(event.data);
  } catch {
    showNotice(say("The server sent a frame that is not JSON: {}", event.data));
    return;
  }
  switch (frame.type) {
    case undefined:
      showMessage(frame.message);
      break;
    case "error":
      stopWaiting(frame.detail);
      break;
    // A type that this page does not know is not for this page.
  }
}
// --8<-- [end:page_receive]

// ---- The connection.

let socket;
let failures = 0; // lost or failed connections in a row
let steady; // timer: when to forget the failures

// --8<-- [start:page_connect]
function connect() {
  showStatus("connecting", say("Connecting…"));
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/chat/${encodeURIComponent(room)}/`);
  socket.addEventListener("open", opened);
  socket.addEventListener("message", receive);
  socket.addEventListener("close", closed);
}
// --8<-- [end:page_connect]

// --8<-- [start:page_opened]
function opened() {
  steady = setTimeout(() => { failures = 0; }, STEADY);
  showStatus("connected", say("Connected"));
  if (input.value === "") showNotice(""); // a notice about a text stays beside it
  if (log.lastElementChild?.className === "message") {
    showLine("gap", say("Reconnected. What was said meanwhile is not shown."));
  }
}
// --8<-- [end:page_opened]

// --8<-- [start:page_closed]
function closed(event) {
  clearTimeout(steady);
  if (sent !== null) stopWaiting(say("Connection lost before an answer. Send it again."));
  if (event.code in FINAL_CLOSES) {
    showStatus("closed", FINAL_CLOSES[event.code]);
    return;
  }
// --8<-- [end:page_closed]
  // --8<-- [start:back_off]
  // "Full jitter": anything from zero to a limit that doubles with each failure, so that after
  // a restart of the server its many clients do not all come back in the same moment.
  const delay = Math.random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures);
  // --8<-- [end:back_off]
  failures += 1;
  showStatus("waiting", say("Reconnecting in {} s", Math.ceil(delay / 1000)));
  setTimeout(connect, delay);
}

connect();
