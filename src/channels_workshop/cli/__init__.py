"""The command line: a module for each verb, named like it, and `terminal`, what they print."""

from .command_line import main

__all__ = ["main"]
