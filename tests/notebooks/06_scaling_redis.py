# Claims of the notebook: each block holds after the cell that it names. Ratios and counts, not times.

# %% run-memory
assert ann_heard["message"] == "hello"
assert eve_heard["message"] == "anybody here?"
assert "Error" not in first.log() + second.log()

# %% fill-layer
assert not check("06", section="layer", code=layer, only=["texts"]).passed
solution = """
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    },
}
"""
assert check("06", section="layer", code=solution, only=["texts"]).passed

# %% run-publish
assert len(published) == 1
assert subscribers == 2

# %% run-kept
assert len(keys) == 1
assert keys[0].startswith("presence.")

# %% roster
assert await redis.type(roster) == "zset"
assert await redis.zcard(roster) == 4

# %% run-rollback
assert not any("PUBLISH" in command for command in dry_run)
assert sum(command.startswith("PUBLISH") for command in committed) == 1
assert announcement == {"type": "announcement", "text": "The kettle is on."}
while (heard := await ann.heard()) != announcement:
    assert heard["message"].startswith("message ")

# %% fill-announce
assert not check("06", announce, only=["taken_back"]).passed
solution = """
def announce(room, text):
    def tell():
        event = {"type": "chat.announcement", "text": text}
        async_to_sync(get_channel_layer().group_send)(group_name(room), event)

    Announcement.objects.create(room=room, text=text)
    transaction.on_commit(tell, robust=True)
"""
assert check("06", section="announce", code=solution, only=["taken_back"]).passed

# %% run-killed
assert [count for _at, count in shown] == [1, 2, 1]
assert len(left_behind) == 2
assert shown[-1][0] > killed_at

# %% run-integer
assert integer[0]["seats"] == {1: "ann", 2: "eve"}
assert integer[1].startswith("receive: ")

# %% run-datetime
assert moment[0]["at"] == datetime(2030, 1, 1, 12, 0)
assert moment[1].startswith("group_send: TypeError")

# %% run-half
assert half[0]["message"] == "\ud83d"
assert half[1].startswith("group_send: UnicodeEncodeError")

# %% run-load
assert all(one.lost == 0 for carried in results.values() for one in carried)
best = {name: max(one.deliveries_a_second for one in carried) for name, carried in results.items()}
assert best["websockets"] > 1.3 * best["pub/sub"]
