// Replays a recorded demo: everything that was shown is in the page itself.
"use strict";

{
  const recorded = JSON.parse(document.getElementById("recorded").textContent);
  const stage = new Stage(document.getElementById("board"));
  const [back, forward] = ["back", "forward"].map((id) => document.getElementById(id));
  const steps = recorded.steps;
  let position = 0;

  const ends = (place) => (place ? steps[place - 1].shown.at(-1) : recorded.begin);

  function goTo(place) {
    if (place < 0 || place > steps.length) return;
    const plays = place === position + 1;
    position = place;
    stage.forget();
    const shown = plays ? steps[place - 1].shown : [{ ...ends(place), event: null }];
    for (const picture of shown) stage.show(picture);
    const said = place ? steps[place - 1].say : [];
    document.getElementById("notes").replaceChildren(...said.map(bullet));
    back.disabled = place === 0;
    forward.disabled = place === steps.length;
  }

  back.addEventListener("click", () => goTo(position - 1));
  forward.addEventListener("click", () => goTo(position + 1));
  document.addEventListener("keydown", ({ key }) => {
    if (["ArrowRight", "PageDown"].includes(key)) goTo(position + 1);
    if (["ArrowLeft", "PageUp"].includes(key)) goTo(position - 1);
  });
  goTo(0);
}
