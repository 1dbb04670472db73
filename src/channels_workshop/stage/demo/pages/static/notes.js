// A bullet of a note, on the presenter's page and in a recording.
"use strict";

/** Make a bullet of a note: what stands between backticks is code, between stars it is stressed. */
function bullet(text) {
  const item = document.createElement("li");
  for (const part of text.split(/(`[^`]+`|\*[^*]+\*)/)) {
    const kind = { "`": "code", "*": "em" }[part.length > 2 ? part[0] : ""];
    const piece = kind ? document.createElement(kind) : document.createTextNode(part);
    if (kind) piece.textContent = part.slice(1, -1);
    item.append(piece);
  }
  return item;
}
