// The page of a room, yours to write: connect, show, send, come back.

const room = JSON.parse(document.getElementById("room").textContent);
const log = document.getElementById("log");
const status = document.getElementById("status");
const notice = document.getElementById("notice");
const composer = document.getElementById("composer");
const input = document.getElementById("message");

const FINAL_CLOSES = [4400, 4404]; // another attempt gets the same answer

function showStatus(state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

let socket;

function connect() {
  // 1. Make the WebSocket; its address comes from `location` and `room`.
  // 2. Say in the status that it is "connecting", and when it is "connected".
  // 3. Hand each frame to `show`, and the close code to `comeBack`.
  notice.textContent = "This page is not written yet.";
}

function show(frame) {
  // 1. An error frame: its `detail` goes into `notice`.
  // 2. A message: a new <p> at the end of `log`, as text.
  // 3. Any other type is not for this page.
}

composer.addEventListener("submit", (event) => {
  event.preventDefault(); // else the browser would load the page anew
  // 1. Send the text of `input` as JSON: {"message": "…"}.
  // 2. If the connection is not open, say so in `notice` and keep the text.
});

let failures = 0; // in a row

function comeBack(code) {
  // 1. After one of FINAL_CLOSES the status is "closed", and that is that.
  // 2. Else it is "waiting", and `setTimeout` connects again, after a random delay whose limit grows.
}

connect();
