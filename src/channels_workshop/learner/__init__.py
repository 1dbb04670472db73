"""The learner's room: workspace, progress, hints, answers, checking and watching."""
