"""What is shown before a room: demos, a lab of faults, what passes through a running project."""
