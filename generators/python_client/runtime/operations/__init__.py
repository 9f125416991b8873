"""A client's operations, as generators: they yield statements, are sent results, and never wait."""
