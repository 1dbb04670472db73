// Whoever has no mouse can scroll, too: a box that is wider than its place takes the focus.
const reach = () => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, .notebook-output > div")) {
    box.toggleAttribute("tabindex", box.scrollWidth > box.clientWidth);
    if (box.hasAttribute("tabindex")) box.tabIndex = 0;
  }
};
addEventListener("load", reach);
addEventListener("resize", reach);
addEventListener("toggle", reach, true); // a fold was opened
