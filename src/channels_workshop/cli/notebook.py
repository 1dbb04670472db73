"""`notebook`: a lesson's notebook in JupyterLab; and, for authors, the pages made of it."""

import click

from ..course.lesson import Lesson
from ..language import _, current
from .arguments import LESSON, verb
from .extras import needs


@verb("notebook", _("Open a lesson's notebook in JupyterLab: a copy that is yours."))
@click.argument("lesson", metavar="[NN]", type=LESSON, required=False)
@click.option(
    "--pages", is_flag=True, help=_("For authors: run it and write the site's pages of it.")
)
@click.option("--no-browser", is_flag=True, help=_("Print the address; open no browser."))
@click.option(
    "--copy", "only_copy", is_flag=True, help=_("Make the copy alone: for VS Code or PyCharm.")
)
def notebook_(lesson: Lesson | None, pages: bool, no_browser: bool, only_copy: bool) -> None:
    from ..notebooks.source import find_notebook, notebook_names

    names = [find_notebook(lesson.name)] if lesson else notebook_names()
    needs("notebooks", "jupyterlab")
    if pages:
        from ..authoring.notebook_pages import write_pages
        from .terminal.console import say

        for path in write_pages(names):
            say(_("{path} was rewritten.", path=path))
        return

    from ..live.up import show_in_browser
    from ..notebooks.copies import NotebookCopies
    from ..notebooks.jupyter import jupyter_lab
    from ..notebooks.kernel import install_kernel
    from .terminal.notebook import show_behind, show_copies, show_opened
    from .terminal.serving import show_goodbye

    copies = NotebookCopies()
    laid = [copies.lay(name, current()) for name in names]
    wanted = laid[0].path if lesson else None
    for name, copy in zip(names, laid, strict=True):
        if copy.is_behind:
            show_behind(name, copy.path)
    if only_copy:
        install_kernel()
        show_copies([copy.path for copy in laid])
        return
    try:
        with jupyter_lab(copies.folder, wanted, current()) as jupyter:
            show_opened(jupyter.address, copies.folder)
            if not no_browser:
                show_in_browser(jupyter.address)
            jupyter.wait()
    except KeyboardInterrupt:
        show_goodbye()
