"""``partial_types.py`` of a version: classes of the Python client with some of a model's fields."""
