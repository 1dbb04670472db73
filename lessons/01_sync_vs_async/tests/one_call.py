"""What is checked of every path that makes one call: `/awaiting/` and `/sunrise/`."""

from channels_workshop.judging.mismatch import Mismatch, agreed, expect, given
from kinds import failures, names, pairs, shown_failure
from questions import OF_A_BROWSER, TOPICS_OF, city_of, has_failed, is_about

#: So many requests may wait in the upstream at the same time.
TOGETHER = 4
#: So many are on their way while somebody else is to be served.
MANY = 12
#: So many leave, fail, or lack something before somebody asks again: where each of them costs a place,
#: a thread or a worker, none is left then. Python's own executors have 32 threads at most.
WORN = 36


async def hands_on(questions, path, city, text, **options):
    """Ask about `city` and let the upstream say `text`: both arrive, and no further call is made."""
    (topic,), _ = TOPICS_OF[path]
    with given(city):
        question = questions.ask(path, city, **options)
        (call,) = await questions.calls(1)
        is_about(call, topic, city)
    questions.say(call, text)
    with given(text):
        await question.says(text)
    questions.asked_once(question)


async def asks_and_hands_on(questions, path, some):
    await hands_on(questions, path, some.text(), some.text())
    # Whatever else stands in the query.
    with agreed("P11"):
        await hands_on(questions, path, some.text(), some.text(), town=some.text(), topic="news")
    # It is JSON whoever asks.
    await hands_on(questions, path, some.text(), some.text(), accept=OF_A_BROWSER)


async def hands_on_all_kinds(questions, path, some):
    everything = pairs(some)
    for begin in range(0, len(everything), TOGETHER):
        texts = dict(everything[begin : begin + TOGETHER])
        questions.begin_anew()
        try:
            await _hand_on_together(questions, path, texts)
        except Mismatch:
            await questions.settle()
            # Which of them was it? The story is then that one's alone.
            for city, text in texts.items():
                questions.begin_anew()
                await hands_on(questions, path, city, text)
            raise


async def _hand_on_together(questions, path, texts):
    (topic,), _ = TOPICS_OF[path]
    asked = [questions.ask(path, city) for city in texts]
    for call in await questions.calls(len(asked)):
        is_about(call, topic, city_of(call))
        expect(True, city_of(call) in texts)
        questions.say(call, texts[city_of(call)])
    for question in asked:
        await question.says(texts[question.city])


async def others_are_served(questions, path, some):
    question = questions.ask(path, some.text())
    (call,) = await questions.calls(1)
    await questions.others_are_served()
    text = some.text()
    questions.say(call, text)
    await question.says(text)
    # However many wait, be it in the upstream or for one of few threads.
    _ask(questions, path, some, MANY)
    await questions.calls(TOGETHER)
    await questions.others_are_served()
    await questions.settle()


async def four_wait_together(questions, path, some, sentence="L2"):
    asked = {question.city: question for question in _ask(questions, path, some, TOGETHER)}
    with agreed(sentence):
        calls = await questions.calls(TOGETHER)
    texts = {city: some.text() for city in asked}
    # The last one to come is answered first, and has its answer while the others still wait.
    for call in reversed(calls):
        # Each question has a call of its own.
        question = asked.pop(city_of(call), None)
        if question is None:
            is_about(call, TOPICS_OF[path][0][0], next(iter(asked)))
        questions.say(call, texts[question.city])
        with agreed("L4"):
            await question.says(texts[question.city])


def _ask(questions, path, some, count):
    return [questions.ask(path, some.text()) for _ in range(count)]


async def asks_each_time(questions, path, some):
    """The same city, twice in a row, and twice and four times at the same time: as many calls."""
    city = some.text()
    (topic,), _ = TOPICS_OF[path]
    for count in (1, 1, 2):
        asked = [questions.ask(path, city) for _ in range(count)]
        with agreed("U3"):
            calls = await questions.calls(count)
        text = some.text()
        for call in calls:
            is_about(call, topic, city)
            questions.say(call, text)
        for question in asked:
            with agreed("U3"):
                await question.says(text)
    asked = {questions.ask(path, city) for _ in range(TOGETHER)}
    with agreed("U3"):
        calls = await questions.calls(TOGETHER)
    # Whose call it is, nobody knows: one of them is answered, and the others still wait.
    for call in calls:
        is_about(call, topic, city)
        text = some.text()
        questions.say(call, text)
        with agreed("L4"):
            question = await questions.first_answered(asked)
            asked.remove(question)
            await question.says(text)
    questions.asked_once(question, count=4 + TOGETHER)


async def a_visitor_may_leave(questions, path, some):
    first = questions.ask(path, some.text())
    (call,) = await questions.calls(1)
    await questions.leave(first)
    with agreed("L6"):
        later = {question.city: question for question in _ask(questions, path, some, TOGETHER)}
        others = [each for each in await questions.calls(TOGETHER + 1) if each is not call]
        said = []
        for other in others:
            question = later.pop(city_of(other), None)
            if question is None:
                is_about(other, TOPICS_OF[path][0][0], next(iter(later)))
            said.append((question, some.text()))
            questions.say(other, said[-1][1])
        for question, text in said:
            await question.says(text)
        questions.say(call, some.text())
        await _many_may_leave(questions, path, some)
        await four_wait_together(questions, path, some, "L6")


async def _many_may_leave(questions, path, some):
    """Let many leave, and the upstream answer what they have asked, well or not."""
    for times in range(WORN // TOGETHER):
        await questions.settle()
        questions.begin_anew()
        asked = _ask(questions, path, some, TOGETHER)
        calls = await questions.calls(TOGETHER, "L6")
        await questions.leave(*asked)
        for call in calls:
            if times % 2:
                questions.say(call, some.text())
            else:
                questions.reply(call, some.random.choice(failures(some)))
    await questions.settle()
    questions.begin_anew()
    questions.tell_of_many("drops", WORN, f"GET {path}")


async def spoils_nothing(questions, path, some):
    await questions.ask_without_a_city(path, WORN)
    with agreed("P12"):
        await hands_on(questions, path, some.text(), some.text())
        await four_wait_together(questions, path, some, "P12")


async def tells_a_failure(questions, path, some):
    # What was good a moment ago takes the place of no failure.
    city = some.text()
    await hands_on(questions, path, city, some.text())
    await questions.settle()
    bad = failures(some)
    for number, each in enumerate([city, *names(some)]):
        answer = bad[number % len(bad)]
        questions.begin_anew()
        question = questions.ask(path, each)
        (call,) = await questions.calls(1, "E4" if number else None)
        with given(shown_failure(answer)):
            questions.reply(call, answer)
            has_failed(path, await question.response())
            questions.has_not_blocked(question)
            questions.asked_once(question)
        await questions.settle()
        # Nor does a failure take the place of what is good again.
        with agreed("U3"):
            await hands_on(questions, path, each, some.text())
        await questions.settle()
    for _ in range(WORN // TOGETHER):
        questions.begin_anew()
        asked = _ask(questions, path, some, TOGETHER)
        for call in await questions.calls(TOGETHER, "E4"):
            questions.reply(call, some.random.choice(failures(some)))
        for question in asked:
            has_failed(path, await question.response())
    questions.begin_anew()
    with agreed("E4"):
        await hands_on(questions, path, some.text(), some.text())
        await four_wait_together(questions, path, some, "E4")
