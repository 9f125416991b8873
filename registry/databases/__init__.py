"""Registered databases: which there are, where each is, and migrations run on them from here."""
