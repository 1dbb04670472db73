"""Names of files for students, whatever their own names are: valid on every system, and each its own."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

#: What Windows takes in no name, and what would lead elsewhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\s]+')
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE
)
#: Bytes of a name: a system takes 255, and there is something to add to it.
_MOST = 120


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """Return a name for a file or folder for each of `names`, no two alike on any system.

    Some systems take `Anna` and `anna` for one. Names that would be told apart by nothing else get a
    digest behind them.
    """
    wanted = {name: _safe(name) for name in dict.fromkeys(names)}
    often = Counter(map(_as_one, wanted.values()))
    used = {key for key, count in often.items() if count == 1}
    found = {}
    for name, safe in sorted(wanted.items()):
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        length = 8
        unique = safe if often[_as_one(safe)] == 1 else f"{safe}-{digest[:length]}"
        while unique != safe and _as_one(unique) in used:
            length += 8
            unique = f"{safe}-{digest[:length]}"
        used.add(_as_one(unique))
        found[name] = unique
    return found


def _safe(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    text = "".join(char if char.isprintable() or char.isspace() else "_" for char in text)
    text = _FORBIDDEN.sub("_", text.strip())
    text = text.encode()[:_MOST].decode(errors="ignore").strip(" .") or "_"
    if text.startswith("-") or _RESERVED.fullmatch(text):
        text = f"_{text}"
    return text


def _as_one(name: str) -> str:
    """Return what two names share that some system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
