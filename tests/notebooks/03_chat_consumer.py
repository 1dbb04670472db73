# Claims of the notebook: each block holds after the cell that it names.

# %% open-one-tab
assert accepted

# %% run-bad-frame
await tab.send_to(text_data="hello")
answer = await tab.receive_json_from(timeout=10)
assert (answer["type"], answer["code"]) == ("error", "not_json")
await tab.send_json_to({"message": "still here"})
assert await tab.receive_json_from(timeout=10) == {"message": "still here"}

# %% run-groups
from chat.rooms import group_name

assert sorted(map(len, watch.layer.groups.values())) == [1, 2]
assert watch.layer.groups.keys() == {group_name("tea"), group_name("coffee")}
names = [channel for channels in watch.layer.groups.values() for channel in channels]
assert len(set(names)) == 3

# %% run-coming-in
# `draw` has begun anew, so two more come in.
watch.arrows.clear()
await open_tab(watch, "Carl", "milk")
assert [arrow.text for arrow in watch.arrows] == ["connect", "group_add", "accept"]
watch.arrows.clear()

# %% run-follow
watch.arrows.clear()
await bob.send_json_to({"message": "hi"})
for one in (ann, bob):
    assert await one.receive_json_from(timeout=10) == {"message": "hi"}
texts = [arrow.text for arrow in watch.arrows]
assert texts.count("group_send") == 1
assert texts.count("chat.message") == 2
assert texts[:2] == ['{"message": "hi"}', "group_send"]
watch.arrows.clear()

# %% fill-disconnect
assert not check("03", disconnect).passed
assert check(
    "03",
    section="disconnect",
    code="""
async def disconnect(self, code):
    if self.group is not None:
        await self.channel_layer.group_discard(self.group, self.channel_name)
""",
).passed

# %% run-typo
ends = [arrow.sender for arrow in watch.arrows if arrow.text == "ValueError"]
assert len(set(ends)) == 2
assert not any("group_discard" in arrow.text for arrow in watch.arrows)

# %% run-crash
import pytest

async with connect(address, origin=server.origin, proxy=None) as socket:
    await socket.send("hello")
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
assert closed.value.rcvd is None  # no close frame: a browser's 1006
assert "JSONDecodeError" in server.log()

# %% run-left-behind
assert len(watch.layer.groups[tea]) == 2
with pytest.raises(json.JSONDecodeError):
    json.loads("hello")

# %% run-mailbox
sizes = {watch.owner(channel): box.qsize() for channel, box in watch.layer.channels.items()}
assert sizes["Ann"] == 3
assert sizes.get("Bob", 0) == 0
assert not watch.arrows
assert (watch.layer.expiry, watch.layer.group_expiry) == (60, 86_400)
# A minute later: the first message has expired, and its mailbox is out of the group.
[dead] = [channel for channel in watch.layer.channels if watch.owner(channel) == "Ann"]
box = watch.layer.channels[dead]
messages = [box.get_nowait() for _ in range(3)]
for _, message in messages:
    box.put_nowait((0, message))
await bob.send_json_to({"message": "a minute later"})
await bob.receive_json_from(timeout=10)
assert dead not in watch.layer.groups[tea]
assert len(watch.layer.groups[tea]) == 1

# %% fill-receive
assert not check("03", receive).passed
assert check(
    "03",
    section="receive",
    code="""
async def receive(self, text_data=None, bytes_data=None):
    try:
        message = read_message(text_data)
    except BadFrame as error:
        await self.send(error_frame(error.code))
        return
    event = {"type": "chat.message", "message": message}
    await self.channel_layer.group_send(self.group, event)
""",
).passed
