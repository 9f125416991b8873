"""Scratch servers and databases: on the embedded Postgres, or on the server in the settings."""
