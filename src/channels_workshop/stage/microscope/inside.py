"""What runs inside a watched server: an ASGI middleware, and what is put around its channel layers.

It imports nothing of ours, and never breaks what it watches. Events wait as bytes, which a thread
sends; where nobody takes them, they are dropped, and how many is told later on.
"""

import itertools
import os
import socket
import sys
import threading
import time
import traceback
from contextvars import ContextVar
from functools import wraps
from multiprocessing.util import Finalize

import msgspec

#: In the server's environment: port, secret and name. Nothing of the project sees it.
VARIABLE = "WORKSHOP_WATCHED"

#: Characters of a frame or a message that are kept, and of a traceback, of which the end matters.
KEPT, KEPT_OF_TRACEBACK = 2_000, 8_000
#: Bytes of events that wait to be sent. Whatever comes while there are more is dropped.
WAITING = 2_000_000
#: Seconds in which what comes is sent together: usually, and while so many bytes come that it is busy.
#: Each sending makes the threads of the project change places.
_PAUSE, _LONG_PAUSE, _BUSY = 0.02, 0.1, 10_000
#: Seconds to connect, or to say goodbye.
_LIMIT = 1.0

# Taken here, since a project may be given another clock.
_now, _sleep = time.monotonic_ns, time.sleep

#: The number of the connection that is at work in this task; 0 where none is.
_at_work: ContextVar[int] = ContextVar("connection", default=0)
#: Whether a message to a group is just being handed to its members, one by one.
_is_telling: ContextVar[bool] = ContextVar("is_telling", default=False)


def in_front(application):
    """Return `application`, watched; unchanged where nobody watches."""
    try:
        port, secret, name = os.environ.pop(VARIABLE, "").split(" ", 2)
        wire = _Wire(int(port), secret, name)
    except (OSError, ValueError):
        return application
    _watch_layers(wire)
    _watch_views(wire)
    return _watched(application, wire)


class _Wire:
    """The way out: bytes that wait, and a thread that sends them."""

    def __init__(self, port, secret, name):
        # Encoded at once: that costs less than to keep objects, and to let go of them in another thread.
        self._told = bytearray()
        self._room = WAITING
        self._dropped = 0
        self._sending = threading.RLock()
        self._encode = msgspec.msgpack.Encoder(enc_hook=repr).encode
        self._socket = socket.create_connection(("127.0.0.1", port), _LIMIT)
        self._socket.sendall(f"{secret} {name}\n".encode())
        self._socket.settimeout(None)
        self.is_open = True
        self.note("starts", 0)
        threading.Thread(target=self._send_on, daemon=True).start()
        # A child of `multiprocessing` ends without `atexit`.
        Finalize(None, self._say_goodbye, exitpriority=10)
        if hasattr(os, "register_at_fork"):  # what the project forks is without the thread
            os.register_at_fork(after_in_child=self._close)

    def note(self, what, connection, where="", text="", code=0, keep_end=False):
        """Let an event wait to be sent: see `events.Event`."""
        cut = 0
        if len(text) > KEPT:
            text, cut = _shortened(text, keep_end)
        self.put(_now(), what, connection, where, text, cut, code)

    def put(self, *noted):
        """Let the first fields of an `events.Noted` wait, at least up to its text.

        To make one of them would only take time.
        """
        if len(self._told) > self._room:
            self._dropped += 1
            return
        try:
            self._told += self._encode(noted)
        except ValueError:  # half of a surrogate pair, which UTF-8 cannot say
            at, what, connection, where, text, *others = noted
            where, text = _escaped(where), _escaped(text)
            self._told += self._encode([at, what, connection, where, text, *others])

    def _send_on(self):
        while self.is_open:
            _sleep(_LONG_PAUSE if self._send() > _BUSY else _PAUSE)

    def _send(self):
        """Send what waits; return how many bytes that were."""
        with self._sending:
            told = bytes(self._told)
            del self._told[: len(told)]
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                told += self._encode([_now(), "dropped", 0, "", "", 0, dropped])
            try:
                self._socket.sendall(told)
            except OSError:  # nobody watches any more
                self._close()
            return len(told)

    def _close(self):
        self.is_open, self._room = False, -1
        self._told.clear()

    def _say_goodbye(self):
        # Whoever watches may have stopped to read, which holds up the thread for ever.
        if self.is_open and self._sending.acquire(timeout=_LIMIT):
            self._socket.settimeout(_LIMIT)
            self._send()


def _shortened(text, keep_end):
    """Return what is kept of a text, and how many characters that leaves out."""
    most = KEPT_OF_TRACEBACK if keep_end else KEPT
    kept = text[-most:] if keep_end else text[:most]
    return kept, len(text) - len(kept)


def _escaped(text):
    return text.encode(errors="backslashreplace").decode()


def _watched(application, wire):
    """Return the middleware around `application`."""
    numbers = itertools.count(1)
    note, put = wire.note, wire.put

    async def watched(scope, receive, send):
        kind = scope["type"]
        if kind not in ("websocket", "http") or not wire.is_open:
            await application(scope, receive, send)
            return
        connection = next(numbers)
        token = _at_work.set(connection)
        note("connects" if kind == "websocket" else "asks", connection, *_heading(scope))

        async def receive_noted():
            event = await receive()
            kind = event["type"]
            if kind == "websocket.receive":
                note("receives", connection, *_frame(event))
            elif kind == "websocket.disconnect":
                note("closed", connection, code=_code(event.get("code")))
            return event

        async def send_noted(event):
            kind = event.get("type")
            if kind == "websocket.send":
                text = event.get("text")
                if type(text) is str and len(text) <= KEPT:  # nearly always: in the shortest way
                    put(_now(), "sends", connection, "", text)
                else:
                    note("sends", connection, *_frame(event))
            elif kind == "websocket.accept":
                note("accepts", connection, text=str(event.get("subprotocol") or ""))
            elif kind == "websocket.close":
                note("closes", connection, code=_code(event.get("code")))
            elif kind in ("http.response.start", "websocket.http.response.start"):
                note("answers", connection, code=_code(event.get("status")))
            try:
                await send(event)
            except OSError:
                note("lost", connection)
                raise

        try:
            await application(scope, receive_noted, send_noted)
        except Exception as error:
            note("raises", connection, *_trouble(error), keep_end=True)
            raise
        finally:
            note("ends", connection)
            _at_work.reset(token)

    return watched


def _watch_views(wire):
    """Note what views raise: Django itself makes an answer of that."""
    from django.core.signals import got_request_exception

    def note(**_given):
        error = sys.exc_info()[1]
        if error:
            wire.note("raises", _at_work.get(), *_trouble(error), keep_end=True)

    got_request_exception.connect(note, weak=False)


def _watch_layers(wire):
    """Put something around the channel layers that are there, and those that are made later."""
    try:
        from channels.layers import channel_layers
    except ImportError:  # a project without Channels
        return
    make = channel_layers.make_backend

    def make_watched(name):
        return _watch_layer(make(name), wire)

    channel_layers.make_backend = make_watched
    for layer in channel_layers.backends.values():
        _watch_layer(layer, wire)


def _watch_layer(layer, wire):
    """Return `layer`, whose calls are noted from now on."""
    try:
        layer.group_add = _noted(layer.group_add, "joins", wire)
        layer.group_discard = _noted(layer.group_discard, "leaves", wire)
        layer.group_send = _noted(layer.group_send, "tells", wire)
        layer.send = _noted(layer.send, "mails", wire)
        layer.receive = _noted_receive(layer.receive, wire)
    except AttributeError:  # one of another make: it is left alone
        pass
    return layer


def _noted(call, what, wire):
    is_send, tells = what in ("tells", "mails"), what == "tells"

    @wraps(call)
    async def noted(*given, **named):
        connection = _at_work.get()
        # By position or by name: a group or a channel, then a channel or a message.
        to, message, *_others = [*given, *named.values(), "", ""]
        # Some layers hand a group's message to one member after the other. That is no news.
        is_part = what == "mails" and _is_telling.get()
        if not is_part:
            wire.note(what, connection, str(to), _as_text(message) if is_send else "")
        token = _is_telling.set(True) if tells else None
        try:
            return await call(*given, **named)
        except Exception as error:
            wire.note("fails", connection, str(to), f"{type(error).__name__}: {error}")
            raise
        finally:
            if token:
                _is_telling.reset(token)

    return noted


def _noted_receive(receive, wire):
    @wraps(receive)
    async def noted(channel):
        message = await receive(channel)
        wire.note("gets", _at_work.get(), str(channel), _as_text(message))
        return message

    return noted


def _heading(scope):
    """Return what is asked for, without what may be secret, and the page that asks for it."""
    path = scope.get("path", "")
    names = [
        part.partition(b"=")[0].decode("utf-8", "replace") + "=…"
        for part in scope.get("query_string", b"").split(b"&")
        if part
    ]
    query = "?" + "&".join(names) if names else ""
    origin = next((value for name, value in scope.get("headers", ()) if name == b"origin"), b"")
    method = scope.get("method", "")
    return f"{method} {path}{query}".lstrip(), origin.decode("latin-1")


def _frame(event):
    """Return "bytes" and the hexadecimal digits of a binary frame, nothing and the text of another."""
    text = event.get("text")
    if text is not None:
        return "", text if isinstance(text, str) else repr(text)
    content = event.get("bytes") or b""
    return "bytes", bytes(content[:KEPT]).hex(" ")


def _code(code):
    """Return a code of a close or an answer, 0 for what cannot be one."""
    return code if type(code) is int and 0 <= code < 2**16 else 0


def _as_text(message):
    """Return a message of the layer as JSON, else as Python shows it."""
    try:
        return msgspec.json.encode(message).decode()
    except Exception:  # whatever is in there is the project's business
        try:
            return repr(message)
        except Exception:
            return type(message).__name__


def _trouble(error):
    """Return the kind of an exception, and its traceback."""
    try:
        return type(error).__name__, "".join(traceback.format_exception(error))
    except Exception:  # one that cannot even be shown
        return type(error).__name__, ""
