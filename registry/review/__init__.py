"""What a version changes, and what speaks against it: for people who decide on it, and who are told of it."""
