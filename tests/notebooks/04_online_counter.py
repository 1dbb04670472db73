# Claims of the notebook: each block holds after the cell that it names. Counts, not times.

# %% run-lost
assert (in_a_row.result, in_turns.result) == (2, 1)

# %% run-orders
assert len(orders) == 6
assert sum(run.result == 1 for run in orders) == 4
assert {run.order for run in orders if run.result == 2} == {
    ("ann", "ann", "bob", "bob"),
    ("bob", "bob", "ann", "ann"),
}

# %% run-more
# Two steps each: (2n)! / 2^n orders, n! of them right.
for count, right, all_orders in [(1, 1, 1), (2, 2, 6), (3, 6, 90), (4, 24, 2520)]:
    runs = every_order(everybody(count), shown)
    assert len(runs) == all_orders
    assert sum(run.result == count for run in runs) == right

# %% run-server
assert [count.people for tab in (ann, bob) for count in tab.counts] == [1, 1]

# %% run-page
assert len(pages) == 6
assert sum(run.result == 1 for run in pages) == 2
assert roster == {"ann", "bob"}

# %% run-numbered
assert len(numbered) == 6
assert all(run.result == 2 for run in numbered)

# %% run-enter
assert len(entered) == 2
assert all(run.result == 2 for run in entered)

# %% run-ghost
assert ghosts == {"closes": 2, "drops": 2, "crashes": 3}
assert "RuntimeError: a bug" in careless.log()

# %% fill-left
assert not check("04", __call__, left, disconnect, section="left").passed
assert check(
    "04",
    section="left",
    code="""
async def __call__(self, scope, receive, send):
    try:
        await super().__call__(scope, receive, send)
    finally:
        await self.left()


async def left(self):
    if self.group is None:
        return
    online = await presence.leave(self.group, self.channel_name, self.person)
    await self.channel_layer.group_discard(self.group, self.channel_name)
    await self.tell_room(online)
""",
).passed

# %% run-finally
assert none == {"closes": 2, "drops": 2, "crashes": 2}
assert "RuntimeError: a bug" in careful.log()

# %% run-number
assert [verb for verb, tab in number_search.shortest] == ["leave"]
two_tabs = [("join", "ann 1"), ("join", "ann 2")]
assert not like_the_model(Number)(two_tabs)
assert all(like_the_model(Number)([action]) for action in actions if action[0] == "join")

# %% run-people
assert len(people_search.shortest) == 2
assert not like_the_model(NamesOfPeople)([*two_tabs, ("leave", "ann 1")])
assert all(like_the_model(NamesOfPeople)([action]) for action in actions)
[(came, one), (went, other)] = people_search.shortest
assert (came, went) == ("join", "leave")
assert one != other
assert person_of(one) == person_of(other)
# Long ones first, then shorter ones.
failing = [len(story.actions) for story in people_search.told if not story.holds]
assert failing[0] > failing[-1] == 2

# %% run-roster
assert roster_search.shortest is None
assert len(roster_search.told) >= 100

# %% fill-online
assert not check("04", _count, section="online").passed
assert check(
    "04",
    section="online",
    code="""
def _count(group):
    tabs = _groups.get(group, set())
    people = {person for _tab, person in tabs}
    return Online(len(people), len(tabs), next(_changes))
""",
).passed

# %% count-frames
assert 13 * 25 <= sum(len(tab.counts) for tab in crowd) <= 25 * 25
for tab in crowd:
    people_shown = [count.people for count in tab.counts]
    assert people_shown == sorted(people_shown)
    assert people_shown[-1] == 25
