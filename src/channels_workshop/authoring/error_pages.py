"""The pages of the error dictionary, and the pieces of it that pages of symptoms include."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from .. import REPOSITORY
from ..course.dictionary import FOLDER, Entry, Family, families
from ..course.lessons import find_lesson
from ..course.pages import symptoms_page
from ..language import LANGUAGES, Language

_MADE = "Made by `workshop.py tables` from docs/errors."
_WORDS = {
    "en": {
        "fix": "**Fix.**",
        "see": "**See it yourself:** `python workshop.py error {id}`",
        "runs": "What the command runs",
        "linux": "The number and the words are those of Linux.",
        "varies": "The wording depends on the version of {whom}.",
        "elsewhere": "From Python {since} on, as people report it (not run here): `{says}`",
        "lesson": "In [lesson {number:02}]({page}): [{title}]({symptom}).",
        "asked": "Asked in public: {links}.",
        "description": "What each error means, how to see it yourself, and how to fix it: {family}.",
        "intro": "Paste a message into the search, or look for it here. "
        "What is shown was printed by Python 3.11 and the [pinned versions](../setup.md) when the "
        "tests last provoked the error; “…”, PORT and N stand for what differs each time. "
        "All families: [the dictionary of errors](index.md).",
        "index": "The dictionary of errors",
        "index_description": "Errors that people meet with Django Channels, by their messages.",
        "index_intro": "Paste the last line of a traceback, or what the browser's console says, into "
        "the search above. Each entry says what the message means, how to see it yourself in one "
        "command, and how to fix it. There are {count} of them, and each is provoked by a test.",
        "find": "Which line to search for",
        "how": "In a Python traceback it is the last line. In a server's log it stands below "
        "`Exception in ASGI application`. A browser tells little: every failed handshake is 1006, "
        "so look into the server's log first.",
        "list": "All errors",
    },
    "ru": {
        "fix": "**Исправление.**",
        "see": "**Увидеть самому:** `python workshop.py --lang ru error {id}`",
        "runs": "Что запускает эта команда",
        "linux": "Номер и слова — как в Linux.",
        "varies": "Формулировка зависит от версии {whom}.",
        "elsewhere": "Начиная с Python {since}, по чужим сообщениям (здесь не запускалось): `{says}`",
        "lesson": "В [уроке {number:02}]({page}): [{title}]({symptom}).",
        "asked": "Об этом спрашивали: {links}.",
        "description": "Что значит каждая ошибка, как увидеть её самому и как исправить: {family}.",
        "intro": "Вставьте сообщение в поиск или найдите его здесь. Показано то, что напечатали "
        "Python 3.11 и [закреплённые версии](../setup.md), когда тесты в последний раз вызвали ошибку; "
        "«…», PORT и N стоят вместо того, что каждый раз другое. Все разделы: "
        "[словарь ошибок](index.md).",
        "index": "Словарь ошибок",
        "index_description": "Ошибки, которые встречаются с Django Channels, по их сообщениям.",
        "index_intro": "Вставьте в поиск последнюю строку трассировки или то, что написано в консоли "
        "браузера. О каждой ошибке сказано, что она значит, как увидеть её самому одной командой и "
        "как её исправить. Всего их {count}, и каждую вызывает тест.",
        "find": "Какую строку искать",
        "how": "В трассировке Python это последняя строка. В журнале сервера она стоит под "
        "`Exception in ASGI application`. Браузер рассказывает мало: любое неудачное рукопожатие для "
        "него 1006, поэтому сначала загляните в журнал сервера.",
        "list": "Все ошибки",
    },
}
#: How much more an entry weighs in the search than any other page that quotes its message.
_BOOST = 4


def error_files(root: Path = REPOSITORY) -> Iterator[tuple[Path, str]]:
    """Yield each file that is made from the dictionary, and what is to stand in it."""
    every = list(families(root))
    english: dict[str, str] = {}
    for language in LANGUAGES:
        for family in every:
            yield _snippet_path(family, language, root), "\n".join(_snippets(family, language))
        pages = {family.name: _page(family, language) for family in every}
        for name, text in {**pages, "index": _index(every, language)}.items():
            notes = f'follows: "{_hash(english[name])}"\n' if language != "en" else ""
            whole = text.replace("\n---\n", f"\n{notes}---\n", 1)
            english.setdefault(name, whole)
            yield root / "docs" / language / "errors" / f"{name}.md", whole


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _snippet_path(family: Family, language: Language, root: Path) -> Path:
    return root / "docs" / "snippets" / "errors" / f"{family.name}.{language}.md"


def _snippets(family: Family, language: Language) -> Iterator[str]:
    """Yield the lines of a family's snippets: for each entry what it means, and the fix."""
    yield f"<!-- {_MADE} -->"
    for entry in family.entries:
        yield f"<!-- --8<-- [start:{entry.id}] -->"
        yield entry.means.spoken(language)
        yield ""
        yield f"{_WORDS[language]['fix']} {entry.fix.spoken(language)}"
        yield f"<!-- --8<-- [end:{entry.id}] -->"
    yield ""


def _front(title: str, description: str) -> list[str]:
    return [
        "---",
        f'title: "{title}"',
        f'description: "{description}"',
        f"search: {{boost: {_BOOST}}}",
        "---",
        "",
        f"<!-- {_MADE} -->",
        "",
    ]


def _page(family: Family, language: Language) -> str:
    words, name = _WORDS[language], family.title.spoken(language)
    # No word such as “errors” in a title: it would be found whenever a message has that word.
    lines = _front(name, words["description"].format(family=name))
    lines += [f"# {name} {{ #errors }}", "", words["intro"], ""]
    for entry in family.entries:
        lines += [*_entry(family, entry, language), ""]
    return "\n".join(lines)


def _entry(family: Family, entry: Entry, language: Language) -> Iterator[str]:
    words = _WORDS[language]
    yield f"## {_plain(entry.heading(language))} {{ #{entry.id} }}"
    yield ""
    yield from ["```text", *family.printed[entry.id], "```", ""]
    yield f'--8<-- "docs/snippets/errors/{family.name}.{language}.md:{entry.id}"'
    yield ""
    notes = [words["elsewhere"].format(since=e.since, says=e.says) for e in entry.elsewhere]
    notes += [words["linux"]] * entry.linux
    notes += [words["varies"].format(whom=entry.varies)] if entry.varies else []
    for note in notes:
        yield from [note, ""]
    yield from [words["see"].format(id=entry.id), ""]
    yield f'??? example "{words["runs"]}"'
    yield from ["", "    ```python"]
    yield f'    --8<-- "{(FOLDER / "programs").as_posix()}/{family.name}.py:{entry.id}"'
    yield from ["    ```", ""]
    for known in entry.explains:
        yield from [_in_lesson(known, language), ""]
    if entry.asked:
        yield from [words["asked"].format(links=", ".join(map(_link, entry.asked))), ""]


def _in_lesson(known: str, language: Language) -> str:
    lesson_name, _, error_id = known.partition("/")
    lesson = find_lesson(lesson_name)
    error = lesson.known_error(error_id)
    return _WORDS[language]["lesson"].format(
        number=lesson.number,
        page=f"../lessons/{lesson.name}.md",
        title=error.title.spoken(language).replace("`", ""),
        symptom=f"../{symptoms_page(lesson)}.md#{error.anchor}",
    )


def _link(question: str) -> str:
    repository, _, number = question.partition("#")
    return f"[{question}](https://github.com/{repository}/issues/{number})"


def _plain(title: str) -> str:
    """Return a title in which no character means anything to Markdown."""
    return "".join(f"\\{c}" if c in "*_[]`" else "&lt;" if c == "<" else c for c in title)


def _index(every: list[Family], language: Language) -> str:
    words = _WORDS[language]
    count = sum(len(family.entries) for family in every)
    lines = _front(words["index"], words["index_description"])
    lines[3] = "search: {exclude: true}"  # it names every error, and explains none
    lines += [f"# {words['index']} {{ #errors }}", "", words["index_intro"].format(count=count), ""]
    lines += [f"## {words['find']} {{ #which-line }}", "", words["how"], ""]
    lines += [f"## {words['list']} {{ #all }}", ""]
    for family in every:
        lines += [
            f"### [{family.title.spoken(language)}]({family.name}.md) {{ #{family.name} }}",
            "",
        ]
        lines += [
            f"- [{_plain(entry.heading(language))}]({family.name}.md#{entry.id})"
            for entry in family.entries
        ]
        lines.append("")
    return "\n".join(lines)
