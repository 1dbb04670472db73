"""Mutants: small changes to a lesson's reference, each of which the checks have to notice."""
