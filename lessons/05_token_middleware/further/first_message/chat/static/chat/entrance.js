// The way into a room: a WebSocket whose first message shows the token.

// The person is not known, or not any more: another attempt will not mend that.
export class Unknown extends Error {}

// Returns a WebSocket to `room`, which says who it is as soon as it is open.
export async function enter(room, token) {
  if (!token) throw new Unknown();
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/ws/chat/${encodeURIComponent(room)}/`);
  socket.addEventListener("open", () => socket.send(JSON.stringify({ token })));
  return socket;
}
