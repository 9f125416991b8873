"""The Postgres that comes as a Python package: start it, watch it, leave nothing behind."""
