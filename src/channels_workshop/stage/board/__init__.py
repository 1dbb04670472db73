"""The class board: the room at a glance for whoever teaches; learners choose to be on it."""
