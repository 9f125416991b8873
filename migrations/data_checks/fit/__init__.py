"""Whether the rows that are there, and the names in use, fit what a script demands of them."""
