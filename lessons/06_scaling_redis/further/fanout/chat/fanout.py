"""Fan-out: one subscription of this process to each room, and a plain loop over its sockets.

With a subscription for each client, the channel layer hands every event to every consumer: each of
them wakes up, decodes it, makes the frame and sends it. Here all but the sending is done once for
all the sockets that this process has in a room.

    fan_out = FanOut(frame_of)                  # coroutine function: room and event → text to send

    room = await fan_out.join(group, consumer)  # instead of group_add
    await consumer.accept()
    room.open_to(consumer)                      # frames can be sent only now
    await fan_out.leave(group, consumer)        # instead of group_discard

A consumer has `show(text)`, which sends a frame, `close(code)`, and `hang_up()`, which ends its
connection from outside.

One loop serves a whole room, so it waits for nobody: whoever does not take a frame at once is taken
aside, and catches up in a task of its own.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from weakref import WeakValueDictionary

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

#: How many frames wait for whoever was taken aside, before they are let go. They wait in memory,
#: though once for all who wait: it is the same text.
MOST_WAITING = 1000
#: Seconds after a farewell in which its consumer has to leave. Then the connection is ended.
PATIENCE = 1

INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013


class FanOut:
    """The rooms that somebody in this process is in.

    `frame_of(room, event)` is a coroutine function: it returns the text that an event is to be
    told with in a Room, or None where nothing is to be told.
    """

    def __init__(self, frame_of):
        self._frame_of = frame_of
        self._rooms = {}  # by group
        self._locks = WeakValueDictionary()  # by group: there while somebody holds or awaits it
        self._tasks = set()  # the event loop itself keeps none from being collected

    async def join(self, group, consumer):
        """Keep `consumer` a place in the Room of `group`, and return that: see `Room.open_to`."""
        # Without the lock two who are first at once would both subscribe, and hear all twice.
        async with self._lock(group):
            if group not in self._rooms:
                self._rooms[group] = await self._subscribe(group)
            self._rooms[group].members.add(consumer)
            return self._rooms[group]

    async def leave(self, group, consumer):
        """Send `consumer` nothing more. A second time changes nothing."""
        if group in self._rooms:
            self._rooms[group].forget(consumer)  # first what cannot fail
        async with self._lock(group):
            # While we waited, somebody may have joined, or have left after us.
            if group in self._rooms and not self._rooms[group].members:
                await self._unsubscribe(self._rooms.pop(group))

    def _lock(self, group):
        return self._locks.setdefault(group, asyncio.Lock())

    # ---- One room.

    async def _subscribe(self, group):
        layer = get_channel_layer()
        room = Room(group, await layer.new_channel())
        room.tasks = [
            asyncio.create_task(self._listen(room)),
            asyncio.create_task(self._speak(room)),
        ]
        try:
            await layer.group_add(group, room.channel)
        except BaseException:
            room.end()
            raise
        return room

    async def _unsubscribe(self, room):
        room.end()
        await get_channel_layer().group_discard(room.group, room.channel)

    async def _listen(self, room):
        # It waits in `receive` and nowhere else: the layer forgets a channel when that is cancelled.
        layer = get_channel_layer()
        while True:
            room.events.put_nowait(await layer.receive(room.channel))

    async def _speak(self, room):
        while True:
            event = await room.events.get()
            try:
                text = await self._frame_of(room, event)
            except Exception:
                # What ends a single consumer ends all of them here: they come in anew.
                logger.exception("Nothing could be made of an event: all sockets are closed")
                for consumer in (*room.listeners, *room.behind):
                    self._let_go(room, consumer, INTERNAL_ERROR)
            else:
                if text is not None:
                    await self._send_to_all(room, text)

    async def _send_to_all(self, room, text):
        for consumer, backlog in tuple(room.behind.items()):
            backlog.append(text)
            if len(backlog) > MOST_WAITING:
                self._let_go(room, consumer, TRY_AGAIN_LATER)
        waiting = list(room.listeners)
        while waiting:
            try:
                # A socket whose buffer is full would wait here. uvicorn waits before it writes:
                # a frame whose sending was broken off has not been sent.
                async with asyncio.timeout(0):
                    while waiting:
                        consumer = waiting.pop()
                        await consumer.show(text)
            except TimeoutError:
                room.listeners.discard(consumer)
                room.behind[consumer] = deque([text])
                self._start(self._catch_up(room, consumer))
            except Exception:  # it is gone, or as good as gone
                self._let_go(room, consumer, INTERNAL_ERROR)

    async def _catch_up(self, room, consumer):
        backlog = room.behind[consumer]
        try:
            while backlog and consumer in room.behind:
                await consumer.show(backlog[0])
                backlog.popleft()
        except Exception:
            self._let_go(room, consumer, TRY_AGAIN_LATER)
        if room.behind.pop(consumer, None) is not None:
            room.listeners.add(consumer)

    def _let_go(self, room, consumer, code):
        room.listeners.discard(consumer)
        # Emptied too: whoever was to catch up with it may hang for as long as the socket does.
        room.behind.pop(consumer, deque()).clear()
        self._start(self._say_goodbye(room, consumer, code))

    async def _say_goodbye(self, room, consumer, code):
        with suppress(Exception):
            async with asyncio.timeout(PATIENCE):
                await consumer.close(code)
        await asyncio.sleep(PATIENCE)
        # Whoever reads nothing reads no farewell either, though somebody may have taken it for them.
        if consumer in room.members:
            consumer.hang_up()

    def _start(self, coroutine):
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Room:
    """What this process has of a room: a channel, what has come over it, and who is here.

    `shown` is for those who make the frames: what they want to remember from one to the next.
    """

    shown = None

    def __init__(self, group, channel):
        self.group = group
        self.channel = channel
        self.events = asyncio.Queue()
        self.members = set()  # consumers: while there is one, the room is subscribed to
        self.listeners = set()  # those of them whose sockets take frames
        self.behind = {}  # those who were taken aside: the frames that wait for each
        self.tasks = []

    def open_to(self, consumer):
        """From now on send `consumer` whatever happens here. Its handshake has to be over."""
        self.listeners.add(consumer)

    def forget(self, consumer):
        """Send `consumer` nothing more, and keep it no place."""
        self.members.discard(consumer)
        self.listeners.discard(consumer)
        self.behind.pop(consumer, None)

    def end(self):
        """Stop listening and speaking."""
        for task in self.tasks:
            task.cancel()
