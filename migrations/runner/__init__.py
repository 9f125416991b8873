"""Applies published migrations to a Postgres database, and keeps track of them there.

Every migrations wheel contains this package. It needs psycopg 3 and the standard library, reads a manifest of
steps that were split and classified when the version was published, and contains no SQL parser.
"""
