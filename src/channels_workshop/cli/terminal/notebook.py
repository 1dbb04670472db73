"""How `notebook` looks in the terminal."""

from pathlib import Path

from rich.text import Text

from ...invocation import command
from ...language import _
from ...notebooks.source import KERNEL_TITLE
from .console import console, say, say_command
from .learner import near


def show_opened(address: str, folder: Path) -> None:
    """Print where JupyterLab is, and where the learner's copies are."""
    console.print(Text("JupyterLab  ").append(address, style="cyan"))
    say(_("Your copies are in {folder}. Ctrl-C ends it all.", folder=near(folder)))


def show_copies(paths: list[Path]) -> None:
    """Print where the learner's copies are, for those who open them in an editor of their own."""
    for path in paths:
        say(near(path), "cyan")
    say(_("Open it in your editor and choose the kernel “{kernel}”.", kernel=KERNEL_TITLE))


def show_behind(name: str, path: Path) -> None:
    """Say that a copy with notes in it was left as it is, though ours is another by now."""
    say(
        _(
            "{path} has your notes, so it stays as it is; the course has a newer one.",
            path=near(path),
        )
    )
    words = command(f"reset {name[:2]} --notebook")
    say_command(_("The newer one, and yours moved aside: {command}", command=words), words)
