"""Rows to Python objects: which fields are read, into which classes, and the loops that fill them."""
