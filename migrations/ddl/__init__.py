"""The one reader of SQL statements: parsed with their places, and applied to a model of a database."""
