"""What of the code is not mutated: nobody who talks to the project could tell the difference."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from .operators import Place

_LEVELS = ["debug", "info", "warning", "error", "exception", "critical"]
_LOGS = m.Expr(m.Call(m.Attribute(attr=m.OneOf(*(m.Name(level) for level in _LEVELS)))))
_ONLY_FOR_TYPES = m.If(
    test=m.OneOf(m.Name("TYPE_CHECKING"), m.Attribute(attr=m.Name("TYPE_CHECKING")))
)
_AS_A_PROGRAM = m.If(test=m.Comparison(left=m.Name("__name__")))
_DOCSTRING = m.Expr(m.SimpleString() | m.ConcatenatedString())
_UNSEEN = m.OneOf(_LOGS, _ONLY_FOR_TYPES, _AS_A_PROGRAM, _DOCSTRING)

#: Keyword arguments, and attributes of a class, that hold words for people.
_LABELS = {"verbose_name", "verbose_name_plural", "help_text", "help", "description", "label"}
#: What names a route: it is read where the name is written once more.
_ROUTE = m.Call(func=m.OneOf(m.Name("path"), m.Name("re_path")))

_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Leave:
    """Tells what is left alone in one file, given the texts of the project's `other_files`.

    `is_settings`: its constants are read by name, and by whom stands in no file of the project.
    """

    text: str
    other_files: Collection[str]
    is_settings: bool

    def __call__(self, node: cst.CSTNode, place: Place) -> bool:
        """Return whether `node`, with all that is in it, is left alone."""
        if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom | cst.Comment):
            return True
        if isinstance(node, cst.Expr | cst.If) and m.matches(node, _UNSEEN):
            return True
        if isinstance(node, cst.Arg) and node.keyword is not None:
            return node.keyword.value in _LABELS or self._is_unread_name(node, place)
        if isinstance(node, cst.Assign) and isinstance(node.targets[0].target, cst.Name):
            name = node.targets[0].target.value
            is_label = name in _LABELS and not place.in_function
            return is_label or name == "__all__" or self._is_unread(name, place)
        return False

    def _is_unread_name(self, node: cst.Arg, place: Place) -> bool:
        """Return whether `node` gives a route a name that stands nowhere else."""
        if node.keyword is None or node.keyword.value != "name":
            return False
        if not m.matches(place.parent, _ROUTE) or not isinstance(node.value, cst.SimpleString):
            return False
        name = node.value.raw_value
        written = rf"""(url|reverse|redirect)[\w (=]*["'](\w+:)?{re.escape(name)}["']"""
        read = re.compile(written, re.IGNORECASE)
        return not any(read.search(text) for text in self.other_files)

    def _is_unread(self, name: str, place: Place) -> bool:
        """Return whether `name` is a constant of the module that stands nowhere else."""
        if self.is_settings or place.definition or not _CONSTANT.fullmatch(name):
            return False
        mentions = sum(
            len(re.findall(rf"\b{name}\b", text)) for text in (self.text, *self.other_files)
        )
        return mentions == 1
