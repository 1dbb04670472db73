"""A coroutine function is called, and nothing happens yet."""

# --8<-- [start:program]
import asyncio


async def boil():
    print("the kettle is on")
    return "hot water"


water = boil()
print("nothing has happened")
print(type(water))
print(asyncio.run(water))
# --8<-- [end:program]
