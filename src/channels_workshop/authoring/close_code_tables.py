"""What the page of close codes is made of: a table of the codes, and one for each situation."""

from collections.abc import Iterator
from pathlib import Path

from ..course.close_codes import Atlas, Captured, Code, End, Seen, load_atlas, load_captured
from ..language import Language

_SERVERS = ("uvicorn", "daphne")
_CLIENTS = ("program", "browser")

_WORDS = {
    "en": {
        "codes": "| Code | What it means | Connect again? |",
        "seen": "Seen here: {links}.",
        "ends": "| Server | A program sees | A browser sees | `disconnect()` gets |",
        "untold": "not called",
        "unmade": "no consumer",
        "gone": "it is gone",
        "program": "from a program",
        "browser": "from a browser",
        "versions": "Seen with {versions}.",
    },
    "ru": {
        "codes": "| Код | Что значит | Подключаться снова? |",
        "seen": "Виден здесь: {links}.",
        "ends": "| Сервер | Программа видит | Браузер видит | `disconnect()` получает |",
        "untold": "не вызван",
        "unmade": "консьюмера нет",
        "gone": "его уже нет",
        "program": "от программы",
        "browser": "от браузера",
        "versions": "Проверено на {versions}.",
    },
}


def code_lines(root: Path, language: Language) -> Iterator[str]:
    """Yield the table of the codes, each with links to the situations in which a client saw it."""
    atlas, captured, words = load_atlas(root), load_captured(root), _WORDS[language]
    yield from ("", words["codes"], "|---|---|---|")
    for code in atlas.codes:
        name = f"<br>{code.name}" if code.name else ""
        links = ", ".join(_links(code, atlas, captured, language))
        means = code.means.spoken(language)
        means += f" {words['seen'].format(links=links)}" if links else ""
        yield f"| **{code.code}**{name} | {means} | {code.again.spoken(language)} |"
    yield ""


def _links(code: Code, atlas: Atlas, captured: Captured, language: Language) -> Iterator[str]:
    for group in atlas.groups:
        for situation in group.situations:
            by_server = captured.seen[situation.id].values()
            if any(_has(seen, code.code) for by_client in by_server for seen in by_client.values()):
                yield f"[{situation.title.spoken(language)}](#{situation.id})"


def _has(seen: Seen, code: str) -> bool:
    codes = {seen.consumer, seen.client.code if seen.client else None}
    return code in map(str, codes)


def situation_lines(root: Path, language: Language) -> Iterator[str]:
    """Yield the situations, group by group: what is said of each, and what was seen."""
    atlas, captured = load_atlas(root), load_captured(root)
    versions = ", ".join(f"{name} {version}" for name, version in captured.versions.items())
    yield from ("", _WORDS[language]["versions"].format(versions=versions))
    for group in atlas.groups:
        yield from ("", f"## {group.title.spoken(language)} {{ #{group.id} }}", "")
        yield group.about.spoken(language)
        for situation in group.situations:
            yield from ("", f"### {situation.title.spoken(language)} {{ #{situation.id} }}", "")
            yield from (situation.about.spoken(language), "")
            yield from (_WORDS[language]["ends"], "|---|---|---|---|")
            for server in _SERVERS:
                if by_client := captured.seen[situation.id].get(server):
                    yield _row(server, by_client, language)
    yield ""


def _row(server: str, by_client: dict[str, Seen], language: Language) -> str:
    words = _WORDS[language]
    ends = [
        _end(by_client[client].client, language) if client in by_client else "—"
        for client in _CLIENTS
    ]
    told = {client: _told(seen, language) for client, seen in by_client.items()}
    if len(set(told.values())) == 1:
        consumer = next(iter(told.values()))
    else:
        consumer = "<br>".join(f"{code} {words[client]}" for client, code in told.items())
    return f"| {server} | {ends[0]} | {ends[1]} | {consumer} |"


def _end(end: End | None, language: Language) -> str:
    words = _WORDS[language]
    if end is None:
        return words["gone"]
    if end.status:
        return f"HTTP {end.status}"
    if end.error:
        return f"`{end.error}`"
    reason = f"<br>“{end.reason}”" if end.reason else ""
    return f"**{end.code}**{reason}"


def _told(seen: Seen, language: Language) -> str:
    if isinstance(seen.consumer, str):
        return _WORDS[language][seen.consumer]
    return f"**{seen.consumer}**" if seen.consumer else f"`{seen.consumer}`"
