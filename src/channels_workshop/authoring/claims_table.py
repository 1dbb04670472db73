"""What the page of checked claims is made of: each claim, its verdict, and what shows it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ..course.statements import Claim, Statement, load_claims, load_statements
from ..errors import WorkshopError
from ..language import Language

_VERDICTS = {
    "en": {"true": "true", "half": "half true", "no-longer": "no longer", "false": "false"},
    "ru": {"true": "верно", "half": "отчасти", "no-longer": "уже нет", "false": "неверно"},
}
_WORDS = {
    "en": {"counted": "{n} claims: {counts}.", "test": "test", "read": "read"},
    "ru": {"counted": "Утверждений: {n}; {counts}.", "test": "тест", "read": "прочитано"},
}


def claim_lines(root: Path, language: Language) -> Iterator[str]:
    """Yield the claims, topic by topic. Raises WorkshopError where a claim's proof is missing."""
    topics = load_claims(root)
    statements = {each.proof: each for module in load_statements(root).values() for each in module}
    verdicts = Counter(claim.verdict for topic in topics for claim in topic.claims)
    counts = ", ".join(
        f"{word} — {verdicts[verdict]}"  # type: ignore[index]
        for verdict, word in _VERDICTS[language].items()
    )
    yield from ("", _WORDS[language]["counted"].format(n=verdicts.total(), counts=counts))
    for topic in topics:
        yield from ("", f"## {topic.title.spoken(language)} {{ #{topic.id} }}", "")
        for claim in topic.claims:
            yield from _claim(claim, statements, language)
    yield ""


def _claim(claim: Claim, statements: Mapping[str, Statement], language: Language) -> Iterator[str]:
    verdict = _VERDICTS[language][claim.verdict]
    shown = ", ".join(_shown(each, statements, language) for each in claim.shown)
    yield f"{claim.says.spoken(language)} {{ #{claim.id} }}"
    yield f":   **{verdict}**{{ .verdict .{claim.verdict} }} {claim.why.spoken(language)}"
    yield f"    <small>{shown}</small>"
    yield ""


def _shown(each: str, statements: Mapping[str, Statement], language: Language) -> str:
    words = _WORDS[language]
    if each.startswith("https://"):
        return f"{words['read']}: [{urlsplit(each).hostname}]({each})"
    if each not in statements:
        raise WorkshopError(f"docs/claims.toml: no statement has the proof {each}", "Name another.")
    statement = statements[each]
    name = each.rpartition("::")[2].replace("_", " ")
    return f"{words['test']}: [{name}]({statement.page}#{statement.anchor})"
