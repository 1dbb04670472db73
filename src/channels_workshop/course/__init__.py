"""What a lesson is: its description, sections, delta and mistakes."""
