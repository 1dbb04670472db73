"""Judging a target over the wire: a process, its events, and what checks are made of."""
