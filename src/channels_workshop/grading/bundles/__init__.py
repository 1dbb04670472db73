"""Graders for services that run them themselves: what is uploaded, and what runs there."""
