"""The SQL scripts of migrations: splitting them into steps, classifying statements, and linting."""
