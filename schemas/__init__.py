"""What a schema version is: its text, its model, its migrations, and the workspace folder in git."""
