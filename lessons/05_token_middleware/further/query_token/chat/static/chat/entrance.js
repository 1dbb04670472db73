// The way into a room: a WebSocket that shows the token in its address.

// The person is not known, or not any more: another attempt will not mend that.
export class Unknown extends Error {}

// Returns a WebSocket to `room`. `token` says who it is; without one, the session does.
export async function enter(room, token) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const path = `/ws/chat/${encodeURIComponent(room)}/`;
  const query = token ? `?token=${encodeURIComponent(token)}` : "";
  return new WebSocket(`${scheme}//${location.host}${path}${query}`);
}
