"""Task `thread`: a library that can only block works in a thread, and the event loop goes on."""

import one_call

PATH = "/sunrise/"


async def test_comes_from_the_almanac(questions, some):
    await one_call.asks_and_hands_on(questions, PATH, some)


async def test_the_loop_goes_on(questions, some):
    await one_call.others_are_served(questions, PATH, some)


async def test_many_threads(questions, some):
    await one_call.four_wait_together(questions, PATH, some)


async def test_all_kinds_from_the_almanac(questions, some):
    await one_call.hands_on_all_kinds(questions, PATH, some)


async def test_the_almanac_is_asked_each_time(questions, some):
    await one_call.asks_each_time(questions, PATH, some)


async def test_the_almanac_may_fail(questions, some, beside, evidence):
    await one_call.tells_a_failure(questions, PATH, some)
    await beside.finds_nobody(PATH, evidence)


async def test_one_may_leave_the_almanac(questions, some):
    await one_call.a_visitor_may_leave(questions, PATH, some)
    await one_call.spoils_nothing(questions, PATH, some)


async def test_a_slow_almanac_counts(beside, evidence):
    await beside.waits_for_the_slow(PATH, evidence)
