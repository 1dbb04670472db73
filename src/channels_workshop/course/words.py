"""What is said to a learner, in both languages."""

import msgspec

from ..language import Language


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in English and Russian."""

    en: str
    ru: str

    def spoken(self, language: Language) -> str:
        """Return the text in `language`, without the blank edges of a TOML block."""
        return (self.ru if language == "ru" else self.en).strip()


class WordList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same points in English and Russian, in the same order."""

    en: list[str]
    ru: list[str]

    def __post_init__(self) -> None:
        if len(self.en) != len(self.ru):
            raise ValueError(f"{len(self.en)} points in English, {len(self.ru)} in Russian")

    def spoken(self, language: Language) -> list[str]:
        """Return the points in `language`."""
        return self.ru if language == "ru" else self.en
