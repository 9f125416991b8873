"""What a schema version is: its text, its model, its migrations and the folder a team keeps it in."""
