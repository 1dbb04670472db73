// The search's index is larger than any page. The theme fetches it with each of them; here it waits for
// somebody who searches: for the field to have the focus, or for a question in the address.
const { open, send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, address, ...others) {
  open.call(this, method, address, ...others);
  if (!String(address).endsWith("/search_index.json") || new URLSearchParams(location.search).has("q")) return;
  this.send = () => {
    const begin = ({ target }) => {
      if (!target.matches(".md-search__input")) return;
      removeEventListener("focusin", begin);
      send.call(this);
    };
    addEventListener("focusin", begin);
  };
};

// The search looks for words by their beginning and knows no grammar. A Russian word loses its ending on the
// way there, so that each of its forms finds all of them; the theme's worker gets the rest and a `*`.
const ENDING = new RegExp(
  "(?<=[а-яё]{4})(?:и?ями|ами|и?ях|ах|и?ям|ам|и?е[мй]|[ео]го|[ео]му|[ыи]ми|[оеё]в|[оыи]й|ом|[ая]я|[ое]е|[ыи]е|[ыи]х"
  + "|[ую]ю|и[ияю]|ь[яюе]|[аеиоуыэюяйь])(?![а-яё])", "gi");
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (message, ...others) {
  const isQuestion = message?.type === 2 && typeof message.data === "string";
  postMessage.call(this, isQuestion ? { ...message, data: message.data.replace(ENDING, "") } : message, ...others);
};
