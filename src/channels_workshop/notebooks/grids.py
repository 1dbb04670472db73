"""Grids: a row for each input, a column for each who tried it, and red where the answer is wrong."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .drawing import BAD, GOOD


@dataclass(frozen=True)
class Grid:
    """Answers by column and row, shown as a table; `right` are those that a row should have."""

    rows: Sequence[str]
    right: Sequence[str]
    columns: Mapping[str, Sequence[str]]

    def wrong(self, column: str) -> list[str]:
        """Return the rows in which that column is wrong."""
        answers = zip(self.rows, self.right, self.columns[column], strict=True)
        return [row for row, right, answer in answers if answer != right]

    def __repr__(self) -> str:
        lines = []
        for number, row in enumerate(self.rows):
            answers = [
                f"{name}: {'✓' if answers[number] == self.right[number] else '✗'} {answers[number]}"
                for name, answers in self.columns.items()
            ]
            lines.append(f"{row}: {', '.join(answers)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        names = "".join(f"<th><code>{html.escape(name)}</code></th>" for name in self.columns)
        body = "".join(
            f"<tr>{_cell(f'<code>{html.escape(row)}</code>')}"
            f"{''.join(self._cell(name, number) for name in self.columns)}</tr>"
            for number, row in enumerate(self.rows)
        )
        table = (
            f'<table style="font-size:.75em">'
            f"<thead><tr><th></th>{names}</tr></thead><tbody>{body}</tbody></table>"
        )
        return f'<div style="overflow-x:auto">{table}</div>'

    def _cell(self, name: str, number: int) -> str:
        answer = self.columns[name][number]
        is_right = answer == self.right[number]
        colour, mark = (GOOD, "✓") if is_right else (BAD, "✗")
        return _cell(f'<b style="color:{colour}">{mark}</b> {html.escape(answer)}')


def _cell(content: str) -> str:
    return f'<td style="text-align:left;white-space:nowrap">{content}</td>'
