"""Two kettles, one after the other."""

# --8<-- [start:program]
import asyncio


async def boil(name):
    print(name, "is on")
    await asyncio.sleep(0.5)
    print(name, "boils")


async def main():
    await boil("the blue kettle")
    await boil("the red kettle")


asyncio.run(main())
# --8<-- [end:program]
