"""What is done to versions after their release, and looking at releases and databases."""
