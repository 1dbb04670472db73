"""Marks a class: submissions, each judged in a sandbox, marks by a policy, and reports."""
