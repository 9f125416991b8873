"""Applies published migrations to a Postgres database, and keeps track of them there.

This package is carried by every migrations wheel. It needs psycopg 3 and the standard library, reads a
manifest of steps that were split and classified at publish, and contains no SQL parser.
"""
