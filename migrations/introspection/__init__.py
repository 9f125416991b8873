"""Reads a live database's tables and enums from ``pg_catalog``, and compares two databases."""
