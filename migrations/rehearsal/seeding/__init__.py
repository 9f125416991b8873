"""Puts rows into every table of a database: every type, default and enum value, within the constraints."""
