"""Task `receive`: a bad frame is answered to its sender, and the connection stays usable."""

from channels_workshop.judging.mismatch import given

LIMIT = 64 * 1024


async def _answers_with(chat, some, frames, code):
    """Each of `frames` is answered with `code`, the first once more: the connection lives on."""
    ann = await chat.join(some.name(), "ann")
    for frame in [*frames, frames[0]]:
        with given(frame):
            await ann.send(frame)
            await ann.gets_error(code)


async def test_binary(chat, some):
    await _answers_with(chat, some, [b"\x00\x01\xff", b'{"message": "hi"}', b""], "not_text")


async def test_broken_json(chat, some):
    await _answers_with(chat, some, ["{", "hello", "", "{'message': 'hi'}"], "not_json")


async def test_not_an_object(chat, some):
    await _answers_with(chat, some, ["[]", '["message"]', "7", "null", '"message"'], "not_object")


async def test_no_message(chat, some):
    await _answers_with(chat, some, ["{}", '{"text": "hi"}', '{"Message": "hi"}'], "no_message")


async def test_not_a_string(chat, some):
    frames = [f'{{"message": {value}}}' for value in ("7", "null", "true", '{"a": 1}', '["hi"]')]
    await _answers_with(chat, some, frames, "not_string")


async def test_empty(chat, some):
    await _answers_with(chat, some, ['{"message": ""}', '{"message": " \\n\\t "}'], "empty")


async def test_too_large(chat, some):
    # The second has few characters and many bytes.
    frames = [
        f'{{"message": "{letter * count}"}}' for letter, count in (("a", LIMIT), ("ж", 40_000))
    ]
    exactly_one_over = '{"message": "' + "a" * (LIMIT - 14) + '"}'
    assert len(exactly_one_over) == LIMIT + 1
    not_even_json = "a" * (LIMIT + 1)  # the size is looked at before the content
    await _answers_with(chat, some, [*frames, exactly_one_over, not_even_json], "too_large")


async def test_errors_stay_private(chat, some):
    room = some.name()
    ann, bob = await chat.join(room, "ann"), await chat.join(room, "bob")
    # Once a frame of his is answered, bob is in the room for certain.
    await bob.send("{")
    await bob.gets_error("not_json")
    await ann.send("{")
    await ann.gets_error("not_json")
    # Had the error gone to the room, it would reach bob before the answer to his own frame.
    await bob.send(b"\x00")
    await bob.gets_error("not_text")
