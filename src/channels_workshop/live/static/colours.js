// Light or dark, before anything is shown: what was chosen on the pages, else what the system has.
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  const key = `/${document.documentElement.lang}/.__palette`; // the pages' theme keeps it there
  try {
    return JSON.parse(localStorage.getItem(key)).color;
  } catch {
    return null; // nothing was chosen, or nothing may be stored
  }
}

function choose() {
  const palette = chosen();
  const bySystem = palette === null || palette.media === "(prefers-color-scheme)";
  const dark = bySystem ? system.matches : palette.scheme === "slate";
  document.documentElement.dataset.scheme = dark ? "dark" : "light";
}

choose();
system.addEventListener("change", choose);
