"""The module ``tables.py``: the schema as SQLAlchemy's declarative models."""
