// The page of a room, as short as it can be: connect, show, send, come back.

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

// --8<-- [start:own_connect]
let socket;

function connect() {
  showStatus("connecting", "Connecting…");
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/ws/chat/${encodeURIComponent(room)}/`);
  socket.addEventListener("open", () => showStatus("connected", "Connected"));
  socket.addEventListener("message", (event) => show(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => comeBack(event.code));
}
// --8<-- [end:own_connect]

// --8<-- [start:own_show]
function show(frame) {
  if (frame.type === "error") {
    notice.textContent = frame.detail;
  } else if (frame.type === undefined) {
    const line = document.createElement("p");
    line.className = "message";
    line.textContent = frame.message;
    log.append(line);
  }
}
// --8<-- [end:own_show]

// --8<-- [start:own_send]
composer.addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ message: input.value }));
    input.value = "";
    notice.textContent = "";
  } else {
    notice.textContent = "Not sent: there is no connection.";
  }
});
// --8<-- [end:own_send]

// --8<-- [start:own_come_back]
let failures = 0; // in a row

function comeBack(code) {
  if (FINAL_CLOSES.includes(code)) {
    showStatus("closed", "This room is closed to you.");
    return;
  }
  failures += 1;
  showStatus("waiting", "Reconnecting…");
  setTimeout(connect, Math.random() * Math.min(15_000, 500 * 2 ** failures));
}
// --8<-- [end:own_come_back]

connect();
