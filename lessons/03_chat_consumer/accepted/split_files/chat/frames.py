"""Outgoing frames, as JSON text."""

import json


def said(message):
    """Return the frame that brings a message to a tab."""
    return json.dumps({"message": message})


def refusal(problem):
    """Return the error frame for a Problem."""
    return json.dumps({"type": "error", "code": problem.code, "detail": problem.value})
