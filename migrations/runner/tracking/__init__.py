"""The tracking tables in which a database records its migrations: creating, reading and writing them."""
