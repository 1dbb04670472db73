"""What the checks of lessons 03 to 06 share: people who talk, a counter, accounts.

Only lessons import it.
"""
