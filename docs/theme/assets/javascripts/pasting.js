// A pasted error message is searched for as plain words. The search would read its colons, minus
// signs and carets as operators, and find nothing. Of a whole traceback the last line is the message.
document.addEventListener("paste", event => {
  const field = event.target
  if (!field.matches?.(".md-search__input")) return
  const lines = event.clipboardData.getData("text/plain").split("\n").filter(line => line.trim())
  if (!lines.length) return
  event.preventDefault()
  const words = lines.at(-1).replace(/[^\p{L}\p{N}_.]+/gu, " ").trim()
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end")
  field.dispatchEvent(new Event("input", {bubbles: true}))
  field.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true})) // by this one the search begins
})
