"""The faults, two files each: what happens (`NAME.py`) and what is said about it (`NAME.toml`).

A module has `play(scene)`, which brings the fault about, and `claims(seen)`: what the time line then has
to show, by name. `NEEDS` lists what it cannot do without.
"""
