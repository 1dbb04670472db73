// Given: the words of the script in Russian, for a page that Django has made in Russian.

const RUSSIAN = {
  "{} s": "{} с",
  "Another project is here now. Reload the page.": "Здесь теперь другой проект. Обновите страницу.",
  "stopped for {}": "стоит уже {}",
  "beating": "бьётся",
  "no answer": "нет ответа",
  "Server": "Сервер",
  "The heart stopped for {}.": "Сердце стояло {}.",
  "The heart beat on.": "Сердце билось.",
  "{} answers in {}.": "Ответов: {}, за {}.",
  "{} in {}.": "{} за {}.",
  "This part is not written yet.": "Эта часть ещё не написана.",
  "{} has {}:": "{}, открыток: {}",
};

/** Return `text` in the language of the page; each `{}` in it stands for one of `values`. */
export function say(text, ...values) {
  const said = document.documentElement.lang === "ru" ? (RUSSIAN[text] ?? text) : text;
  return said.replaceAll("{}", () => values.shift());
}
