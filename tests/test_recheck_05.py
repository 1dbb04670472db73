"""The overlay `further/recheck` of lesson 05: open connections are asked about again.

Over real servers, with the consumer of the lesson and with a synchronous one. No waits: whoever is
not welcome any more hears it from the server, and meanwhile whoever is welcome has been asked too.
"""

import pytest

from channels_workshop.chat_checks.accounts import (
    Accounts,
    Door,
    Sessions,
    Shown,
    bearer,
    creating,
    is_ended,
    making_inactive,
    name_of,
    revoking,
)
from channels_workshop.chat_checks.credentials import written
from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging.client import Client
from channels_workshop.judging.timeline import Timeline
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

# Left to .ci/run: real servers.
pytestmark = pytest.mark.slow

ROOM = "tea"

#: It sends from a thread, by `async_to_sync`, and counts nobody: for what is asked here that will do.
SYNCHRONOUS = '''\
"""The chat, with a synchronous consumer."""

from asgiref.sync import async_to_sync
from channels.generic.websocket import WebsocketConsumer

from .frames import message_frame, read_message
from .rooms import group_name


class ChatConsumer(WebsocketConsumer):
    def connect(self):
        self.group = group_name(self.scope["url_route"]["kwargs"]["room"])
        async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)
        self.accept()

    def disconnect(self, code):
        async_to_sync(self.channel_layer.group_discard)(self.group, self.channel_name)

    def receive(self, text_data=None, bytes_data=None):
        user = self.scope["user"].get_username()
        event = {"type": "chat.message", "message": read_message(text_data), "user": user}
        async_to_sync(self.channel_layer.group_send)(self.group, event)

    def chat_message(self, event):
        self.send(message_frame(event["message"], event["user"]))
'''


@pytest.fixture(params=["asynchronous", "synchronous"])
async def door(request, tmp_path):
    """The door of a server that asks again every few hundredths of a second."""
    lesson, project = find_lesson("05"), tmp_path / "project"
    write_project(lesson, project)
    lay_further(lesson, "recheck", project)
    if request.param == "synchronous":
        (project / "chat" / "consumers.py").write_text(SYNCHRONOUS, encoding="utf-8")
    with Supervisor() as supervisor:
        options = ServerOptions(migrate=True, environment={"REVOKE_WITHIN": "0.1"})
        server = supervisor.serve(project, tmp_path / "log", options)
        client = Client(server, Timeline())
        yield Door(client, Accounts(supervisor, project))
        await client.leave()
        printed = server.log_since(0)
        server.stop()
    assert "Traceback" not in printed


async def come_in(door, name, shown):
    connection = await door.connect(ROOM, shown)
    (await name_of(connection, f"here is {name}")).must_be(name)
    return connection


async def test_who_is_welcome_stays_while_others_go(door):
    accounts = door.accounts
    sessions = Sessions(door.visitor.server, accounts, "sue", "lou")
    sue, lou = await sessions.of("sue"), await sessions.of("lou")
    ticket = written("ticket={}", await door.ticket(ROOM, name="bob"))
    staying = [
        (
            "ann",
            await come_in(door, "ann", Shown("ann, by a token", bearer(accounts.token("ann")))),
        ),
        ("bob", await come_in(door, "bob", Shown("bob, by a ticket", query=ticket))),
        ("sue", await come_in(door, "sue", Shown("sue, logged in", sue.cookies))),
    ]

    async def goes(name, shown, command):
        connection = await come_in(door, name, shown)
        accounts.run([command])
        await is_ended(connection)
        # It came later than those who stay: they have been asked since then, and each time before.
        for who, other in staying:
            (await name_of(other, f"{who}, after {name}")).must_be(who)

    una, ida, tom, eva = accounts.new_tokens("una", "ida", "tom", "eva")
    await goes("una", Shown("una, by a token", bearer(una)), revoking("una"))
    await goes("ida", Shown("ida, by a token", bearer(ida)), making_inactive("ida"))
    for name, token, command in [
        ("tom", tom, revoking("tom")),
        ("eva", eva, making_inactive("eva")),
    ]:
        query = written("ticket={}", await door.ticket(ROOM, bearer(token)))
        await goes(name, Shown(f"{name}, by a ticket", query=query), command)
    await goes("lou", Shown("lou, logged in", lou.cookies), making_inactive("lou"))


async def test_a_token_that_expires_ends_what_it_has_opened(door):
    (token,) = door.accounts.run([creating("zoe", seconds=1)])
    connection = await door.connect(ROOM, Shown("zoe", bearer(token.strip())))
    await is_ended(connection)


async def test_a_token_of_another_is_no_reason_to_go(door):
    accounts = door.accounts
    accounts.run([creating("bob"), revoking("bob")])
    ticket = written("ticket={}", await door.ticket(ROOM, name="ann"))
    ann = await come_in(door, "ann", Shown("ann, by a ticket", query=ticket))
    (token,) = accounts.new_tokens("una")
    una = await come_in(door, "una", Shown("una", bearer(token)))
    accounts.run([revoking("una"), revoking("bob")])
    await is_ended(una)
    (await name_of(ann, "I am still here")).must_be("ann")
