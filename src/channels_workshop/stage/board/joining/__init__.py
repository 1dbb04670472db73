"""A learner's side of the class board: where it is, what is to be told, and the connection to it."""
