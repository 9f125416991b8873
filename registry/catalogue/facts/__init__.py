"""What is kept of published versions besides themselves: each in a table of its own."""
