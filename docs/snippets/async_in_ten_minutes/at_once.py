"""Two kettles at the same time, in one thread."""

import asyncio


async def boil(name):
    print(name, "is on")
    await asyncio.sleep(0.5)
    print(name, "boils")


# --8<-- [start:program]
async def main():
    await asyncio.gather(
        boil("the blue kettle"),
        boil("the red kettle"),
    )


# --8<-- [end:program]
asyncio.run(main())
