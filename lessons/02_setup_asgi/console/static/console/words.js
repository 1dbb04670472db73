// Given: the words of the script in Russian, for a page that Django has made in Russian.

const RUSSIAN = {
  "Done: the ordinary end.": "Готово: обычное завершение.",
  "Going away: the page was left, or the server stops.":
    "Уходим: страницу закрыли или сервер завершается.",
  "Closed, and no code was given.": "Закрыто, а код не назван.",
  "Cut off without a goodbye: an exception on the server, or a lost network. Nobody sends 1006: it is the browser's own word for that.":
    "Обрыв без прощания: исключение на сервере или пропала сеть. Никто не отправляет 1006: так это называет сам браузер.",
  "A message was too big.": "Слишком большое сообщение.",
  "The server met an error and says so.": "На сервере ошибка, и он о ней сообщает.",
  "The server restarts: try again in a moment.": "Сервер перезапускается: попробуйте чуть позже.",
  "This project's own code: nothing is at this path.":
    "Собственный код этого проекта: по этому пути ничего нет.",
  "A code that an application gives its own meaning.":
    "Код, смысл которого определяет само приложение.",
  "The handshake was refused. 403, 404, 500 or no server at all: a page is told 1006 and nothing more. The server's log knows which.":
    "В рукопожатии отказано. 403, 404, 500 или сервера нет вовсе: странице сообщают 1006 и больше ничего. Что именно, видно в журнале сервера.",
  "WebSocket path on {}": "Путь WebSocket на {}",
  "{} ms": "{} мс",
  "text, {} B": "текст, {} Б",
  "binary, {} B": "байты, {} Б",
  "Connect": "Подключиться",
  "Disconnect": "Отключиться",
  "Connecting…": "Подключаемся…",
  "handshake": "рукопожатие",
  "Connected": "Подключено",
  "Closed, {}": "Закрыто, {}",
  "cut off": "обрыв",
  "close": "закрытие",
  "refused": "отказ",
  "See RFC 6455, section 7.4.": "См. RFC 6455, раздел 7.4.",
  "Not sent: connect first.": "Не отправлено: сначала подключитесь.",
  "101: the stranger is in": "101: чужого впустили",
};

/** Return `text` in the language of the page; each `{}` in it stands for one of `values`. */
export function say(text, ...values) {
  const said = document.documentElement.lang === "ru" ? (RUSSIAN[text] ?? text) : text;
  return said.replaceAll("{}", () => values.shift());
}
