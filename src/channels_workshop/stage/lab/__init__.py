"""The lab: one fault at a time in a real set of processes; predict, watch, understand."""
