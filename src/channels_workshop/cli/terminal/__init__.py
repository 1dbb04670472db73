"""How things look in a terminal: colour and tables there, plain text anywhere else."""
