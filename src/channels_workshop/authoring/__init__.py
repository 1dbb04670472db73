"""For authors: proof that the checks of a lesson are right."""
