"""Task `wait`: the view awaits the upstream, and the event loop serves others meanwhile."""

from questions import is_about


async def test_comes_from_the_upstream(questions, some):
    question = questions.ask("/awaiting/", some.text())
    (call,) = await questions.calls(1)
    is_about(call, "weather", question.city)
    text = some.text()
    call.answer({"text": text})
    await question.is_answered_with({"text": text})


async def test_others_are_served(questions, some):
    question = questions.ask("/awaiting/", some.text())
    (call,) = await questions.calls(1)
    await questions.others_are_served()
    text = some.text()
    call.answer({"text": text})
    await question.is_answered_with({"text": text})


async def test_many_wait_together(questions, some):
    asked = [questions.ask("/awaiting/", some.text()) for _ in range(4)]
    texts = {question.city: some.text() for question in asked}
    # The last one to come is answered first.
    for call in reversed(await questions.calls(4)):
        (city,) = call.query.get("city", [""])
        call.answer({"text": texts.get(city)})
    for question in asked:
        await question.is_answered_with({"text": texts[question.city]})
