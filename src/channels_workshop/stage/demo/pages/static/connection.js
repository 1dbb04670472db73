// A WebSocket that comes back by itself. The server keeps the state, so a page has nothing to lose.
"use strict";

const FIRST_DELAY = 300; // milliseconds
const LONGEST_DELAY = 5_000;

/** Connect to what the page names; call `hear` with each frame, `opened` and `lost` whenever it is so. */
function converse(hear, { opened = () => {}, lost = () => {} } = {}) {
  const path = document.querySelector("[data-socket]").dataset.socket;
  const notice = document.getElementById("lost");
  let socket;
  let failures = 0;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}${path}`);
    socket.addEventListener("open", () => {
      failures = 0;
      notice.hidden = true;
      opened();
    });
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", ({ code }) => {
      if (code === 4401) return location.reload(); // another run, and another code
      failures += 1;
      lost();
      notice.hidden = failures < 2;
      const limit = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures);
      setTimeout(connect, Math.random() * limit);
    });
  }

  connect();
  return (frame) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
}
