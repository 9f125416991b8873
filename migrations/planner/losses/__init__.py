"""What scripts take away from rows that exist, and which of it the author has accepted."""
