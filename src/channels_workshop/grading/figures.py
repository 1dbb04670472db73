"""Numbers as people read them."""

from ..language import Language


def figure(number: float, language: Language) -> str:
    """Return points or a percentage with two decimals at most: `4`, `4.5`; `4,5` in Russian."""
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "ru" else text


def whole(number: float) -> int | float:
    """Return a number as JSON writes it: `4`, not `4.0`."""
    return int(number) if float(number).is_integer() else round(number, 2)
