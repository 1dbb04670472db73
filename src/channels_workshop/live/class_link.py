"""The learner's side of a class: what happens in `up` is told to the board, as far as was agreed.

That is: which lesson and task, how each check went and in which way it failed, and when. Files are
shown only while the learner says so.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..course.lesson import Lesson
from ..judging.failure import DoesNotRun
from ..judging.signature import DOES_NOT_START, signature_of, way_of
from ..judging.verdict import Result, Verdict
from ..learner import workspace_root
from ..learner.watch import stamps
from ..stage.board.joining.address import ClassAddress
from ..stage.board.joining.connection import NOBODY, Connection, Member, TurnedAway
from ..stage.board.joining.outbox import Outbox
from ..stage.board.joining.refusals import refusal
from ..stage.board.limits import LONGEST_CODE, LONGEST_PATH, MOST_FILES
from ..stage.board.messages import (
    Answered,
    Checked,
    CodeFile,
    CodeShown,
    Hand,
    Judged,
    Reported,
    Turned,
)
from .state import Attendance, State


def own_outbox() -> Outbox:
    """Return the outbox of this workspace."""
    return Outbox(workspace_root() / "class" / "joined", time.time)


def join_class(address: ClassAddress, member: Member, outbox: Outbox) -> bool:
    """Become a member of the class at `address`; return whether anybody has answered there.

    Raises WorkshopError where the class lets us not in.
    """
    try:
        asyncio.run(Connection(address, member, outbox, time.time).join())
    except TurnedAway as turned:
        if turned.is_final:
            raise refusal(turned.code) from None
        return False
    except NOBODY:
        return False
    return True


class ClassLink:
    """Tells the class at `address` what happens. `changed` is called with how that stands.

    It is a Listener of the states of `up`, of which `state` gives the one that holds now. All but
    `run` returns at once, and is called in its loop.
    """

    def __init__(self, address: ClassAddress, member: Member, outbox: Outbox) -> None:
        self._outbox = outbox
        self._address = address
        self._told: dict[tuple[str, str], Checked] = {}
        self._turned: Turned | None = None
        self._state: Callable[[], State] | None = None
        self._changed: Callable[[Attendance], None] = lambda attendance: None
        self._connection = Connection(
            address,
            member,
            outbox,
            time.time,
            changed=self._say,
            begins_anew=self._begin_anew,
            code=self._code,
        )
        # What was told before, by an `up` that has ended, is no news.
        for report in outbox.after(0, outbox.last):
            if isinstance(report.what, Checked):
                self._told[report.what.lesson, report.what.check] = report.what
        shown = outbox.last_of(CodeShown)
        if shown and shown.what == CodeShown(True):  # each `up` is asked anew
            outbox.add(CodeShown(False))

    def attach(self, state: Callable[[], State], changed: Callable[[Attendance], None]) -> None:
        """Follow the states that `state` gives, and report to `changed`."""
        self._state, self._changed = state, changed

    async def run(self) -> None:
        """Keep up the connection, until it is cancelled or the class refuses for good."""
        assert self._state
        self._tell(self._news_in(self._state()))
        await self._connection.run()

    @property
    def attendance(self) -> Attendance:
        """How it stands."""
        connection, hand = self._connection, self._outbox.last_of(Hand)
        return Attendance(
            address=str(self._address),
            name=connection.called,
            link=connection.link,
            refusal=refusal(connection.refusal) if connection.refusal else None,
            hand=bool(hand and hand.what == Hand(True) and hand.number > connection.wishes.lowered),
            shows_code=self._shows_code,
            asked=connection.wishes.help and self._has_not_answered,
        )

    # ---- What the learner decides.

    def raise_hand(self, up: bool) -> None:
        """Raise a hand, or take it down."""
        self._tell([Hand(up)])

    def show_code(self, on: bool) -> None:
        """Let the instructor look at the files, or no more."""
        self._tell([CodeShown(on)])
        if on:
            self._connection.show_code()

    def answer(self, yes: bool) -> None:
        """Answer “May I help?”; yes shows the files."""
        self._tell([Answered(yes)])
        if yes:
            self.show_code(True)

    @property
    def _shows_code(self) -> bool:
        shown = self._outbox.last_of(CodeShown)
        return shown is not None and shown.what == CodeShown(True)

    @property
    def _has_not_answered(self) -> bool:
        """Whether the board has all answers: one that is under way is none to be asked for again."""
        answered = self._outbox.last_of(Answered)
        return answered is None or answered.number <= self._connection.acknowledged

    # ---- What happens in `up`.

    def __call__(self, before: State, after: State) -> None:
        """Tell what has changed: a Listener."""
        self._tell(self._news_in(after, before))
        if after.changed and after.at is not before.at:
            self._connection.show_code()

    def _news_in(self, state: State, before: State | None = None) -> Iterator[Reported]:
        lesson = state.lesson
        turned = _turned(state)
        is_elsewhere = self._turned is None or self._turned.lesson != lesson.name
        if is_elsewhere:
            self._turned = turned
            yield turned
        if state.folder is None:
            return
        for result in state.so_far or (state.judged.verdict.checks if state.judged else ()):
            checked = _checked(state, result)
            told = self._told.get((lesson.name, result.id))
            is_news = told is not None or (checked and checked.status not in ("ahead", "not_run"))
            if checked and is_news and checked != told:
                self._told[lesson.name, result.id] = checked
                yield checked
        if state.judged and (before is None or state.judged is not before.judged):
            yield _judged(lesson, state.judged.verdict.broken)
        elif state.broken and (before is None or state.broken is not before.broken):
            yield _judged(lesson, state.broken)
        if self._turned != turned:
            self._turned = turned
            yield turned

    def _begin_anew(self) -> None:
        """Another class: it is to know how things stand, and nothing of before."""
        assert self._state
        self._told, self._turned = {}, None
        self._tell(self._news_in(self._state()))

    def _tell(self, news: "Iterator[Reported] | list[Reported]") -> None:
        has_told = False
        for what in news:
            self._outbox.add(what)
            has_told = True
        if has_told:
            self._connection.tell()
            self._say()

    def _say(self) -> None:
        self._changed(self.attendance)

    # ---- Files, while they are shown.

    def _code(self) -> list[CodeFile]:
        """Return the learner's files; those in which there is a task come first."""
        assert self._state
        state = self._state()
        if not self._shows_code or state.folder is None:
            return []
        first = [place.path for place in state.places]
        paths = sorted(
            stamps(state.lesson, state.folder), key=lambda path: (path not in first, path)
        )
        texts = ((path, _text_of(state.folder / path)) for path in paths)
        files = [(path, text) for path, text in texts if "\0" not in text][:MOST_FILES]
        return [
            CodeFile(str(path)[:LONGEST_PATH], text, number, len(files))
            for number, (path, text) in enumerate(files, 1)
        ]


def _turned(state: State) -> Turned:
    task = state.current_task
    if state.folder is None:
        return Turned(state.lesson.name, stage="not_started")
    if task is None:
        return Turned(state.lesson.name, stage="passed")
    return Turned(state.lesson.name, task.id)


def _checked(state: State, result: Result) -> Checked | None:
    """Return what is told of a result; None where nothing is known by it."""
    task = state.lesson.task(result.task)
    can_be_run = result.status != "not_run" or result.is_left_out
    if not state.is_begun(task) and can_be_run and result.status != "pass":
        return Checked(state.lesson.name, task.id, result.id, "ahead")
    if result.is_left_out:
        return None
    failure = result.failure
    return Checked(
        state.lesson.name,
        task.id,
        result.id,
        result.status,
        way=way_of(failure) if failure else None,
        known=failure.known if failure else None,
    )


def _judged(lesson: Lesson, broken: DoesNotRun | None) -> Judged:
    if broken is None:
        return Judged(lesson.name)
    way = signature_of(Verdict(lesson.name, "", broken=broken))[DOES_NOT_START]
    return Judged(lesson.name, broken=way, known=broken.known)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")[:LONGEST_CODE]
    except OSError:  # gone meanwhile
        return ""
