from echo import echoes

POEM = "\n".join(["Roses are red,", "", "  violets are blue.", ""])


async def test_echoes_a_poem(visitor):
    await echoes(visitor, [POEM])
