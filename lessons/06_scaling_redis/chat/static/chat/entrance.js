// The way into a room: a ticket first, then a WebSocket that shows it.

// The person is not known, or not any more: another attempt will not mend that.
export class Unknown extends Error {}

// Returns a WebSocket to `room`. `token` says who it is; without one, the session does.
export async function enter(room, token) {
  const ticket = await fetchTicket(room, token);
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const path = `/ws/chat/${encodeURIComponent(room)}/`;
  return new WebSocket(`${scheme}//${location.host}${path}?ticket=${encodeURIComponent(ticket)}`);
}

async function fetchTicket(room, token) {
  // From the cookie: a login in another tab may have changed it since this page was loaded.
  const csrf = document.cookie.match(/csrftoken=(\w+)/)?.[1] ?? "";
  const proof = token ? { Authorization: `Bearer ${token}` } : { "X-CSRFToken": csrf };
  const answer = await fetch("/tickets/", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...proof },
    body: JSON.stringify({ room }),
  });
  if (answer.status === 401) throw new Unknown();
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return (await answer.json()).ticket;
}
