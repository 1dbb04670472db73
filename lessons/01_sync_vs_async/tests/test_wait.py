"""Task `wait`: the view awaits the upstream, and the event loop serves others meanwhile."""

import one_call
from channels_workshop.judging.mismatch import Mismatch, agreed, expect
from page import Page
from questions import OF_A_BROWSER, compact, content_of

PATH = "/awaiting/"


async def test_comes_from_the_upstream(questions, some):
    await one_call.asks_and_hands_on(questions, PATH, some)


async def test_others_are_served(questions, some):
    await one_call.others_are_served(questions, PATH, some)


async def test_many_wait_together(questions, some):
    await one_call.four_wait_together(questions, PATH, some)


async def test_all_kinds_come_through(questions, some):
    await one_call.hands_on_all_kinds(questions, PATH, some)


async def test_asks_each_time(questions, some):
    await one_call.asks_each_time(questions, PATH, some)


async def test_a_failure_is_no_answer(questions, some, beside, evidence):
    await one_call.tells_a_failure(questions, PATH, some)
    await beside.finds_nobody(PATH, evidence)


async def test_a_visitor_may_leave(questions, some):
    await one_call.a_visitor_may_leave(questions, PATH, some)
    await one_call.spoils_nothing(questions, PATH, some)


async def test_a_slow_answer_counts(beside, evidence):
    await beside.waits_for_the_slow(PATH, evidence)


# ---- What is given, and has to stay


async def test_the_page_is_there(visitor):
    page = await Page.opened(visitor)
    for address in page.files:
        with agreed("P9"):
            response = await visitor.get(address)
            expect(f"GET {address}: HTTP 200", f"GET {address}: HTTP {response.status_code}")


async def test_ping_tells_the_process(visitor, visit, alone, lesson):
    here = [await _boot(visitor, accept) for accept in ("*/*", OF_A_BROWSER)]
    there = await _boot(visit(alone()))
    with agreed("P2"):
        expect(f"/ping/: boot: {here[0]}", f"/ping/: boot: {here[1]}")
        if there == here[0]:
            raise Mismatch(lesson.message("another_boot"), f"/ping/: boot: {there}")


async def _boot(visitor, accept="*/*"):
    answer = await visitor.get("/ping/", headers={"Accept": accept})
    content = content_of("/ping/", answer, "P2")
    boot = content.get("boot")
    if not isinstance(boot, str) or not boot:
        with agreed("P2"):
            raise Mismatch('/ping/: {"boot": "…"}', f"/ping/: {compact(content)}")
    return boot


async def test_settings_from_outside(visit, alone):
    visitor = visit(alone())
    # Its settings from outside allow the one and not the other. What does not go through Django's
    # views looks at no `Host`: so two paths are asked for.
    for host, status in [("outside.test", 200), ("localhost", 400)]:
        with agreed("V3"):
            asked = [await visitor.get(path, headers={"Host": host}) for path in ("/ping/", "/")]
            statuses = [response.status_code for response in asked]
            told = (
                f"DJANGO_SETTINGS_MODULE=outside_settings, GET /ping/, GET / (Host: {host}): HTTP"
            )
            if status not in statuses:
                expect(f"{told} {status}", f"{told} {', '.join(map(str, statuses))}")
