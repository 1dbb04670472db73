// Paste into the console of a page of the chat.

// --8<-- [start:poke]
const chat = new WebSocket(`ws://${location.host}/ws/chat/tea/`);
chat.onmessage = (event) => console.log(event.data);
chat.onclose = (event) => console.log("closed", event.code);
chat.onopen = () => {
  chat.send(JSON.stringify({ message: "hello from the console" }));
  chat.send("this is not JSON");
  chat.send(new Uint8Array([1, 2, 3]));
};
// --8<-- [end:poke]
