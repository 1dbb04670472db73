// In the developer tools of a page of the chat.

// --8<-- [start:show]
const show = (query) => {
  const socket = new WebSocket(`ws://${location.host}/ws/chat/tea/${query}`);
  socket.onmessage = (event) => console.log(event.data);
  socket.onclose = (event) => console.log("closed:", event.code);
};
show("?ticket=invented");
// --8<-- [end:show]
