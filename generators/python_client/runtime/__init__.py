"""The engine of a generated client: arguments in, SQL and rows through psycopg, models out.

It is embedded in every client wheel as ``_runtime``: relative imports, psycopg and pydantic only, no state
outside the objects that a client creates. Its folders are layers, which import only those below them.
"""
