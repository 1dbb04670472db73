"""A clock ticks in the loop: what stops it, and what does not."""
# ruff: noqa: ASYNC251

# --8<-- [start:program]
import asyncio
import time


async def tick():
    while True:
        print("tick")
        await asyncio.sleep(0.2)


async def main():
    clock = asyncio.create_task(tick())

    print("--- asyncio.sleep: awaits")
    await asyncio.sleep(0.9)

    print("--- time.sleep: blocks")
    time.sleep(0.9)

    print("--- time.sleep in a thread")
    await asyncio.to_thread(time.sleep, 0.9)

    clock.cancel()


asyncio.run(main())
# --8<-- [end:program]
