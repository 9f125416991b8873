"""Queries on the data before a downgrade: what it would destroy, and which rows it would fail on."""
