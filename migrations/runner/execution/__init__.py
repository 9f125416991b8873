"""Runs migrations: steps, backfills, concurrent indexes, each with its journal row."""
