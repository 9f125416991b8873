"""What a database keeps about its migrations: the tables, reading them, and writing them."""
