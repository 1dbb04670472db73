"""Task `together`: three calls at once, and a call that fails costs its own part alone."""

import os
from itertools import combinations

from channels_workshop.judging.mismatch import agreed, given
from kinds import failures, names, shown_failure, words
from one_call import MANY, WORN
from questions import OF_A_BROWSER, TOPICS_OF, content_of, is_failed_part, is_part, is_some_part

PATH = "/together/"
TOPICS, _ = TOPICS_OF[PATH]


async def test_three_at_once(questions, some):
    for more in ({}, {"town": some.text(), "topic": "news"}, {"accept": OF_A_BROWSER}):
        with agreed("P11" if "town" in more else "L3"):
            question, calls = await _ask(questions, some.text(), **more)
        await _answer(questions, question, calls, _texts(some))


async def test_serves_others_too(questions, some):
    question, calls = await _ask(questions, some.text())
    await questions.others_are_served()
    await _answer(questions, question, calls, _texts(some))
    # However many wait, be it in the upstream or for some of few threads.
    for _ in range(MANY):
        questions.ask(PATH, some.text())
    await questions.calls(len(TOPICS))
    await questions.others_are_served()
    await questions.settle()


async def test_each_under_its_name(questions, some):
    for first in range(3):
        questions.begin_anew()
        question, calls = await _ask(questions, some.text())
        texts = _texts(some)
        # Never in the order of the names, and each of the three once the first and once the last.
        for topic in reversed(TOPICS[first:] + TOPICS[:first]):
            questions.say(calls[topic], texts[topic])
            # So that nothing but the order in which they are answered is the order in which they come.
            await questions.taken(calls[topic])
        await _has(question, texts)


async def test_nobody_waits_for_another(questions, some):
    for late in TOPICS:
        await _overtakes(questions, some, late)
    await _two_wait_together(questions, some, "L4")


async def _overtakes(questions, some, late):
    """Two people at once: the second has the answer while the first still waits for one part."""
    first, calls = await _ask(questions, some.text())
    texts = _texts(some)
    for topic in TOPICS:
        if topic != late:
            questions.say(calls[topic], texts[topic])
            await questions.taken(calls[topic])
    second = questions.ask(PATH, some.text())
    others = _texts(some)
    with agreed("L4"):
        # As many calls as there are threads for, maybe one at a time.
        for _ in TOPICS:
            call = next(call for call in await questions.calls(2) if call is not calls[late])
            (topic,) = questions.by_topic(second, [call])
            questions.say(call, others[topic])
        await _has(second, others)
        questions.say(calls[late], texts[late])
        await _has(first, texts)
    questions.begin_anew()


async def test_all_kinds_in_each_part(questions, some):
    cities, texts = names(some), words(some)
    texts += [some.text() for _ in range(-len(texts) % 3)]
    while cities or texts:
        questions.begin_anew()
        said = {topic: texts.pop() if texts else some.text() for topic in TOPICS}
        city = cities.pop() if cities else some.text()
        with given(city):
            question, calls = await _ask(questions, city)
        await _answer(questions, question, calls, said)


async def test_three_calls_each_time(questions, some):
    city = some.text()
    for times in (1, 2):
        with agreed("U3"):
            question, calls = await _ask(questions, city)
            for topic, text in (texts := _texts(some)).items():
                questions.say(calls[topic], text)
            await _has(question, texts)
        questions.asked_once(question, 3 * times)
    await _two_wait_together(questions, some, "U3", city)


async def test_one_failure_costs_one_part(questions, some):
    for topic in TOPICS:
        for answer in failures(some)[:2]:
            await _fails(questions, some, {topic: answer}, first=True)
    # Once the others are there already, too.
    await _fails(questions, some, {some.random.choice(TOPICS): failures(some)[0]}, first=False)
    # What was good a moment ago takes the place of none.
    city = some.text()
    question, calls = await _ask(questions, city)
    await _answer(questions, question, calls, _texts(some))
    await questions.settle()
    await _fails(questions, some, {some.random.choice(TOPICS): failures(some)[0]}, True, city)


async def test_whatever_the_failure(questions, some):
    bad = failures(some)
    for number, city in enumerate(names(some)):
        answers = {TOPICS[number % 3]: bad[number % len(bad)]}
        await _fails(questions, some, answers, number % 2 == 0, city)
        await questions.settle()
        # Nor does a failure take the place of what is good again.
        with agreed("U3"):
            question, calls = await _ask(questions, city)
            await _answer(questions, question, calls, _texts(some))
        await questions.settle()


async def test_all_three_may_fail(questions, some, beside, evidence):
    for count in (2, 3):
        for topics in combinations(TOPICS, count):
            answers = some.random.sample(failures(some), count)
            await _fails(questions, some, dict(zip(topics, answers, strict=True)), first=True)
    for _ in range(WORN // len(TOPICS)):
        answers = {topic: some.random.choice(failures(some)) for topic in TOPICS}
        await _fails(questions, some, answers, first=True)
    questions.begin_anew()
    with agreed("E4"):
        question, calls = await _ask(questions, some.text())
        await _answer(questions, question, calls, _texts(some))
        await _two_wait_together(questions, some, "E4")
    await beside.finds_nobody(PATH, evidence)


async def test_one_of_two_may_leave(questions, some):
    first, calls = await _ask(questions, some.text())
    questions.say(calls["trains"], some.text())
    await questions.leave(first)
    with agreed("L6"):
        second = questions.ask(PATH, some.text())
        others = {}
        while len(others) < 3:
            # Two of the first one's still wait; of the second's as many as there are threads for.
            arrived = await questions.calls(3)
            new = [call for call in arrived if call not in calls.values()]
            others |= questions.by_topic(second, new)
            for topic, call in questions.by_topic(second, new).items():
                questions.say(call, f"{topic} {second.city}")
        await _has(second, {topic: f"{topic} {second.city}" for topic in TOPICS})
    await _many_may_leave(questions, some)
    await questions.ask_without_a_city(PATH, WORN)
    with agreed("P12"):
        question, calls = await _ask(questions, some.text())
        await _answer(questions, question, calls, _texts(some))
        await _two_wait_together(questions, some, "P12")


async def _many_may_leave(questions, some):
    """Let many leave, before, between and after the answers of the upstream, good and bad ones."""
    with agreed("L6"):
        for times in range(WORN // len(TOPICS)):
            await questions.settle()
            questions.begin_anew()
            question, calls = await _ask(questions, some.text())
            for number, topic in enumerate(some.random.sample(TOPICS, len(TOPICS))):
                if number == times % len(TOPICS):
                    await questions.leave(question)
                if some.random.random() < 0.5:
                    questions.say(calls[topic], some.text())
                else:
                    questions.reply(calls[topic], some.random.choice(failures(some)))
        await questions.settle()
        questions.begin_anew()
        await _two_wait_together(questions, some, "L6")


async def test_slow_answers_count(beside, evidence):
    await beside.waits_for_the_slow(PATH, evidence)


async def test_its_own_slow_service(visit, alone, some):
    """Told of no upstream, the project asks the service that comes with it."""
    visitor = visit(alone())
    for city in (some.text(), "Atlantis"):
        with agreed("V2"), given(city):
            response = await visitor.get(PATH, params={"city": city})
            parts = content_of(PATH, response, "V2")
            for topic in TOPICS:
                if (topic, city) == ("trains", "Atlantis"):
                    is_failed_part(PATH, topic, parts)
                else:
                    is_some_part(PATH, topic, parts)


async def _ask(questions, city, **more):
    """Ask; return the question and its three calls by topic, once they wait together."""
    question = questions.ask(PATH, city, **more)
    calls = await questions.calls(3)
    return question, questions.by_topic(question, calls)


async def _two_wait_together(questions, some, sentence, city=None):
    """Let two ask: their calls wait together, as many as there are threads for."""
    for _ in range(2):
        questions.ask(PATH, city or some.text())
    # Threads that asyncio gives to blocking calls: four more than there are processors.
    threads = (os.cpu_count() or 1) + 4
    with agreed(sentence):
        await questions.calls(min(2 * len(TOPICS), threads))
    await questions.settle()
    questions.begin_anew()


async def _answer(questions, question, calls, texts):
    for topic, call in calls.items():
        questions.say(call, texts[topic])
    await _has(question, texts)
    questions.asked_once(question, 3)


async def _has(question, texts):
    parts = await question.answer()
    for topic, text in texts.items():
        with given(text):
            is_part(PATH, topic, text, parts)


async def _fails(questions, some, answers, first, city=None):
    """Let the calls about some topics fail, before or after the others: they cost their own parts."""
    questions.begin_anew()
    texts = {topic: some.text() for topic in TOPICS if topic not in answers}
    with given(", ".join(f"{t}: {shown_failure(a)}" for t, a in answers.items())), agreed("E2"):
        question, calls = await _ask(questions, city or some.text())

        async def fail():
            for topic, answer in answers.items():
                questions.reply(calls[topic], answer)
                await questions.taken(calls[topic])

        if first:
            await fail()
        for topic, text in texts.items():
            questions.say(calls[topic], text)
        if not first:
            await fail()
        parts = await question.answer()
        for topic in answers:
            is_failed_part(PATH, topic, parts)
        for topic, text in texts.items():
            is_part(PATH, topic, text, parts, "E2")
        questions.asked_once(question, 3)


def _texts(some):
    return {topic: some.text() for topic in TOPICS}
