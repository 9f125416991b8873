"""Checks before the first statement runs: rows that would be lost, privileges that are missing."""
