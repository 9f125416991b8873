"""What scripts remove from existing rows, and which of it the author has accepted."""
