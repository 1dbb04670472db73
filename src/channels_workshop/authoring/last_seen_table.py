"""With which releases the proofs of each module were last seen to hold, and which turned one."""

from collections.abc import Iterator
from pathlib import Path

from ..course.statements import load_last_seen, load_statements
from ..language import Language

_WORDS = {
    "en": {
        "with": "With {versions}:",
        "seen": "| Statements | Proofs that held |",
        "turns": "Releases with which a statement turned",
        "none": "None so far.",
        "turn": "| Package | From → to | Statement | It holds |",
        "before": "until {version}",
        "after": "from {version} on",
    },
    "ru": {
        "with": "С {versions}:",
        "seen": "| Утверждения | Подтвердилось |",
        "turns": "Выпуски, с которыми утверждение изменилось",
        "none": "Пока ни одного.",
        "turn": "| Пакет | С → на | Утверждение | Верно |",
        "before": "до {version} включительно",
        "after": "начиная с {version}",
    },
}


def last_seen_lines(root: Path, language: Language) -> Iterator[str]:
    """Yield a table for each set of releases, then that of the turns."""
    last_seen, statements, words = load_last_seen(root), load_statements(root), _WORDS[language]
    tables: dict[str, list[str]] = {}
    for module, sighting in sorted(last_seen.seen.items()):
        versions = ", ".join(f"{name} {version}" for name, version in sighting.versions.items())
        tables.setdefault(versions, []).append(f"| `{module}` | {sighting.proofs} |")
    for versions, rows in tables.items():
        yield from ("", words["with"].format(versions=versions), "")
        yield from (words["seen"], "|---|---|", *rows)
    yield from ("", f"## {words['turns']} {{ #turns }}", "")
    if not last_seen.turns:
        yield words["none"]
    else:
        yield from (words["turn"], "|---|---|---|---|")
    for turn in last_seen.turns:
        statement = next(s for s in statements[turn.module] if s.proof == turn.proof)
        version = turn.before if turn.holds == "before" else turn.after
        yield (
            f"| {turn.package} | {turn.before} → {turn.after} "
            f"| [{turn.proof.replace('_', ' ')}]({statement.page}#{statement.anchor}) "
            f"| {words[turn.holds].format(version=version)} |"
        )
    yield ""
