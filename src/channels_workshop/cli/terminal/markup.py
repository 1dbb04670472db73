"""Words of lessons with code in them, and code."""

import textwrap

from rich.text import Text

from .console import console


def show_markdown(text: str, indent: int = 0) -> None:
    """Print a text from `lesson.toml`: code in backticks, fragments indented."""
    if not console.is_terminal:
        console.print(Text(textwrap.indent(text, " " * indent)))
        return
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.theme import Theme

    # rich's own style puts code on black, which is unreadable on a light terminal.
    with console.use_theme(Theme({"markdown.code": "cyan"})):
        markdown = Markdown(text, code_theme="ansi_dark")
        console.print(Padding(markdown, (0, 0, 0, indent)), soft_wrap=False)


def show_code(text: str, language: str) -> None:
    """Print code, in colour on a terminal."""
    if not console.is_terminal:
        console.print(Text(text.rstrip("\n")))
        return
    from rich.syntax import Syntax

    code = Syntax(text.rstrip("\n"), language, theme="ansi_dark", background_color="default")
    console.print(code)
