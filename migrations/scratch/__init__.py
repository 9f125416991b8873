"""Scratch servers and databases: the embedded Postgres, or one that the settings name."""
