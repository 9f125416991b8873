"""What a script makes of rows, statement by statement, and which rules they are under."""
