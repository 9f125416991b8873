"""Queries on the data before a run: what it would destroy, and which rows it would fail on."""
