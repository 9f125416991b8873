"""What the definition of an object says by itself: the columns that it reads, and the name that it gets."""
