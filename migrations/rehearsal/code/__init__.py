"""Functions and triggers whose text a migration has not changed along with what it names."""
