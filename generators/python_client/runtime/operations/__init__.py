"""What a client does, as generators: they yield statements, are sent results, and never wait."""
