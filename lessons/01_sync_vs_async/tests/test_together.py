"""Task `together`: three calls at once, and a call that fails costs its own part alone."""

from channels_workshop.judging.mismatch import Mismatch
from questions import is_about

PATH = "/together/"
TOPICS = ["weather", "trains", "news"]


async def test_three_at_once(questions, some):
    question, calls = await _three_calls(questions, some)
    for topic, call in calls.items():
        is_about(call, topic, question.city)
    await _answer(question, calls, some)


async def test_serves_others_too(questions, some):
    question, calls = await _three_calls(questions, some)
    await questions.others_are_served()
    await _answer(question, calls, some)


async def test_each_under_its_name(questions, some):
    for first in range(3):
        question, calls = await _three_calls(questions, some)
        order = TOPICS[first:] + TOPICS[:first]
        await _answer(question, {topic: calls[topic] for topic in order}, some)


async def test_one_failure_costs_one_part(questions, some):
    for topic in TOPICS:
        question, calls = await _three_calls(questions, some)
        calls.pop(topic).answer({"detail": "closed"}, status=503)
        # The failure has arrived before the other two answers do.
        await questions.others_are_served()
        await _answer(question, calls, some, failed=[topic])


async def test_a_broken_line_costs_one_part(questions, some):
    question, calls = await _three_calls(questions, some)
    calls.pop("trains").break_off()
    await questions.others_are_served()
    await _answer(question, calls, some, failed=["trains"])


async def test_all_three_may_fail(questions, some):
    question, calls = await _three_calls(questions, some)
    for call in calls.values():
        call.answer({"detail": "closed"}, status=500)
    await _answer(question, {}, some, failed=TOPICS)


async def _three_calls(questions, some):
    """Ask; return the question and its three calls by topic."""
    question = questions.ask(PATH, some.text())
    calls = {call.path.strip("/"): call for call in await questions.calls(3)}
    if calls.keys() != set(TOPICS):
        raise Mismatch(f"upstream: {TOPICS}", f"upstream: {sorted(calls)}")
    return question, calls


async def _answer(question, calls, some, failed=()):
    """Answer the calls; raise Mismatch unless each text, and each failure, is under its name."""
    texts = {}
    for topic, call in calls.items():
        texts[topic] = some.text()
        call.answer({"text": texts[topic]})
    parts = await question.answer()
    for topic in TOPICS:
        expected = {"error": "…"} if topic in failed else {"text": texts[topic]}
        part = parts.get(topic)
        if not _is_as_expected(part, expected):
            raise Mismatch(f"{PATH}: {topic}: {expected}", f"{PATH}: {topic}: {part}")


def _is_as_expected(part, expected):
    if not isinstance(part, dict):
        return False
    if "error" in expected:
        return isinstance(part.get("error"), str) and bool(part["error"]) and "text" not in part
    return part.get("text") == expected["text"] and "error" not in part
