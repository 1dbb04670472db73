"""Task `not_found`: a path that leads nowhere is answered, and the echo is where it was."""

from echo import closes, compare_with_reference, echoes

NOT_FOUND = 4404


async def test_unknown_path(visitor):
    for path in ["/ws/nowhere/", "/ws/echo/more/", "/more/ws/echo/", "/ws/echo", "/", "/чай/"]:
        await closes(visitor, path, NOT_FOUND)


async def test_echo_is_still_there(visitor, some):
    await echoes(visitor, [some.text()])


def test_like_the_reference(servers, evidence):
    target, reference = servers.plain(), servers.reference()
    compare_with_reference(target, reference, servers.seed, evidence.timeline, servers.patience)
