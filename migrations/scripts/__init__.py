"""The SQL scripts of migrations: split into steps, classified, linted and reviewed."""
