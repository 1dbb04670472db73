// Given: the words of the script in Russian, for a page that Django has made in Russian.

const RUSSIAN = {
  "This room name is refused": "Такое имя комнаты недопустимо",
  "There is no chat at this address": "По этому адресу чата нет",
  "No answer yet. Send it again.": "Ответа пока нет. Отправьте ещё раз.",
  "Not sent: there was no connection.": "Не отправлено: не было соединения.",
  "The server sent a frame that is not JSON: {}": "Сервер прислал кадр, который не JSON: {}",
  "Connecting…": "Подключаемся…",
  "Connected": "Подключено",
  "Reconnected. What was said meanwhile is not shown.":
    "Снова на связи. Что писали тем временем, не показано.",
  "Connection lost before an answer. Send it again.":
    "Соединение пропало раньше ответа. Отправьте ещё раз.",
  "Reconnecting in {} s": "Подключимся снова через {} с",
  "1 person": "1 человек",
  "{} people": "людей: {}",
  "1 tab": "1 вкладка",
  "{} tabs": "вкладок: {}",
  "{} here, in {}": "Здесь {}, {}",
  "nobody": "никто",
  "Nobody knows you here": "Вас здесь не знают",
  "This token is not good, or not any more.": "Этот токен не годится — или уже не годится.",
};

/** Return `text` in the language of the page; each `{}` in it stands for one of `values`. */
export function say(text, ...values) {
  const said = document.documentElement.lang === "ru" ? (RUSSIAN[text] ?? text) : text;
  return said.replaceAll("{}", () => values.shift());
}
