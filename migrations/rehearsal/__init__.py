"""Runs every migration up and down on a scratch Postgres, with rows in its tables, before it is published."""
