"""Runs migrations: steps, back-fills, concurrent indexes, each with its journal row."""
