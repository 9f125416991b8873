"""The module ``types.py``: the types of what queries are given."""
