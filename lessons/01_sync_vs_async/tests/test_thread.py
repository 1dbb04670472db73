"""Task `thread`: a library that can only block works in a thread, and the event loop goes on."""

from questions import is_about


async def test_comes_from_the_almanac(questions, some):
    question = questions.ask("/sunrise/", some.text())
    (call,) = await questions.calls(1)
    is_about(call, "sunrise", question.city)
    text = some.text()
    call.answer({"text": text})
    await question.is_answered_with({"text": text})


async def test_the_loop_goes_on(questions, some):
    question = questions.ask("/sunrise/", some.text())
    (call,) = await questions.calls(1)
    await questions.others_are_served()
    text = some.text()
    call.answer({"text": text})
    await question.is_answered_with({"text": text})


async def test_many_threads(questions, some):
    asked = [questions.ask("/sunrise/", some.text()) for _ in range(4)]
    texts = {question.city: some.text() for question in asked}
    for call in reversed(await questions.calls(4)):
        (city,) = call.query.get("city", [""])
        call.answer({"text": texts.get(city)})
    for question in asked:
        await question.is_answered_with({"text": texts[question.city]})
