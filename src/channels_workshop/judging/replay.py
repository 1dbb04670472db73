"""Lets what hypothesis generates depend on its seed alone.

By itself it mixes in the constants of all local modules that this process has imported by then. A
judging process takes one job after the other, of any lesson: the same seed would generate other
stories after other jobs.
"""

from hypothesis.internal.conjecture import providers


def depend_on_the_seed_alone() -> None:
    """Let whatever this process generates from now on be drawn without those constants.

    No setting does that: it replaces what is hypothesis' own, and a test notices if that goes.
    """
    providers._get_local_constants = providers.Constants  # it makes an empty one
