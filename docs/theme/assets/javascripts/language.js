// Headings have the same ids in every language: the switch keeps the reader's place.
for (const link of document.querySelectorAll("a.language")) {
  link.addEventListener("click", () => { link.hash = location.hash; });
}
