"""Interprets SQL statements: parses them with their positions, and applies them to a model of a database."""
