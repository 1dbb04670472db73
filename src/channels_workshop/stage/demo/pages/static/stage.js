// The stage: plays whatever the server shows, and tells it how large the screen is.
"use strict";

const stage = new Stage(document.getElementById("board"));
const say = converse((shown) => stage.show(shown), { opened: tellSize });

function tellSize() {
  say({ screen: `${innerWidth}×${innerHeight}` });
}

addEventListener("resize", tellSize);
