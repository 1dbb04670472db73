// Paste into the console of the developer tools, on a page of the project.

// --8<-- [start:poke]
const socket = new WebSocket(`ws://${location.host}/ws/echo/`);
socket.onmessage = (event) => console.log("got", event.data);
socket.onclose = (event) => console.log("closed", event.code);
socket.onopen = () => {
  socket.send("hello from the console");
  socket.send(new Uint8Array([1, 2, 3]));
};
// --8<-- [end:poke]
