"""Ends this process when the process that started it is gone, however that one ended."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Watch over the parent of a multiprocessing child, from a thread of its own."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
