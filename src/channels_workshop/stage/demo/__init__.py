"""A demo: a script whose steps are performed live, verified, shown on a stage, and can be repeated.

`script` says what is to happen, a `scene` performs it on real servers and tells `events`, `state` is
what they add up to, and a `theatre` decides who sees that when. Everything else looks on: the pages,
the rehearsal and the recording.
"""
