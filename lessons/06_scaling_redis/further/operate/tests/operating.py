"""What the checks of this overlay speak in: metrics, and people who read nothing."""

import asyncio
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from channels_workshop import language
from channels_workshop.chat_checks.chat import is_closed_with
from channels_workshop.course.lesson import Lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.mismatch import Mismatch, agreed
from many_processes import Process, Resident

TRY_AGAIN_LATER = 1013
CONNECTIONS, JOINS = "chat_connections", "chat_joins_total"
MESSAGES, DROPS = "chat_messages_total", "chat_drops_total"
#: Each metric, and the sentence of the agreement that says what it counts.
METRICS = {JOINS: "H5", MESSAGES: "H6", DROPS: "H7", CONNECTIONS: "H4"}
#: Characters of a long message, and how many are said before anybody waits for them.
_LONG, _TOGETHER = 60_000, 8


async def is_told_to_come_later(process: Process, room: str, user: str) -> None:
    """Raise Mismatch unless `user` is let in, gets `unavailable`, and is closed with 1013."""
    newcomer = await process.join(room, user)
    await newcomer.gets_error("unavailable")
    await is_closed_with(newcomer.connection, TRY_AGAIN_LATER)


async def read_metrics(client: Client, lesson: Lesson) -> dict[str, float]:
    """Return the four metrics of a process. Raises Mismatch where one cannot be read."""
    response = await client.get("/metrics")
    found: dict[str, list[float]] = {name: [] for name in METRICS}
    try:
        for family in text_string_to_metric_families(response.text):
            for sample in family.samples:
                if sample.name in found and not sample.labels:
                    found[sample.name].append(sample.value)
    except ValueError:  # not metrics at all: an error page, say
        pass
    missing = [name for name, samples in found.items() if len(samples) != 1]
    if response.status_code != 200 or missing:
        expected = lesson.message("metrics", status=200, names=", ".join(METRICS))
        there = ", ".join(name for name in METRICS if name not in missing)
        with agreed("H3"):
            raise Mismatch(
                expected,
                lesson.message("metrics", status=response.status_code, names=there or "—"),
            )
    return {name: samples[0] for name, samples in found.items()}


async def change(client: Client, lesson: Lesson, before: Mapping[str, float], **by: float) -> None:
    """Wait until metrics have changed by just so much since `before`, and the others not at all.

    Raises Mismatch if that does not come while patience lasts. A goodbye takes its time, so this
    asks again; how often it asks has no say in the verdict.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + client.patience.seconds
    wanted = {name: by.get(name, 0) for name in METRICS}
    while True:
        now = await read_metrics(client, lesson)
        changed = {name: now[name] - before[name] for name in METRICS}
        if changed == wanted:
            return
        if loop.time() > deadline:
            break
        await asyncio.sleep(0.02)
    client.patience.ran_out()
    name = next(name for name in METRICS if changed[name] != wanted[name])
    with agreed(METRICS[name]):
        raise Mismatch(_grew(lesson, name, wanted[name]), _grew(lesson, name, changed[name]))


def _grew(lesson: Lesson, name: str, by: float) -> language.Message:
    return lesson.message("metric_grew", name=name, by=f"{by:+g}")


def long_texts(characters: int, word: str) -> list[str]:
    """Return long messages, no two alike, with about so many characters in all."""
    return [f"{word} {n} ".ljust(_LONG, "x") for n in range(characters // _LONG)]


async def says_all(person: Resident, texts: list[str]) -> None:
    """Have somebody say all of it, and hear it, in this order."""
    for start in range(0, len(texts), _TOGETHER):
        some = texts[start : start + _TOGETHER]
        for text in some:
            await person.say(text)
        for text in some:
            await person.hears(text)
