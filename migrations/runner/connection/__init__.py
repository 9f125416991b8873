"""Connections to the database that is migrated: opened, locked, watched, and with every setting pinned."""
