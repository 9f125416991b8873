"""Compares a live database with what the rehearsal of its version recorded."""
