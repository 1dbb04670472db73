"""A task is under way on its own; it begins when its maker lets go."""

import asyncio


async def boil(name):
    print(name, "is on")
    await asyncio.sleep(0.5)
    print(name, "boils")


# --8<-- [start:program]
async def main():
    water = asyncio.create_task(boil("the kettle"))
    print("the cups are on the table")
    await asyncio.sleep(0.1)
    print("the tea is in the pot")
    await water


# --8<-- [end:program]
asyncio.run(main())
