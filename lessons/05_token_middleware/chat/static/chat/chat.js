// The chat page: one WebSocket to one room, opened again whenever it is lost.

import { Unknown, enter } from "./entrance.js";
import { say } from "./words.js";

const FIRST_DELAY = 1_000; // all times in milliseconds
const LONGEST_DELAY = 15_000;
const STEADY = 5_000; // after so long a connection is a good one: back-off starts anew
const PATIENCE = 3_000; // how long a message may take to come back

// Closes that another attempt will not mend, and what the person is told.
const FINAL_CLOSES = {
  4400: say("This room name is refused"),
  4404: say("There is no chat at this address"),
};

const room = JSON.parse(document.getElementById("room").textContent);
const log = document.getElementById("log");
const status = document.getElementById("status");
const online = document.getElementById("online");
const notice = document.getElementById("notice");
const entrance = document.getElementById("entrance");
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
function showLine(className, text, user) {
  const line = document.createElement("p");
  line.className = className;
  line.dir = "auto";
  line.textContent = text;
  if (user !== undefined) {
    const name = document.createElement("bdi"); // its script does not decide the line's direction
    name.textContent = user || say("nobody");
    line.prepend(name, " ");
  }
  log.append(line);
  follow();
}
// --8<-- [end:show_line]

function showOnline({ count, tabs }) {
  const people = count === 1 ? say("1 person") : say("{} people", count);
  const where = tabs === 1 ? say("1 tab") : say("{} tabs", tabs);
  online.textContent = say("{} here, in {}", people, where);
}

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

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  input.focus();
  if (sent !== null) return;
  if (socket?.readyState === WebSocket.OPEN) send(input.value);
  else showNotice(say("Not sent: there was no connection."));
});

// ---- Receiving.

function showMessage(text, user) {
  showLine("message", text, user);
  // Somebody else may have sent the very same text: then it stands in the log all the same.
  if (text !== sent) return;
  stopWaiting("");
  // What was typed in the meantime stays.
  if (input.value.startsWith(text)) input.value = input.value.slice(text.length);
}

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
      showMessage(frame.message, frame.user ?? "");
      break;
    case "online_count":
      showOnline(frame);
      break;
    case "error":
      stopWaiting(frame.detail);
      break;
    // A type that this page does not know is not for this page.
  }
}

// ---- Who is it? The token stays in this tab's memory: whoever reloads the page shows it again.

let token = "";

function ask() {
  showStatus("closed", say("Nobody knows you here"));
  if (token !== "") showNotice(say("This token is not good, or not any more."));
  entrance.hidden = false;
  composer.hidden = true;
}

entrance.addEventListener("submit", (event) => {
  event.preventDefault();
  token = entrance.elements.token.value.trim();
  connect();
});

// ---- The connection.

const UNAUTHORIZED = 4401;

let socket;
let failures = 0; // lost or failed connections in a row
let steady; // timer: when to forget the failures

async function connect() {
  showStatus("connecting", say("Connecting…"));
  try {
    socket = await enter(room, token);
  } catch (error) {
    if (error instanceof Unknown) ask();
    else retry();
    return;
  }
  socket.addEventListener("open", opened);
  socket.addEventListener("message", receive);
  socket.addEventListener("close", closed);
}

function opened() {
  steady = setTimeout(() => { failures = 0; }, STEADY);
  showStatus("connected", say("Connected"));
  entrance.hidden = true;
  composer.hidden = false;
  if (input.value === "") showNotice(""); // a notice about a text stays beside it
  if (log.lastElementChild?.className === "message") {
    showLine("gap", say("Reconnected. What was said meanwhile is not shown."));
  }
}

function closed(event) {
  clearTimeout(steady);
  online.textContent = ""; // nobody tells us any more
  if (sent !== null) stopWaiting(say("Connection lost before an answer. Send it again."));
  if (event.code === UNAUTHORIZED) ask();
  else if (event.code in FINAL_CLOSES) showStatus("closed", FINAL_CLOSES[event.code]);
  else retry();
}

function retry() {
  // "Full jitter": anything from zero to a limit that doubles with each failure, so that after
  // a restart of the server its many clients do not all come back in the same moment.
  const delay = Math.random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures);
  failures += 1;
  showStatus("waiting", say("Reconnecting in {} s", Math.ceil(delay / 1000)));
  setTimeout(connect, delay);
}

connect();
