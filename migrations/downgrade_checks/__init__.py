"""Queries that run before a downgrade: what it would destroy, and which rows it would fail on."""
