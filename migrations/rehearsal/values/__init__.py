"""Whether every value of every row is what it was, and which differences a migration has permission for."""
