"""The Postgres from a Python package: starting it, supervising it, and cleaning up after it."""
