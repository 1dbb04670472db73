"""Task `receive`: a bad frame is answered to its sender, and the connection stays usable."""

from channels_workshop.chat_checks.promises import answers_bad_frames, errors_are_private


async def test_binary(join, some):
    await answers_bad_frames(join, some, "not_text")


async def test_too_large(join, some):
    await answers_bad_frames(join, some, "too_large")


async def test_broken_json(join, some):
    await answers_bad_frames(join, some, "not_json")


async def test_not_an_object(join, some):
    await answers_bad_frames(join, some, "not_object")


async def test_no_message(join, some):
    await answers_bad_frames(join, some, "no_message")


async def test_not_a_string(join, some):
    await answers_bad_frames(join, some, "not_string")


async def test_empty(join, some):
    await answers_bad_frames(join, some, "empty")


async def test_errors_stay_private(join, some):
    await errors_are_private(join, some)
