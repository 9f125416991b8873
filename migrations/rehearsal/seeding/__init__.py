"""Rows in every table of a database, through every type, default, enum value and constraint."""
