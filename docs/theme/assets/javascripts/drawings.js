// Behind the label of an arrow mermaid puts a box of its own colour; the theme does not know it.
const { initialize } = mermaid;
mermaid.initialize = (options) =>
  initialize({ ...options, themeCSS: `${options.themeCSS} .labelBkg { background: none; }` });
